# Installs BUILD into WORK/prefix, and builds and runs two projects against it: the one beside this file and EXAMPLE.
# The second is the proof that a program may be without a server: it has to say so and fail.
file(REMOVE_RECURSE "${WORK}")
set(prefix "${WORK}/prefix")

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(build_project source name)
  run("${CMAKE_COMMAND}" -S "${source}" -B "${WORK}/${name}" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${prefix}"
      "-DTENSORD_VERSION=${VERSION}" -DCMAKE_BUILD_TYPE= "-DCMAKE_CXX_COMPILER=${COMPILER}"
      "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" "-DCMAKE_CXX_FLAGS=${FLAGS}")
  run("${CMAKE_COMMAND}" --build "${WORK}/${name}")
endfunction()

run("${CMAKE_COMMAND}" --install "${BUILD}" --config "${CONFIG}" --prefix "${prefix}" --component tensord_development)

# Nothing of the tree that was built may be left in the package: the next machine does not have it.
file(GLOB package "${prefix}/*/cmake/tensord/*.cmake" "${prefix}/*/*/cmake/tensord/*.cmake")
if(NOT package)
  message(FATAL_ERROR "no CMake package was installed under ${prefix}")
endif()
foreach(file IN LISTS package)
  file(READ "${file}" text)
  string(FIND "${text}" "${BUILD}" found)
  if(NOT found EQUAL -1)
    message(FATAL_ERROR "${file} mentions ${BUILD}")
  endif()
endforeach()

build_project("${CMAKE_CURRENT_LIST_DIR}/project" consumer)
run("${WORK}/consumer/consumer")

build_project("${EXAMPLE}" example)
execute_process(
  COMMAND "${WORK}/example/convolve" 127.0.0.1:1
  RESULT_VARIABLE code
  ERROR_VARIABLE error)
if(NOT code EQUAL 1 OR NOT error MATCHES "UNAVAILABLE")
  message(FATAL_ERROR "the example without a server: exit status ${code}, standard error: ${error}")
endif()
