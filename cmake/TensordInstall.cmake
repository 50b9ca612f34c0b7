# Installs the libraries, headers, programs and a CMake package that an outside project can find_package(tensord).
#
# Components: tensord_development has what a program needs that uses the libraries; tensord_programs the daemon and the
# command line.
include(CMakePackageConfigHelpers)

set(tensord_package_directory "${CMAKE_INSTALL_LIBDIR}/cmake/tensord")

set(tensord_installed_targets tensord_protos tensord_compute tensord_onnx_proto tensord_analysis)
set(tensord_installed_headers compute/include analysis/include)
if(TARGET tensord_client)
  list(APPEND tensord_installed_targets tensord_client)
  list(APPEND tensord_installed_headers client/cpp/include)
endif()

install(
  TARGETS ${tensord_installed_targets}
  EXPORT tensordTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT tensord_development)
foreach(folder IN LISTS tensord_installed_headers)
  install(
    DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}/"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    COMPONENT tensord_development
    FILES_MATCHING PATTERN "*.h" PATTERN "*.inc")
endforeach()
if(TARGET tensord_client)
  install(FILES "${PROJECT_SOURCE_DIR}/client/cpp/mocks/mock_client.h"
          DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/tensord/client" COMPONENT tensord_development)
endif()
# The mocks of stubs stay behind: tensord/client/mock_client.h is what a program tests with.
install(
  DIRECTORY "${PROJECT_BINARY_DIR}/protos/generated/"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT tensord_development
  FILES_MATCHING
  PATTERN "*.pb.h"
  PATTERN "*_mock.grpc.pb.h" EXCLUDE)
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/protos/"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/tensord/protos"
  COMPONENT tensord_development
  FILES_MATCHING PATTERN "*.proto")

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/tensordConfig.cmake.in" "${PROJECT_BINARY_DIR}/tensordConfig.cmake"
  INSTALL_DESTINATION "${tensord_package_directory}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/tensordConfigVersion.cmake" COMPATIBILITY SameMajorVersion)
install(FILES "${PROJECT_BINARY_DIR}/tensordConfig.cmake" "${PROJECT_BINARY_DIR}/tensordConfigVersion.cmake"
        DESTINATION "${tensord_package_directory}" COMPONENT tensord_development)
install(
  EXPORT tensordTargets
  NAMESPACE tensord::
  DESTINATION "${tensord_package_directory}"
  COMPONENT tensord_development)

foreach(program IN ITEMS tensord tensorctl)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT tensord_programs)
  endif()
endforeach()
