// Receptive fields as text, for tests.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_FIELD_TEXT_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_FIELD_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tensord/analysis/model.h"

namespace tensord::analysis::field_text {

// "-3", "1/2".
inline std::string Text(const Fraction& fraction) {
  if (fraction.denominator == 1) return absl::StrCat(fraction.numerator);
  return absl::StrCat(fraction.numerator, "/", fraction.denominator);
}

// "2: 3 by 1/2 from -1, borders 1 and ?", axis, size, stride, offset; "2>3: ..." where the output's axis is another
// one; "2: whole H".
inline std::string Text(const ReceptiveAxis& axis) {
  if (axis.is_whole) return absl::StrCat(axis.axis, ": whole ", axis.size.ToString());
  const auto border = [](const std::optional<int64_t>& count) {
    return count.has_value() ? absl::StrCat(*count) : std::string("?");
  };
  return absl::StrCat(axis.axis, axis.output_axis == axis.axis ? "" : absl::StrCat(">", axis.output_axis), ": ",
                      axis.size.ToString(), " by ", Text(axis.stride), " from ", Text(axis.offset), ", borders ",
                      border(axis.begin_border), " and ", border(axis.end_border));
}

// "x 2: ...; 3: ... | z 2: ...", of the first layer with that output; "none" where there are no fields.
inline std::string FieldsOf(const ModelAnalysis& model, const std::string& output) {
  for (const ModelLayer& layer : model.layers) {
    if (layer.outputs.empty() || layer.outputs.front().name != output) continue;
    if (layer.receptive_fields.empty()) return "none";
    return absl::StrJoin(layer.receptive_fields, " | ", [&](std::string* out, const ReceptiveField& field) {
      absl::StrAppend(out, model.inputs[field.input].name, " ",
                      absl::StrJoin(field.axes, "; ", [](std::string* all, const ReceptiveAxis& axis) {
                        absl::StrAppend(all, Text(axis));
                      }));
    });
  }
  return absl::StrCat("no layer gives ", output);
}

}  // namespace tensord::analysis::field_text

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_FIELD_TEXT_H_
