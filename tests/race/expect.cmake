# cmake -DPROGRAM=planted_race -DKIND=threads|pool|none -P expect.cmake
# Runs the program without suppressions, and fails unless ThreadSanitizer reports its race and ends it with its exit
# code, or, for the kind none, reports nothing.
set(ENV{TSAN_OPTIONS} "exitcode=66 halt_on_error=1")
execute_process(COMMAND "${PROGRAM}" "${KIND}" RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE report)
string(FIND "${report}" "WARNING: ThreadSanitizer: data race" place)
if(KIND STREQUAL "none")
  if(NOT result EQUAL 0 OR NOT report STREQUAL "")
    message(FATAL_ERROR "a report where there is no race, exit code ${result}:\n${report}")
  endif()
elseif(NOT result EQUAL 66 OR place EQUAL -1)
  message(FATAL_ERROR "ThreadSanitizer did not catch the race: exit code ${result}, report:\n${report}")
endif()
