# What the client needs as a project of its own: its dependencies, the stubs, and the installed package.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

find_package(absl REQUIRED)
# Protobuf has a config since its version 22. CMake's own module finds an older one.
find_package(Protobuf CONFIG QUIET)
if(NOT Protobuf_FOUND)
  find_package(Protobuf MODULE REQUIRED)
endif()
find_package(gRPC CONFIG REQUIRED)

# The stubs are generated here, because generated code fits only the version of Protobuf that has generated it.
set(protos ${PROJECT_SOURCE_DIR}/../../proto)
set(stubs ${PROJECT_BINARY_DIR}/stubs)
set(services identity/v1/account_service identity/v1/admin_service identity/v1/identity_service)
set(messages ${services}
  identity/v1/errors identity/v1/options identity/v1/types google/rpc/error_details google/rpc/status)
get_target_property(grpc_cpp_plugin gRPC::grpc_cpp_plugin LOCATION)
list(TRANSFORM messages PREPEND ${protos}/ OUTPUT_VARIABLE inputs)
list(TRANSFORM inputs APPEND .proto)
foreach(message IN LISTS messages)
  list(APPEND sources ${stubs}/${message}.pb.cc)
  list(APPEND headers ${stubs}/${message}.pb.h)
endforeach()
foreach(service IN LISTS services)
  list(APPEND sources ${stubs}/${service}.grpc.pb.cc)
  list(APPEND headers ${stubs}/${service}.grpc.pb.h)
  list(APPEND service_inputs ${protos}/${service}.proto)
endforeach()
file(MAKE_DIRECTORY ${stubs})
add_custom_command(
  OUTPUT ${sources} ${headers}
  COMMAND protobuf::protoc -I ${protos} --cpp_out=${stubs} ${inputs}
  COMMAND protobuf::protoc -I ${protos} --grpc_out=${stubs} --plugin=protoc-gen-grpc=${grpc_cpp_plugin}
          ${service_inputs}
  DEPENDS ${inputs}
  VERBATIM)
add_library(identity_proto STATIC ${sources})
target_compile_features(identity_proto PUBLIC cxx_std_17)
target_include_directories(identity_proto SYSTEM PUBLIC $<BUILD_INTERFACE:${stubs}> $<INSTALL_INTERFACE:include>)
target_link_libraries(identity_proto PUBLIC protobuf::libprotobuf gRPC::grpc++)

# Installs the targets identity::client and identity::local_verification, for CMake and for pkg-config.
function(identity_install_package)
  set_target_properties(identity_proto PROPERTIES EXPORT_NAME proto OUTPUT_NAME identity_proto)
  set_target_properties(identity_client PROPERTIES EXPORT_NAME client)
  set_target_properties(identity_local_verification PROPERTIES EXPORT_NAME local_verification)
  install(TARGETS identity_proto identity_client EXPORT identity-client-targets)
  install(TARGETS identity_local_verification EXPORT identity-local_verification-targets)
  # The installed folder may be moved.
  file(RELATIVE_PATH prefix_from_pkgconfig /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  foreach(part IN ITEMS client local_verification)
    install(EXPORT identity-${part}-targets NAMESPACE identity:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/identity)
    configure_file(cmake/identity-${part}.pc.in identity-${part}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/identity-${part}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  endforeach()

  foreach(header IN ITEMS client errors guard local_verification retry session token)
    install(FILES identity/${header}.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/identity)
  endforeach()
  install(DIRECTORY ${stubs}/ TYPE INCLUDE FILES_MATCHING PATTERN *.h)

  write_basic_package_version_file(identity-config-version.cmake COMPATIBILITY SameMinorVersion)
  install(FILES cmake/identity-config.cmake ${PROJECT_BINARY_DIR}/identity-config-version.cmake
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/identity)
endfunction()
