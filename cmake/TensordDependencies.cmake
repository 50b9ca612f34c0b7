# Everything that tensord links, from Debian 12. scripts/install-deps names the packages; docs/adr says why each is here.

find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(Eigen3 3.4 CONFIG REQUIRED)

if(TENSORD_BUILD_MESSAGES)
  # The order matters: gRPC's config finds Protobuf too, and this has to be the module's version of it.
  find_package(Protobuf REQUIRED)
  find_package(gRPC CONFIG REQUIRED)
  # ONNX's messages: the .proto alone.
  find_path(TENSORD_ONNX_PROTO_DIRECTORY onnx/onnx.proto REQUIRED)
  mark_as_advanced(TENSORD_ONNX_PROTO_DIRECTORY)
  # Exact fractions of any length, in grading.
  find_path(TENSORD_GMP_INCLUDE_DIR gmp.h REQUIRED)
  find_library(TENSORD_GMP_LIBRARY gmp REQUIRED)
  mark_as_advanced(TENSORD_GMP_INCLUDE_DIR TENSORD_GMP_LIBRARY)
elseif(TENSORD_BUILD_SERVER)
  message(FATAL_ERROR "TENSORD_BUILD_SERVER needs TENSORD_BUILD_MESSAGES")
endif()

if(TENSORD_BUILD_SERVER)
  find_package(CLI11 CONFIG REQUIRED)
  find_package(yaml-cpp CONFIG REQUIRED)
  find_package(nlohmann_json CONFIG REQUIRED)
  find_package(spdlog CONFIG REQUIRED)
  find_package(prometheus-cpp CONFIG REQUIRED)
  # gRPC's own TLS library: a certificate and its key are checked before gRPC sees them.
  find_package(OpenSSL REQUIRED)
endif()

if(TENSORD_BUILD_CLIENT)
  if(NOT TENSORD_BUILD_SERVER)
    message(FATAL_ERROR "TENSORD_BUILD_CLIENT needs TENSORD_BUILD_SERVER: tensorctl without --server runs the services "
                        "in its own process")
  endif()
  find_package(PNG REQUIRED)
  # libzip's CMake package in Debian fails without the programs of another package; its pkg-config file does not.
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
endif()

if(TENSORD_BUILD_TESTS)
  find_package(GTest 1.12 CONFIG REQUIRED)
  # Debian's own: the packages python3-grpcio and python3-protobuf are installed for no other.
  find_program(TENSORD_PYTHON3 NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
endif()

# ccache where there is one, unless the caller chose a launcher.
find_program(TENSORD_CCACHE ccache)
if(TENSORD_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${TENSORD_CCACHE}")
endif()
