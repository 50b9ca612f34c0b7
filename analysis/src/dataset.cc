#include "tensord/analysis/dataset.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "analysis/src/derivation.h"
#include "analysis/src/layer_builder.h"
#include "tensord/compute/shape.h"

namespace tensord::analysis {
namespace {

using compute::Indexed;
using compute::Violations;

constexpr size_t kMaxNameBytes = 64;

bool IsAxisName(absl::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || !absl::ascii_isalpha(static_cast<unsigned char>(name[0]))) {
    return false;
  }
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; });
}

void CheckName(const std::string& name, absl::string_view field, std::set<std::string>& seen, Violations& violations) {
  if (!IsAxisName(name)) {
    const std::string shown = absl::CHexEscape(name.substr(0, kMaxNameBytes));
    violations.Add(field, absl::StrCat(name.empty() ? "was not given" : absl::StrCat("was '", shown, "'"),
                                       ", has to be a letter, then letters, digits, '_' or '-', at most ",
                                       kMaxNameBytes, " characters"));
  } else if (!seen.insert(name).second) {
    violations.Add(field, absl::StrCat("was '", name, "' again, has to differ from the other axes' names"));
  }
}

void CheckSize(const Dimension& size, absl::string_view field, Violations& violations) {
  if (!CheckSymbol(size, field, violations)) return;
  const int64_t* number = std::get_if<int64_t>(&size);
  if (number == nullptr || *number >= 1) return;
  violations.Add(field, absl::StrCat("was ", *number, ", has to be 1..", std::numeric_limits<int64_t>::max(),
                                     *number == 0 ? ": a data set has at least one entry along every axis" : ""));
}

}  // namespace

std::optional<DatasetDescription> DescribeDataset(const std::vector<DatasetAxis>& axes, compute::DataType type,
                                                  absl::string_view field, Violations& violations) {
  const size_t before = violations.total();
  if (axes.empty() || axes.size() > static_cast<size_t>(compute::kMaxRank)) {
    violations.Add(field, absl::StrCat("had ", axes.size(), " axes, has to have 1..", compute::kMaxRank));
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < axes.size(); ++i) {
    CheckName(axes[i].name, absl::StrCat(Indexed(field, i), ".name"), seen, violations);
    CheckSize(axes[i].size, absl::StrCat(Indexed(field, i), ".size"), violations);
  }
  if (violations.total() != before) return std::nullopt;

  LayerBuilder builder(field, violations);
  DatasetDescription result;
  result.data_type = type;
  Derivation elements;
  for (size_t i = 0; i < axes.size(); ++i) {
    const Derivation size = Derivation::Named(axes[i].name, ToExpression(axes[i].size));
    result.shape.push_back(builder.Record(Indexed("shape", i), size));
    result.axes.push_back(axes[i].name);
    elements = elements * size;
  }
  result.element_count = builder.Record("element_count", elements);
  result.byte_count = builder.Record("byte_count", elements * Derivation::Named("item_size", compute::ItemSize(type)));
  result.formulas = builder.TakeFormulas();
  if (violations.total() != before) return std::nullopt;
  return result;
}

}  // namespace tensord::analysis
