// What a run came to, for people and for programs.
#ifndef TENSORD_TESTS_CONFORMANCE_REPORT_H_
#define TENSORD_TESTS_CONFORMANCE_REPORT_H_

#include <string>
#include <vector>

#include "tests/conformance/catalogue.h"
#include "tests/conformance/suite.h"

namespace tensord::conformance {

struct Report {
  std::vector<Result> results;
  std::map<std::string, int> excluded;  // as Catalogue's
};

// "passed", "failed", "skipped", "contradicts".
[[nodiscard]] const char* NameOf(Outcome outcome);

// One line about a case, with what did not pass and where the largest difference is.
[[nodiscard]] std::string LineOf(const Result& result);

// The table of counts per operator, what is excluded, and last `N passed, N failed, N skipped, N contradicts`.
[[nodiscard]] std::string SummaryOf(const Report& report);

[[nodiscard]] std::string JsonOf(const Report& report);

// Nothing failed and nothing was skipped.
[[nodiscard]] bool AllHold(const Report& report);

}  // namespace tensord::conformance

#endif  // TENSORD_TESTS_CONFORMANCE_REPORT_H_
