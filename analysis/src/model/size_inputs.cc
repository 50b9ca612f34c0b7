#include "analysis/src/model/size_inputs.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {

bool LeaveUndecided(NodeView& node, std::initializer_list<size_t> inputs) {
  MarkConstants(node, inputs);
  const bool is_undecided = std::any_of(inputs.begin(), inputs.end(), [&](size_t index) {
    return node.Has(index) && !node.input(index).values.has_value();
  });
  if (is_undecided) node.LeaveUnknown();
  return is_undecided;
}

void MarkConstants(NodeView& node, std::initializer_list<size_t> inputs) {
  for (const size_t index : inputs) {
    if (node.Has(index) && node.input(index).role != Role::kData) node.Mark(index, Role::kConstant);
  }
}

std::optional<int64_t> NumberOf(const Expression& value) {
  const std::optional<Integer> number = value.constant();
  return number.has_value() ? number->ToInt64() : std::nullopt;
}

absl::StatusOr<int64_t> RequireNumber(const NodeView& node, const Expression& value, absl::string_view what) {
  const std::optional<int64_t> number = NumberOf(value);
  if (number.has_value()) return *number;
  return node.Error(absl::StrCat("its ", what, " was ", value.ToString(), ", has to be a number of 64 bits"));
}

absl::StatusOr<std::vector<Expression>> RequireList(const NodeView& node, absl::string_view name, size_t index) {
  TENSORD_ASSIGN_OR_RETURN(auto list, node.IntsOrInput(name, index));
  if (!list.has_value()) return node.Error(absl::StrCat("its ", name, " is missing"));
  return *std::move(list);
}

absl::StatusOr<std::optional<Expression>> SingleOrInput(const NodeView& node, absl::string_view name, size_t index) {
  if (!node.Has(index)) {
    if (!node.HasAttribute(name)) return std::nullopt;
    TENSORD_ASSIGN_OR_RETURN(const int64_t number, node.Int(name, 0));
    return Expression(number);
  }
  // A depth may be a real.
  const std::vector<double>* const reals = node.input(index).reals();
  constexpr double kMost = 9007199254740992;
  if (reals != nullptr && reals->size() == 1 && std::abs(reals->front()) <= kMost &&
      reals->front() == std::floor(reals->front())) {
    return Expression(static_cast<int64_t>(reals->front()));
  }
  TENSORD_ASSIGN_OR_RETURN(const auto values, RequireList(node, name, index));
  if (values.size() == 1) return values.front();
  return node.Error(absl::StrCat("its ", name, " ", node.Describe(index), " has to have one element"));
}

absl::Status RequireAtLeast(NodeView& node, const Expression& e, const Expression& bound, absl::string_view rule) {
  const Expression more = e - bound;
  if (!more.ok()) return node.Error(absl::StrCat(rule, ": ", more.status().message()));
  const std::optional<Integer> least = more.LowerBound();
  if (least.has_value() && !least->negative()) return absl::OkStatus();
  const std::optional<Integer> lacking = (bound - e).LowerBound();
  if (lacking.has_value() && *lacking > Integer(0)) {
    return node.Error(absl::StrCat(rule, ": was ", e.ToString(), ", has to be at least ", bound.ToString()));
  }
  node.Require(AtLeastText(e, bound));
  return absl::OkStatus();
}

absl::StatusOr<Expression> Divide(NodeView& node, const Expression& e, const Expression& d, absl::string_view rule) {
  const Expression quotient = Floor(e, d);
  const Expression product = quotient * d;
  if (!product.ok()) return node.Error(absl::StrCat(rule, ": ", product.status().message()));
  if (product == e) return quotient;
  if (e.constant().has_value() && d.constant().has_value()) {
    return node.Error(absl::StrCat(rule, ": ", e.ToString(), " is not divisible by ", d.ToString()));
  }
  TENSORD_RETURN_IF_ERROR(node.RequireEqual(product, e, rule));
  return quotient;
}

Expression SumOf(std::vector<Expression> parts) {
  while (parts.size() > 1) {
    for (size_t i = 0; i + 1 < parts.size(); i += 2) parts[i / 2] = parts[i] + parts[i + 1];
    if (parts.size() % 2 != 0) parts[parts.size() / 2] = std::move(parts.back());
    parts.resize((parts.size() + 1) / 2);
  }
  return parts.empty() ? Expression() : parts.front();
}

absl::StatusOr<std::vector<size_t>> AxesFrom(const NodeView& node, const std::vector<Expression>& axes, size_t rank) {
  std::vector<size_t> result;
  std::vector<bool> seen(rank, false);
  for (const Expression& told : axes) {
    TENSORD_ASSIGN_OR_RETURN(const int64_t number, RequireNumber(node, told, "axis"));
    TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.ResolveAxis(number, rank));
    if (seen[axis]) return node.Error(absl::StrCat("its axes name axis ", axis, " twice"));
    seen[axis] = true;
    result.push_back(axis);
  }
  return result;
}

absl::StatusOr<Shape> ShapeFrom(NodeView& node, const std::vector<Expression>& sizes) {
  TENSORD_RETURN_IF_ERROR(CheckRank(node, sizes.size()));
  for (const Expression& size : sizes) {
    TENSORD_RETURN_IF_ERROR(
        RequireAtLeast(node, size, 0, absl::StrCat("the sizes ", ShapeText(sizes), " cannot be negative")));
  }
  return sizes;
}

absl::Status CheckRank(const NodeView& node, size_t rank) {
  if (rank <= kMaxGraphRank) return absl::OkStatus();
  return node.Error(absl::StrCat("its output is of rank ", rank, ", has to be of ", kMaxGraphRank, " at most"));
}

}  // namespace tensord::analysis::model
