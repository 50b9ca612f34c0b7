// Runs a program, and collects what it says.
#ifndef TENSORD_TESTS_CLIENT_CLI_PROCESS_H_
#define TENSORD_TESTS_CLIENT_CLI_PROCESS_H_

#include <string>
#include <vector>

namespace tensord::cli {

struct ProcessResult {
  int exit_code = -1;  // 128 + the signal where one ended it
  std::string out;
  std::string err;
};

// Runs `program` with these arguments, standard input and additions to the environment (`NAME=value`), and waits for
// it.
[[nodiscard]] ProcessResult RunProcess(const std::string& program, const std::vector<std::string>& arguments,
                                       const std::string& input = "", const std::vector<std::string>& environment = {});

}  // namespace tensord::cli

#endif  // TENSORD_TESTS_CLIENT_CLI_PROCESS_H_
