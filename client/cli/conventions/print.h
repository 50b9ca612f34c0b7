// The conventions and their examples, in each format.
#ifndef TENSORD_CLI_CONVENTIONS_PRINT_H_
#define TENSORD_CLI_CONVENTIONS_PRINT_H_

#include <string>
#include <vector>

#include "client/cli/conventions/answers.h"
#include "client/cli/conventions/table.h"
#include "client/cli/report.h"
#include "client/cli/style.h"

namespace tensord::cli {

// For people: a cell that differs from the default has a `*`, and a colour where `style` has any.
[[nodiscard]] std::string ConventionsText(const ConventionTable& table, const std::vector<AnsweredExample>& examples,
                                          const Style& style);

// A page: a cell that differs from the default is bold.
[[nodiscard]] std::string ConventionsMarkdown(const ConventionTable& table,
                                              const std::vector<AnsweredExample>& examples);

// For JSON: `profiles`, the columns' names; `conventions`, a list of `name`, `meaning`, `values` by profile and
// `differs`, the profiles whose value is not the default's; `examples`, a list of `name`, `convention`, `about`,
// `command` and `answers`, each with its `profiles` or `flags`, `commands`, and `results` or `refused`.
[[nodiscard]] Report ConventionsReport(const ConventionTable& table, const std::vector<AnsweredExample>& examples);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_CONVENTIONS_PRINT_H_
