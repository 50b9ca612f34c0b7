// How a fuzz target says that a rule is broken.
#ifndef TENSORD_TESTS_FUZZ_CHECK_H_
#define TENSORD_TESTS_FUZZ_CHECK_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tensord::fuzz {

// Aborts, which every fuzzer and test runner takes for a crash, where `holds` is false; says `rule` and `detail`.
void Check(bool holds, const char* rule, absl::string_view detail = "");
void Check(bool holds, const char* rule, const absl::Status& status);

// Whether `text` can be shown as it is: valid UTF-8 without control characters, but for line breaks.
[[nodiscard]] bool IsShowable(absl::string_view text);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_CHECK_H_
