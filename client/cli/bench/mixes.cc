#include "client/cli/bench/mixes.h"

#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "client/load/mix.h"

namespace tensord::cli {
namespace {

// The kinds of a mix, with weights that are percents.
std::vector<load::Kind> KindsOf(const std::string& mix) {
  auto kinds = load::GoodKinds(mix);
  if (!kinds.ok()) return {};
  double whole = 0;
  for (const load::Kind& kind : *kinds) whole += kind.weight;
  for (load::Kind& kind : *kinds) kind.weight *= 100 / whole;
  return *std::move(kinds);
}

}  // namespace

Report MixesReport() {
  using Json = nlohmann::ordered_json;
  Json mixes = Json::array();
  for (const std::string& name : load::MixNames()) {
    Json kinds = Json::array();
    for (const load::Kind& kind : KindsOf(name)) {
      kinds.push_back({{"kind", kind.name},
                       {"percent", kind.weight},
                       {"method", kind.method},
                       {"request_bytes", kind.request.Length()}});
    }
    mixes.push_back({{"mix", name}, {"kinds", std::move(kinds)}});
  }
  Report report;
  report.values = {{"mixes", std::move(mixes)}};
  return report;
}

std::string MixesText(const Style& style) {
  std::string text =
      style.Bold(absl::StrFormat("%-10s %7s  %-18s %-45s %10s", "mix", "share", "kind", "method", "bytes")) + "\n";
  for (const std::string& name : load::MixNames()) {
    for (const load::Kind& kind : KindsOf(name)) {
      absl::StrAppendFormat(&text, "%-10s %5.0f %%  %-18s %-45s %10d\n", name, kind.weight, kind.name, kind.method,
                            kind.request.Length());
    }
  }
  return text;
}

}  // namespace tensord::cli
