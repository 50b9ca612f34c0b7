#include "tests/support/matchers.h"

namespace tensord::test_support {

void StatusMatcher::DescribeTo(std::ostream* out) const {
  *out << "has code " << absl::StatusCodeToString(code_);
  if (!substring_.empty()) *out << " and a message with \"" << substring_ << "\"";
}

void StatusMatcher::DescribeNegationTo(std::ostream* out) const {
  *out << "is not one that ";
  DescribeTo(out);
}

}  // namespace tensord::test_support
