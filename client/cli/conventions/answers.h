// The answers to the examples, computed now.
#ifndef TENSORD_CLI_CONVENTIONS_ANSWERS_H_
#define TENSORD_CLI_CONVENTIONS_ANSWERS_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/context.h"
#include "client/cli/conventions/examples.h"
#include "client/cli/conventions/table.h"

namespace tensord::cli {

// What several profiles, or one choice of flags, answer to an example.
struct ExampleAnswer {
  std::vector<ProfileColumn> profiles;  // who says so; none for a choice
  std::string flags;                    // the choice's, as typed
  std::vector<std::string> commands;    // the whole command lines: one per profile, or the choice's
  nlohmann::ordered_json results;       // by name, each a tensor as in --format json; null where it is refused
  std::string refusal;                  // the first line of the error
};

struct AnsweredExample {
  const Example* example;
  std::string command;                 // the request without a profile, as typed
  std::vector<ExampleAnswer> answers;  // profiles with the same answer in one, in the columns' order; then the choices
};

// Runs every example under every column, by the commands that its request names, over the connection of `context`.
// Where the columns are not all profiles (`chosen`), examples of a convention in which they do not differ are left out,
// unless flags make the difference. Errors: whatever is no verdict on a request, such as no connection.
[[nodiscard]] absl::StatusOr<std::vector<AnsweredExample>> AnswerExamples(const ConventionTable& table, bool chosen,
                                                                          Context& context);

// `output [1,3], indices [0,1]`, or `refused: ` and the first line of the error.
[[nodiscard]] std::string AnswerText(const ExampleAnswer& answer);

// `default, PYTORCH`; the flags of a choice; `all alike` where `answer` holds all `columns`.
[[nodiscard]] std::string WhoText(const ExampleAnswer& answer, const std::vector<ProfileColumn>& columns);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_CONVENTIONS_ANSWERS_H_
