// Errors as people read them: what, where, what was expected, what to do.
#ifndef TENSORD_CLI_ERRORS_H_
#define TENSORD_CLI_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/cli/style.h"

namespace tensord::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

// The flag that sets a field of a request, e.g. --stride for conventions.strides[0]; empty where there is none.
// `activation_flag` is the command's own name for it.
[[nodiscard]] std::string FlagOf(absl::string_view field, absl::string_view activation_flag = "--activation");

// A mistake on the command line or in a file. `command` (`tensorctl convolve`) is whose help to look at.
[[nodiscard]] std::string UsageErrorText(const absl::Status& status, absl::string_view command, const Style& style);

// What a server, or the way to it, answered instead of a result. `server` is its address, empty for this process.
[[nodiscard]] std::string FailureText(const absl::Status& status, absl::string_view server,
                                      absl::string_view activation_flag, const Style& style);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_ERRORS_H_
