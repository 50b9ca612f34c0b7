// Requests in which it shows what a convention is.
#ifndef TENSORD_CLI_CONVENTIONS_EXAMPLES_H_
#define TENSORD_CLI_CONVENTIONS_EXAMPLES_H_

#include <string>
#include <vector>

namespace tensord::cli {

// One entry. Only requests are written down here: the answers are computed whenever they are printed.
struct Example {
  const char* name;
  const char* convention;            // what it shows, as GetServerInfo or a request's field names it
  const char* about;                 // what to look at
  std::vector<std::string> request;  // the words after `tensorctl`; each profile adds --profile to them
  // Flags that are added to the request instead of a profile, for what no profile sets.
  std::vector<std::vector<std::string>> choices = {};
};

// In the order in which they are printed. Where profiles differ in a convention, some example of it has different
// answers under them; and an example fixes by flags every convention but its own in which they differ.
[[nodiscard]] const std::vector<Example>& Examples();

}  // namespace tensord::cli

#endif  // TENSORD_CLI_CONVENTIONS_EXAMPLES_H_
