# Writes OUTPUT: a C++ source that holds FILES (server/mail/templates/<kind>.txt, `;`-separated) as
# identity::BuiltInMailTemplate().
set(entries "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND entries "  if (name == \"${name}\") return R\"mail_text(${text})mail_text\";\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"server/mail/templates.h\"\n\nnamespace identity {\n\n"
  "absl::string_view BuiltInMailTemplate(absl::string_view name) {\n${entries}  return \"\";\n}\n\n}  // namespace identity\n")
