set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(IDENTITY_SANITIZE "" CACHE STRING
    "Sanitizers to build with: `address,undefined`, `thread`, or with Clang `fuzzer-no-link,address,undefined`")

# ccache makes it free to compile the same code again, also in another clone or build directory. It caches precompiled
# headers only with these kinds of sloppiness.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
      CCACHE_NOHASHDIR=true ${CCACHE})
endif()
# Where lld is installed, use it: it links several times faster than ld.
find_program(LLD ld.lld)
if(LLD)
  add_link_options(-fuse-ld=lld)
endif()

if(IDENTITY_SANITIZE)
  add_compile_options(-fsanitize=${IDENTITY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${IDENTITY_SANITIZE})
endif()

# Most of the time of a build goes into headers. So presets that are rarely built again after an edit compile several
# sources of a folder as one. No two of them may define the same name. A source then also sees what the others include, so
# these presets cannot show a missing include. tests/layers/check_declared.py finds those of our own headers.
if(IDENTITY_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 16)
  # CMake names these sources by absolute paths, which __FILE__ would repeat. Then ccache would not know them in another
  # clone.
  add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
  # A source that is included looks like a header to GCC, whose unnamed namespace would be a fault.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()

# ThreadSanitizer would report false races in gRPC. Debian builds gRPC without it, and gRPC hands work between threads
# in ways that it cannot see. So a thread-sanitizer build leaves out all targets that use gRPC.
set(IDENTITY_WITH_GRPC ON)
if(IDENTITY_SANITIZE STREQUAL "thread")
  set(IDENTITY_WITH_GRPC OFF)
  # It does not know fences, either. The fence in the view causes no report, since locks order the same reads anyway.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
endif()

# GCC 12 warns about an overlap in std::string that does not exist (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)
endif()

# The options for our own code, but not for generated code.
add_library(identity_options INTERFACE)
target_include_directories(identity_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(identity_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror -fstack-protector-strong
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety;-Wreserved-identifier;-Wreserved-macro-identifier>
  $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)

# Adds one of our libraries: one per folder, with every source listed.
function(identity_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PRIVATE identity_options)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# Adds a test that runs in a session of its own and ends with ctest. Linux shares the processors between sessions first. In
# one session with the other tests, the lowest-priority threads that hash passwords would wait until no test has work.
function(identity_add_test name)
  add_test(NAME ${name} COMMAND setpriv --pdeathsig KILL -- setsid ${ARGN})
endfunction()

# Sets the properties that all tests share. The arguments after NAME are labels, first the group of the test (unit, db,
# api, e2e, fault, interop, client, observability, cluster).
function(identity_test_properties name)
  set_tests_properties(${name} PROPERTIES LABELS "${ARGN}" TIMEOUT 1200
    ENVIRONMENT LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/leaks.txt:print_suppressions=0)
endfunction()

# A GoogleTest program, which CTest runs as one test. The tests of a suite stay together, because what the suite sets up (a
# PostgreSQL, servers, a story of calls) costs more than most of its tests.
function(identity_test name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE identity_options ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  # Tests use a pointer in almost every expression. To check each would cost a third of the compile time of tests, and a
  # null pointer ends them anyway. The code under test has the checks.
  if(IDENTITY_SANITIZE MATCHES "undefined")
    target_compile_options(${name} PRIVATE -fno-sanitize=null,alignment,vptr)
  endif()
  if(IDENTITY_SANITIZE STREQUAL "thread")
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/tsan/mutex.cc)
    target_link_libraries(${name} PRIVATE absl::synchronization ${CMAKE_DL_LIBS})
  endif()
  identity_add_test(${name} $<TARGET_FILE:${name}>)
  identity_test_properties(${name} ${arg_LABEL} googletest)
endfunction()

# A test that is a Python program. Debian's own Python runs it, because another Python on PATH may lack the libraries.
function(identity_python_test name)
  cmake_parse_arguments(arg "" "LABEL" "COMMAND" ${ARGN})
  identity_add_test(${name} /usr/bin/python3 -B ${arg_COMMAND})
  identity_test_properties(${name} ${arg_LABEL})
  set_property(TEST ${name}
    PROPERTY ENVIRONMENT_MODIFICATION PYTHONPATH=set:${PROJECT_SOURCE_DIR}/tests/support/python/debian)
endfunction()
