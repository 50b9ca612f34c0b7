#include "client/cli/model/diff.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/cli/model/counts.h"
#include "client/cli/model/match.h"
#include "client/cli/model/modules.h"

namespace tensord::cli {
namespace {

std::string ShapesText(const v1::ModelLayer& layer) {
  return absl::StrJoin(layer.outputs(), ", ",
                       [](std::string* out, const v1::ModelTensor& tensor) { *out += ShapeText(tensor); });
}

std::vector<FieldDifference> CompareLayers(const v1::ModelLayer& a, const v1::ModelLayer& b) {
  std::vector<FieldDifference> fields = {
      {"operator", "operator", a.operator_(), b.operator_()},
      {"output_shape", "output", ShapesText(a), ShapesText(b)},
      {"parameter_count", "parameters", CountText(&a.parameter_count()), CountText(&b.parameter_count())},
      {"buffer_count", "buffers", CountText(&a.buffer_count()), CountText(&b.buffer_count())},
      {"mac_count", "MACs", CountText(MacCount(a)), CountText(MacCount(b))}};
  fields.erase(std::remove_if(fields.begin(), fields.end(), [](const auto& field) { return field.a == field.b; }),
               fields.end());
  return fields;
}

std::optional<double> RatioOf(const v1::Count& a, const v1::Count& b) {
  if (!a.expression().empty() || !b.expression().empty()) return std::nullopt;
  const double below = Magnitude(&a);
  if (below == 0) return std::nullopt;
  return Magnitude(&b) / below;
}

void AddTotal(const char* key, const char* name, const v1::Count* a, const v1::Count* b,
              std::vector<TotalDifference>& totals) {
  if (a == nullptr || b == nullptr) return;
  TotalDifference total{key, name, *a, *b, {}, RatioOf(*a, *b)};
  total.difference.Add(b);
  total.difference.Subtract(*a);
  totals.push_back(std::move(total));
}

const v1::Count* CountNamed(const char* key, const v1::AnalyzeModelResponse& model) {
  for (const ModelCount& count : ModelCounts()) {
    if (count.name == absl::string_view(key)) {
      return count.of(model.parameter_count(), model.buffer_count(), &model.operations());
    }
  }
  return nullptr;
}

std::vector<TotalDifference> CompareTotals(const v1::AnalyzeModelResponse& a, const v1::AnalyzeModelResponse& b) {
  std::vector<TotalDifference> totals;
  const auto add = [&](const char* key, const char* name) {
    AddTotal(key, name, CountNamed(key, a), CountNamed(key, b), totals);
  };
  add("parameter_count", "parameters");
  add("buffer_count", "buffers");
  if (ConventionName(ConventionOf(a)) == "default") {
    add("mac_count", "multiply-accumulates");
  } else {
    AddTotal("convention_mac_count", "multiply-accumulates", MacCount(a), MacCount(b), totals);
  }
  add("multiplication_count", "multiplications");
  add("addition_count", "additions");
  add("comparison_count", "comparisons");
  add("division_count", "divisions");
  add("special_function_count", "special functions");
  const v1::ModelMemory& in_a = a.memory();
  const v1::ModelMemory& in_b = b.memory();
  if (in_a.has_activation_byte_count() && in_b.has_activation_byte_count()) {
    AddTotal("activation_byte_count", "bytes of activations", &in_a.activation_byte_count(),
             &in_b.activation_byte_count(), totals);
  }
  if (in_a.has_peak_activation_byte_count() && in_b.has_peak_activation_byte_count()) {
    AddTotal("peak_activation_byte_count", "most of them at once", &in_a.peak_activation_byte_count(),
             &in_b.peak_activation_byte_count(), totals);
  }
  return totals;
}

}  // namespace

ModelDifference CompareModels(const v1::AnalyzeModelResponse& a, const v1::AnalyzeModelResponse& b) {
  ModelDifference difference;
  difference.totals = CompareTotals(a, b);
  const std::vector<int> match = MatchLayers(a, b);
  std::vector<bool> is_matched(static_cast<size_t>(a.layers_size()), false);
  for (const int i : match) {
    if (i >= 0) is_matched[static_cast<size_t>(i)] = true;
  }
  int next = 0;
  const auto add_removed = [&](int end) {
    for (; next < end; ++next) {
      if (!is_matched[static_cast<size_t>(next)]) difference.layers.push_back({&a.layers(next), nullptr, {}});
    }
  };
  for (int k = 0; k < b.layers_size(); ++k) {
    const int i = match[static_cast<size_t>(k)];
    if (i < 0) {
      difference.layers.push_back({nullptr, &b.layers(k), {}});
      continue;
    }
    add_removed(i);
    if (a.layers(i).name() != b.layers(k).name()) ++difference.renamed_count;
    std::vector<FieldDifference> fields = CompareLayers(a.layers(i), b.layers(k));
    if (fields.empty()) {
      ++difference.same_count;
    } else {
      difference.layers.push_back({&a.layers(i), &b.layers(k), std::move(fields)});
    }
  }
  add_removed(a.layers_size());
  return difference;
}

}  // namespace tensord::cli
