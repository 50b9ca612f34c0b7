#include "analysis/src/model/node_view.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {

absl::StatusOr<const Shape*> NodeView::ShapeOf(size_t index, absl::string_view what, size_t min_rank,
                                               size_t max_rank) const {
  if (!Has(index)) return Error(absl::StrCat("its ", what, " (input ", index, ") is missing"));
  const std::optional<Shape>& shape = input(index).shape;
  if (!shape.has_value()) return Error(absl::StrCat("nothing is known of its ", what, "'s shape"));
  if (shape->size() < min_rank || shape->size() > max_rank) {
    const std::string ranks = min_rank == max_rank ? absl::StrCat(min_rank) : absl::StrCat(min_rank, "..", max_rank);
    return Error(absl::StrCat("its ", what, " ", Describe(index), " has to be of rank ", ranks));
  }
  return &*shape;
}

std::string NodeView::Describe(size_t index) const {
  const std::string name = absl::StrCat("\"", PrintableName(node_.inputs[index]), "\"");
  if (!Has(index) || !input(index).shape.has_value()) return name;
  return absl::StrCat(name, " ", ShapeText(*input(index).shape, input(index).open_axes));
}

void NodeView::SettleSize(size_t index, size_t axis, const Expression& size) {
  if (!Has(index) || axis >= kMaxGraphRank) return;
  TensorFacts& facts = *inputs_[index];
  const auto bit = static_cast<uint8_t>(1U << axis);
  if ((facts.open_axes & bit) == 0) return;
  (*facts.shape)[axis] = size;
  facts.open_axes = static_cast<uint8_t>(facts.open_axes & ~bit);
}

void NodeView::SettleLastSizes(size_t index, const Shape& shape) {
  if (!Has(index) || !input(index).shape.has_value()) return;
  const size_t rank = input(index).shape->size();
  for (size_t i = 1; i <= std::min(rank, shape.size()); ++i) SettleSize(index, rank - i, shape[shape.size() - i]);
}

const AttributeValue* NodeView::Find(absl::string_view name) const {
  const auto found = node_.attributes.find(std::string(name));
  return found == node_.attributes.end() ? nullptr : &found->second;
}

bool NodeView::HasAttribute(absl::string_view name) const { return Find(name) != nullptr; }

absl::StatusOr<int64_t> NodeView::Int(absl::string_view name, int64_t otherwise) const {
  const AttributeValue* const value = Find(name);
  if (value == nullptr) return otherwise;
  if (const auto* number = std::get_if<int64_t>(value)) return *number;
  return Error(absl::StrCat("its attribute ", name, " has to be an integer"));
}

absl::StatusOr<double> NodeView::Real(absl::string_view name, double otherwise) const {
  const AttributeValue* const value = Find(name);
  if (value == nullptr) return otherwise;
  if (const auto* number = std::get_if<double>(value)) return *number;
  if (const auto* number = std::get_if<int64_t>(value)) return static_cast<double>(*number);
  return Error(absl::StrCat("its attribute ", name, " has to be a number"));
}

absl::StatusOr<std::string> NodeView::Text(absl::string_view name, absl::string_view otherwise) const {
  const AttributeValue* const value = Find(name);
  if (value == nullptr) return std::string(otherwise);
  if (const auto* text = std::get_if<std::string>(value)) return *text;
  return Error(absl::StrCat("its attribute ", name, " has to be a text"));
}

absl::StatusOr<std::vector<int64_t>> NodeView::Ints(absl::string_view name) const {
  const AttributeValue* const value = Find(name);
  if (value == nullptr) return std::vector<int64_t>();
  if (const auto* numbers = std::get_if<std::vector<int64_t>>(value)) return *numbers;
  return Error(absl::StrCat("its attribute ", name, " has to be a list of integers"));
}

absl::StatusOr<std::vector<double>> NodeView::Reals(absl::string_view name) const {
  const AttributeValue* const value = Find(name);
  if (value == nullptr) return std::vector<double>();
  if (const auto* numbers = std::get_if<std::vector<double>>(value)) return *numbers;
  return Error(absl::StrCat("its attribute ", name, " has to be a list of reals"));
}

absl::StatusOr<size_t> NodeView::ResolveAxis(int64_t axis, size_t rank) const {
  const auto count = static_cast<int64_t>(rank);
  if (axis >= -count && axis < count) return static_cast<size_t>(axis < 0 ? axis + count : axis);
  if (rank == 0) return Error(absl::StrCat("its axis was ", axis, ", and its input has none"));
  return Error(absl::StrCat("its axis was ", axis, ", has to be ", -count, "..", count - 1));
}

absl::StatusOr<size_t> NodeView::Axis(absl::string_view name, int64_t otherwise, size_t rank) const {
  TENSORD_ASSIGN_OR_RETURN(const int64_t axis, Int(name, otherwise));
  return ResolveAxis(axis, rank);
}

absl::StatusOr<std::optional<std::vector<Expression>>> NodeView::IntsOrInput(absl::string_view name,
                                                                             size_t index) const {
  if (Has(index)) {
    const std::vector<Expression>* const values = input(index).integers();
    if (values == nullptr) return Error(absl::StrCat("the values of its input ", Describe(index), " are not known"));
    return *values;
  }
  if (!HasAttribute(name)) return std::nullopt;
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> numbers, Ints(name));
  return std::vector<Expression>(numbers.begin(), numbers.end());
}

void NodeView::SetOutput(size_t index, TensorFacts facts) {
  if (index < outputs_.size()) outputs_[index] = std::move(facts);
}

void NodeView::Read(size_t output, size_t input, AxisReads reads) {
  if (output >= reads_.size() || !Has(input) || this->input(input).role != Role::kData) return;
  for (AxisRead& read : reads) {
    const bool is_small = read.stride < AxisRead::kBound && read.span < AxisRead::kBound &&
                          read.denominator < AxisRead::kBound && read.offset < AxisRead::kBound &&
                          read.offset > -AxisRead::kBound;
    if (!is_small || read.stride < 1 || read.span < 0 || read.denominator < 1) read = {.is_window = read.is_window};
  }
  reads_[output].push_back({.input = input, .axes = std::move(reads)});
}

void NodeView::Mark(size_t index, Role role) {
  if (Has(index)) marks_.emplace_back(index, role);
}

absl::Status NodeView::RequireEqual(const Expression& a, const Expression& b, absl::string_view rule) {
  if (a == b) return absl::OkStatus();
  const Expression difference = a - b;
  const std::optional<Integer> more = difference.LowerBound();
  const std::optional<Integer> less = (b - a).LowerBound();
  const auto above = [](const std::optional<Integer>& bound) { return bound.has_value() && *bound > Integer(0); };
  if (above(more) || above(less)) {
    return Error(absl::StrCat(rule, ": was ", a.ToString(), ", has to be ", b.ToString()));
  }
  conditions_.insert(EqualText(a, b));
  return absl::OkStatus();
}

absl::Status NodeView::Error(absl::string_view what) const {
  const std::string name = node_.name.empty() ? "" : absl::StrCat(" \"", PrintableName(node_.name), "\"");
  return absl::InvalidArgumentError(absl::StrCat("node", name, " (", PrintableName(node_.op_type), "): ", what));
}

}  // namespace tensord::analysis::model
