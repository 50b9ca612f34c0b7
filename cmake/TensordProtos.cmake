# tensord_generate_protos(TARGET ROOT directory [GRPC] PROTOS a.proto ...)
# adds the C++ of the protos (paths relative to ROOT) to TARGET; with GRPC the services and their mocks too. The result
# lies in the build tree. CMake 3.25's own protobuf_generate does not track imported protos: here every output depends
# on every proto of the call.
function(tensord_generate_protos target)
  cmake_parse_arguments(arg "GRPC" "ROOT" "PROTOS" ${ARGN})
  set(out "${CMAKE_CURRENT_BINARY_DIR}/generated")
  file(MAKE_DIRECTORY "${out}")
  set(inputs "")
  set(outputs "")
  foreach(proto IN LISTS arg_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" base "${proto}")
    list(APPEND inputs "${arg_ROOT}/${proto}")
    list(APPEND outputs "${out}/${base}.pb.cc" "${out}/${base}.pb.h")
    if(arg_GRPC)
      list(APPEND outputs "${out}/${base}.grpc.pb.cc" "${out}/${base}.grpc.pb.h" "${out}/${base}_mock.grpc.pb.h")
    endif()
  endforeach()
  set(grpc_arguments "")
  if(arg_GRPC)
    set(grpc_arguments "--grpc_out=generate_mock_code=true:${out}"
                       "--plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>")
  endif()
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND protobuf::protoc "--proto_path=${arg_ROOT}" "--cpp_out=${out}" ${grpc_arguments} ${inputs}
    DEPENDS ${inputs} protobuf::protoc
    COMMENT "Generating C++ from protos for ${target}"
    VERBATIM)
  target_sources(${target} PRIVATE ${outputs})
  target_include_directories(${target} SYSTEM PUBLIC $<BUILD_INTERFACE:${out}>
                                                     $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  if(TENSORD_SANITIZE MATCHES "thread")
    # protobuf's headers give its classes another layout under ThreadSanitizer, which Debian's library does not have. The
    # standard library keeps its annotations.
    target_compile_options(${target} PUBLIC -U__SANITIZE_THREAD__ -D_GLIBCXX_TSAN=1)
  endif()
endfunction()
