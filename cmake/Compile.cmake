set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(IDENTITY_SANITIZE "" CACHE STRING "Sanitizers to build with, as `address,undefined` or `thread`")

# Compiling again what was compiled before costs nothing, in another clone or build directory too. ccache caches
# precompiled headers only with these kinds of sloppiness.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
      CCACHE_NOHASHDIR=true ${CCACHE})
endif()
# Links several times faster than ld, where it is there.
find_program(LLD ld.lld)
if(LLD)
  add_link_options(-fuse-ld=lld)
endif()

if(IDENTITY_SANITIZE)
  add_compile_options(-fsanitize=${IDENTITY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${IDENTITY_SANITIZE})
endif()

# What ThreadSanitizer can judge: Debian's gRPC was built without it, and hands work from thread to thread in ways that it
# does not see, so that it would report races that are none. What stands on gRPC is left out.
set(IDENTITY_WITH_GRPC ON)
if(IDENTITY_SANITIZE STREQUAL "thread")
  set(IDENTITY_WITH_GRPC OFF)
  # It knows no fences, either: the one in the view orders what is read under locks anyhow, so nothing is reported for it.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
endif()

# GCC 12 sees an overlap in std::string where there is none (its bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)
endif()

# What our own code is compiled with, and generated code is not.
add_library(identity_options INTERFACE)
target_include_directories(identity_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(identity_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror -fstack-protector-strong
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)

# A library of ours: one a folder, sources listed.
function(identity_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PRIVATE identity_options)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# A test program that CTest runs as one test. LABEL: the group it belongs to (unit, db, rpc, e2e, fault, interop).
function(identity_test name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE identity_options ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  if(IDENTITY_SANITIZE STREQUAL "thread")
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/tsan/mutex.cc)
    target_link_libraries(${name} PRIVATE absl::synchronization ${CMAKE_DL_LIBS})
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 600
    ENVIRONMENT LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/leaks.txt:print_suppressions=0)
endfunction()
