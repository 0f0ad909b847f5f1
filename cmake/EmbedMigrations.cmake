# Writes OUTPUT: a C++ source that holds FILES (db/migrations/NNNN_name.sql, `;`-separated, in order) as
# identity::KnownMigrations().
set(entries "")
set(version 0)
foreach(file IN LISTS FILES)
  math(EXPR version "${version} + 1")
  get_filename_component(name ${file} NAME_WE)
  if(NOT name MATCHES "^0*${version}_")
    message(FATAL_ERROR "${name}.sql: the next migration is number ${version}")
  endif()
  file(READ ${file} sql)
  string(APPEND entries "    {${version}, \"${name}\", R\"sql_text(${sql})sql_text\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"db/migrations.h\"\n\nnamespace identity {\n\nabsl::Span<const Migration> KnownMigrations() {\n"
  "  static constexpr Migration kMigrations[] = {\n${entries}  };\n  return kMigrations;\n}\n\n}  // namespace identity\n")
