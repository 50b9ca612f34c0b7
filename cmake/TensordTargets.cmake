# How a library, a program and a test of tensord are declared.

add_library(tensord_warnings INTERFACE)
target_compile_options(tensord_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
                                                  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough)
# GCC 12 warns of every optimised `"text" + string` (gcc.gnu.org/PR105651).
target_compile_options(tensord_warnings
                       INTERFACE $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
if(TENSORD_WERROR)
  target_compile_options(tensord_warnings INTERFACE -Werror)
endif()

# What every target of ours is compiled with: the language, the sanitizers, and hardening that costs nothing measurable.
add_library(tensord_options INTERFACE)
target_compile_features(tensord_options INTERFACE cxx_std_20)
if(TENSORD_BUILD_FUZZ)
  # libFuzzer is led by the coverage of everything that it reaches; only the fuzzer itself links it.
  target_compile_options(tensord_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(TENSORD_SANITIZE)
  target_compile_options(tensord_options INTERFACE -fsanitize=${TENSORD_SANITIZE} -fno-sanitize-recover=all
                                                   -fno-omit-frame-pointer)
  target_link_options(tensord_options INTERFACE -fsanitize=${TENSORD_SANITIZE})
else()
  target_compile_options(tensord_options INTERFACE -fstack-protector-strong)
  target_compile_definitions(tensord_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# tensord_library(compute SOURCES a.cc ... PUBLIC libraries ... PRIVATE libraries ...)
# makes the library tensord_compute with the alias tensord::compute; its public headers are in include/, the others
# beside the sources, found from the component's own folder and, as compute/src/x.h, from the project's.
function(tensord_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(target tensord_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(tensord::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  if(IS_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/include")
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                                                $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  endif()
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:tensord_options>
                                                               $<BUILD_INTERFACE:tensord_warnings>)
  target_compile_features(${target} PUBLIC cxx_std_20)
endfunction()

# Under ThreadSanitizer, has a program tell it of gRPC's order of messages: tests/race/grpc_order.cc. An object rather
# than a library: its definitions have to stand before those of gRPC's library, whoever calls them.
function(tensord_tells_grpc_order target)
  if(TENSORD_SANITIZE MATCHES "thread" AND TENSORD_BUILD_TESTS AND TENSORD_BUILD_MESSAGES)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:tensord_grpc_order>)
  endif()
endfunction()

# tensord_program(tensorctl SOURCES main.cc LIBRARIES ...)
function(tensord_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} tensord_options tensord_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  tensord_tells_grpc_order(${name})
endfunction()

# Links a program that includes tests/support/allocation_counter.h so that its counters see every allocation.
function(tensord_counts_allocations target)
  target_link_options(${target} PRIVATE
                      -Wl,--wrap=aligned_alloc,--wrap=malloc,--wrap=free,--wrap=_Znwm,--wrap=_ZdlPv,--wrap=_ZdlPvm)
endfunction()

# Under ThreadSanitizer, has a test run with the suppressions of tests/tsan.supp: for tests that start gRPC or a program
# that does. All others run without any.
function(tensord_starts_grpc)
  if(TENSORD_SANITIZE MATCHES "thread")
    set_tests_properties(
      ${ARGN} PROPERTIES ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1:suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")
  endif()
endfunction()

# tensord_test(shape_test LIBRARIES tensord::compute LABELS unit [SOURCES more.cc] [TIMEOUT seconds] [STARTS_GRPC])
# makes one test binary from shape_test.cc, registered test by test. Its target bears the folder's name too, as two
# components may each have a tensor_test.cc: tests/compute/shape_test.cc is compute_shape_test. STARTS_GRPC: as
# tensord_starts_grpc.
function(tensord_test name)
  cmake_parse_arguments(arg "STARTS_GRPC" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT arg_LABELS)
    message(FATAL_ERROR "tensord_test(${name}): give LABELS: unit contract golden slow fuzz bench")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(TENSORD_SANITIZE)
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 5")  # sanitized code takes up to so many times as long
  endif()
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/tests" OUTPUT_VARIABLE folder)
  string(REPLACE "/" "_" target "${folder}_${name}")
  add_executable(${target} ${name}.cc ${arg_SOURCES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} GTest::gmock_main tensord_options tensord_warnings)
  if(arg_STARTS_GRPC)
    tensord_tells_grpc_order(${target})
  endif()
  set(environment "")
  if(TENSORD_SANITIZE MATCHES "thread")
    set(environment ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1")
    if(arg_STARTS_GRPC)
      set(environment ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1:suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")
    endif()
  endif()
  gtest_discover_tests(${target} TEST_PREFIX "${folder}/${name}." DISCOVERY_MODE PRE_TEST
                       PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} ${environment})
endfunction()
