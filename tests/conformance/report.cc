#include "tests/conformance/report.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tensord::conformance {
namespace {

constexpr std::array<Outcome, 4> kOutcomes = {Outcome::kPassed, Outcome::kFailed, Outcome::kSkipped,
                                              Outcome::kContradicts};

int64_t Count(const std::vector<Result>& results, Outcome outcome) {
  return std::count_if(results.begin(), results.end(),
                       [outcome](const Result& result) { return result.outcome == outcome; });
}

std::map<std::string, std::vector<Result>> ByOperator(const Report& report) {
  std::map<std::string, std::vector<Result>> operators;
  for (const Result& result : report.results) operators[result.entry.operator_name].push_back(result);
  return operators;
}

}  // namespace

const char* NameOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kSkipped:
      return "skipped";
    default:
      return "contradicts";
  }
}

std::string LineOf(const Result& result) {
  std::string line =
      absl::StrFormat("%-11s %s (%s)", NameOf(result.outcome), result.entry.name, result.entry.operator_name);
  if (!result.place.empty()) {
    absl::StrAppendFormat(&line, ": largest difference %.3g at %s", result.largest, result.place);
  }
  if (!result.detail.empty()) absl::StrAppend(&line, ": ", result.detail);
  return line;
}

std::string SummaryOf(const Report& report) {
  std::string text =
      absl::StrFormat("%-18s %6s %6s %7s %11s\n", "operator", "passed", "failed", "skipped", "contradicts");
  for (const auto& [name, results] : ByOperator(report)) {
    absl::StrAppendFormat(&text, "%-18s %6d %6d %7d %11d\n", name, Count(results, Outcome::kPassed),
                          Count(results, Outcome::kFailed), Count(results, Outcome::kSkipped),
                          Count(results, Outcome::kContradicts));
  }
  absl::StrAppend(&text, "\n");
  for (const auto& [reason, count] : report.excluded) {
    absl::StrAppendFormat(&text, "excluded %4d: %s\n", count, reason);
  }
  absl::StrAppendFormat(&text, "%d passed, %d failed, %d skipped", Count(report.results, Outcome::kPassed),
                        Count(report.results, Outcome::kFailed), Count(report.results, Outcome::kSkipped));
  const int64_t contradicting = Count(report.results, Outcome::kContradicts);
  if (contradicting > 0) absl::StrAppendFormat(&text, ", %d contradicts ONNX's own text", contradicting);
  return text + "\n";
}

std::string JsonOf(const Report& report) {
  nlohmann::ordered_json json;
  json["cases"] = nlohmann::json::array();
  for (const Result& result : report.results) {
    nlohmann::ordered_json& one = json["cases"].emplace_back();
    one["name"] = result.entry.name;
    one["operator"] = result.entry.operator_name;
    one["outcome"] = NameOf(result.outcome);
    if (!result.place.empty()) {
      one["largest_difference"] = absl::StrFormat("%.17g", result.largest);  // may be infinite, which JSON has not
      one["at"] = result.place;
    }
    if (!result.detail.empty()) one["detail"] = result.detail;
  }
  json["excluded"] = report.excluded;
  for (const Outcome outcome : kOutcomes) json[NameOf(outcome)] = Count(report.results, outcome);
  return json.dump(2) + "\n";
}

bool AllHold(const Report& report) {
  return Count(report.results, Outcome::kFailed) == 0 && Count(report.results, Outcome::kSkipped) == 0;
}

}  // namespace tensord::conformance
