#include "analysis/src/layer_builder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tensord::analysis {

using compute::Indexed;
using compute::kUnknownSize;
using compute::Violations;

compute::SizeRules AnalysisSizes() { return {.max_size = std::numeric_limits<int64_t>::max(), .allow_unknown = true}; }

namespace {

std::string OutOfRange(int64_t was, int64_t minimum) {
  return absl::StrCat("was ", was, ", has to be ", minimum, "..", AnalysisSizes().max_size);
}

}  // namespace

compute::Shape CheckedShape(const std::vector<Dimension>& sizes, absl::string_view field, Violations& violations) {
  compute::Shape shape;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const int64_t* number = std::get_if<int64_t>(&sizes[i]);
    if (number == nullptr) CheckSymbol(sizes[i], Indexed(field, i), violations);
    if (number != nullptr && *number == kUnknownSize) violations.Add(Indexed(field, i), OutOfRange(*number, 1));
    shape.Append(number == nullptr ? kUnknownSize : *number);
  }
  return shape;
}

void CheckNumbers(const std::vector<int64_t>& list, int64_t minimum, absl::string_view field, Violations& violations) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == kUnknownSize) violations.Add(Indexed(field, i), OutOfRange(list[i], minimum));
  }
}

void CheckPadding(const compute::Padding& padding, absl::string_view conventions_field, Violations& violations) {
  CheckNumbers(padding.begin, 0, absl::StrCat(conventions_field, ".padding.begin"), violations);
  CheckNumbers(padding.end, 0, absl::StrCat(conventions_field, ".padding.end"), violations);
}

StrideList::StrideList(const std::vector<int64_t>& numbers, const std::vector<Dimension>& symbolic,
                       absl::string_view conventions_field, absl::string_view symbolic_field, Violations& violations)
    : symbolic_(symbolic),
      conventions_field_(conventions_field),
      symbolic_field_(symbolic_field),
      numbers_(symbolic.empty() ? numbers : std::vector<int64_t>()) {
  CheckNumbers(numbers, 1, conventions_field_, violations);
  if (!numbers.empty() && !symbolic.empty()) {
    violations.Add(symbolic_field_, absl::StrCat("was given beside ", conventions_field_, ", has to be left out"));
  }
  for (size_t i = 0; i < symbolic.size(); ++i) {
    const int64_t* number = std::get_if<int64_t>(&symbolic[i]);
    if (number == nullptr) CheckSymbol(symbolic[i], Indexed(symbolic_field_, i), violations);
    const bool bad = number != nullptr && *number < 1;
    if (bad) violations.Add(Indexed(symbolic_field_, i), OutOfRange(*number, 1));
    numbers_.push_back(number == nullptr || bad ? kUnknownSize : *number);
  }
}

void StrideList::Forward(const Violations& found, Violations& violations) const {
  for (const compute::Violation& violation : found.kept()) {
    const bool rename = !symbolic_.empty() && absl::StartsWith(violation.field, conventions_field_);
    violations.Add(rename ? symbolic_field_ + violation.field.substr(conventions_field_.size()) : violation.field,
                   violation.description);
  }
  // Those that `found` did not keep come after enough others not to be kept here either; they only count.
  for (size_t i = found.kept().size(); i < found.total(); ++i) violations.Add("", "");
}

Expression StrideList::At(size_t axis, int64_t resolved) const {
  if (symbolic_.empty()) return resolved;
  return ToExpression(symbolic_[symbolic_.size() == 1 ? 0 : axis]);
}

AxisSizes ResolvedAxis(const compute::Layout& layout, int axis, const compute::AxisWindow& window,
                       compute::PaddingMode mode, const std::vector<Dimension>& input, const StrideList& strides) {
  const bool padding_is_given = mode == compute::PaddingMode::kExplicit;
  return {.letter = layout.spatial_letter(axis),
          .input = ToExpression(input[static_cast<size_t>(layout.spatial(axis))]),
          .window = window.window,
          .stride = strides.At(static_cast<size_t>(axis), window.stride),
          .dilation = window.dilation,
          .pad_begin = padding_is_given ? window.pad_begin : 0,
          .pad_end = padding_is_given ? window.pad_end : 0};
}

Derivation SizeOf(absl::string_view name, const std::vector<Dimension>& sizes, int position) {
  if (position == -1) return {};
  return Derivation::Named(name, ToExpression(sizes[static_cast<size_t>(position)]));
}

Count LayerBuilder::Record(absl::string_view quantity, const Derivation& derivation) {
  if (!derivation.value().ok()) {
    const absl::string_view reason = derivation.value().status().message();
    violations_.Add(field_, absl::StrCat("its ", quantity, " ", reason, ": use smaller sizes"));
    return {};
  }
  formulas_.push_back(
      {.quantity = std::string(quantity), .general = derivation.general(), .substituted = derivation.substituted()});
  return Count(derivation.value());
}

void LayerBuilder::RequireAtLeast(const Expression& e, const Expression& f, absl::string_view field) {
  const std::optional<Integer> least = (e - f).LowerBound();
  if (least.has_value() && !least->negative()) return;
  const std::optional<Integer> most = (f - e).LowerBound();
  if (!most.has_value() || *most < Integer(1)) return Require(AtLeastText(e, f));
  violations_.Add(field, absl::StrCat("would need ", AtLeastText(e, f), ", which no positive sizes satisfy"));
}

void LayerBuilder::RequireEqual(const Expression& e, const Expression& f, absl::string_view field) {
  if (e == f) return;
  for (const Expression& difference : {e - f, f - e}) {
    const std::optional<Integer> least = difference.LowerBound();
    if (!least.has_value() || *least < Integer(1)) continue;
    violations_.Add(field, absl::StrCat("would need ", EqualText(e, f), ", which no positive sizes satisfy"));
    return;
  }
  Require(EqualText(e, f));
}

void LayerBuilder::Require(absl::string_view condition) {
  std::string text(condition);
  if (std::find(conditions_.begin(), conditions_.end(), text) == conditions_.end()) {
    conditions_.push_back(std::move(text));
  }
}

}  // namespace tensord::analysis
