// The result of a run, for people and for programs.
#ifndef TENSORD_TESTS_LOAD_REPORT_H_
#define TENSORD_TESTS_LOAD_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "client/load/mix.h"
#include "client/load/statistics.h"
#include "tests/load/options.h"

namespace tensord::load {

struct Result {
  const Options* options;
  const std::vector<Kind>* kinds;
  std::vector<PhaseStatistics> phases;
  std::vector<Second> seconds;
  double elapsed_seconds = 0;
  double cpu_seconds = 0;  // this program's own
};

// Answers that nobody may give: unexpected codes, and answers that differ from the first of their kind.
uint64_t UnexpectedCount(const Result& result);
uint64_t AcceptedCount(const Result& result);

std::string ToText(const Result& result);
// One object; its fields are in docs/ops/capacity.md.
std::string ToJson(const Result& result);

}  // namespace tensord::load

#endif  // TENSORD_TESTS_LOAD_REPORT_H_
