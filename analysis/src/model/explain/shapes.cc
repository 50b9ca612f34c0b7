// Operators that give elements another shape or place.
#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/explain/families.h"
#include "analysis/src/model/size_inputs.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

absl::Status ExplainConcat(Explainer& explainer) {
  const NodeView& node = explainer.node();
  const std::vector<Derivation> first = explainer.GiveInput();
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", 1, first.size()));
  const std::string name = AxisNames(first.size())[axis];
  for (size_t i = 0; i < first.size(); ++i) {
    if (i != axis) explainer.ConcludeLength(i, first[i]);
  }
  if (node.input_count() > kMaxExplainedTensors) return absl::OkStatus();
  Derivation sum = first[axis];
  for (size_t i = 1; i < node.input_count(); ++i) sum = sum + explainer.GiveSize(i, axis, name);
  explainer.ConcludeLength(axis, sum);
  return absl::OkStatus();
}

absl::Status ExplainFlatten(Explainer& explainer) {
  const std::vector<Derivation> input = explainer.GiveInput();
  TENSORD_ASSIGN_OR_RETURN(const int64_t axis, explainer.node().Int("axis", 1));
  const auto middle = input.begin() + (axis < 0 ? axis + static_cast<int64_t>(input.size()) : axis);
  explainer.ConcludeLength(0, ProductOf({input.begin(), middle}));
  explainer.ConcludeLength(1, ProductOf({middle, input.end()}));
  return absl::OkStatus();
}

// The size in place of -1: what is left of the input's elements once the sizes that are told are divided out.
Derivation RemainingSize(const Explainer& explainer, std::vector<Derivation> input, size_t inferred) {
  std::vector<Derivation> divisors;
  for (size_t i = 0; i < explainer.output().size(); ++i) {
    if (i == inferred) continue;
    const Expression& size = explainer.output()[i];
    const auto same = std::find_if(input.begin(), input.end(), [&](const Derivation& d) { return d.value() == size; });
    if (same != input.end()) {
      input.erase(same);
    } else {
      divisors.push_back(Derivation::Named(absl::StrCat(AxisNames(explainer.output().size())[i], "_out"), size));
    }
  }
  return divisors.empty() ? ProductOf(input) : Floor(ProductOf(input), ProductOf(divisors));
}

absl::Status ExplainReshape(Explainer& explainer) {
  const NodeView& node = explainer.node();
  const std::vector<Derivation> input = explainer.GiveInput();
  TENSORD_ASSIGN_OR_RETURN(const std::vector<Expression> told, RequireList(node, "shape", 1));
  TENSORD_ASSIGN_OR_RETURN(const int64_t allow_zero, node.Int("allowzero", 0));
  std::optional<size_t> inferred;
  for (size_t i = 0; i < told.size(); ++i) {
    if (told[i] == Expression(-1)) inferred = i;
    if (told[i] == Expression(0) && allow_zero == 0 && i < input.size()) explainer.ConcludeLength(i, input[i]);
  }
  if (!inferred.has_value()) return absl::OkStatus();
  explainer.GiveOtherLengths(*inferred);
  explainer.ConcludeLength(*inferred, RemainingSize(explainer, input, *inferred));
  return absl::OkStatus();
}

absl::Status ExplainTranspose(Explainer& explainer) {
  const std::vector<Derivation> input = explainer.GiveInput();
  TENSORD_ASSIGN_OR_RETURN(std::vector<int64_t> axes, explainer.node().Ints("perm"));
  if (!explainer.node().HasAttribute("perm")) {
    axes.resize(input.size());
    std::iota(axes.rbegin(), axes.rend(), int64_t{0});
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    TENSORD_ASSIGN_OR_RETURN(const size_t axis, explainer.node().ResolveAxis(axes[i], input.size()));
    explainer.ConcludeLength(i, input[axis]);
  }
  return absl::OkStatus();
}

// Squeeze leaves axes out, Unsqueeze has new ones of size 1.
absl::Status ExplainSqueeze(Explainer& explainer) {
  const std::vector<Derivation> input = explainer.GiveInput();
  const Shape& output = explainer.output();
  const bool adds = output.size() > input.size();
  TENSORD_ASSIGN_OR_RETURN(const auto told, explainer.node().IntsOrInput("axes", 1));
  std::vector<bool> is_single(std::max(input.size(), output.size()), false);
  if (told.has_value()) {
    TENSORD_ASSIGN_OR_RETURN(const std::vector<size_t> axes, AxesFrom(explainer.node(), *told, is_single.size()));
    for (const size_t axis : axes) is_single[axis] = true;
  } else {
    for (size_t i = 0; i < input.size(); ++i) is_single[i] = input[i].value() == Expression(1);
  }
  size_t place = 0;
  for (size_t i = 0; i < is_single.size(); ++i) {
    if (adds) explainer.ConcludeLength(i, is_single[i] ? Derivation(1) : input[place++]);
    if (!adds && !is_single[i]) explainer.ConcludeLength(place++, input[i]);
  }
  return absl::OkStatus();
}

// The length with what is put at one end of it, or cut off where that is negative.
Derivation Padded(Explainer& explainer, const Derivation& length, const std::string& axis, absl::string_view end,
                  const Expression& pad) {
  const std::string where = absl::StrCat(end == "_begin" ? "before" : "behind", " along ", axis);
  const std::optional<Integer> number = pad.constant();
  if (number.has_value() && number->negative()) {
    return length - explainer.Given(NameAlong("c", axis, end), -*number, "cut off " + where);
  }
  return length + explainer.Given(NameAlong("p", axis, end), pad, "padding " + where);
}

absl::Status ExplainPad(Explainer& explainer) {
  NodeView& node = explainer.node();
  const std::vector<Derivation> input = explainer.GiveInput();
  TENSORD_ASSIGN_OR_RETURN(const auto pads, RequireList(node, node.opset() < 2 ? "paddings" : "pads", 1));
  // Where some axes are named, those that grow are given.
  if (pads.size() != 2 * input.size()) return ExplainOtherShape(explainer);
  const std::vector<std::string> names = AxisNames(input.size());
  for (size_t i = 0; i < input.size(); ++i) {
    const Expression& begin = pads[i];
    const Expression& end = pads[input.size() + i];
    const bool stays = begin == Expression() && end == Expression();
    explainer.ConcludeLength(
        i, stays ? input[i]
                 : Padded(explainer, Padded(explainer, input[i], names[i], "_begin", begin), names[i], "_end", end));
  }
  return absl::OkStatus();
}

absl::Status ExplainDepthToSpace(Explainer& explainer) {
  const std::vector<Derivation> input = explainer.GiveInput();
  TENSORD_ASSIGN_OR_RETURN(const int64_t edge, explainer.node().Int("blocksize", 1));
  const Derivation b = explainer.Given("b", edge, "edge of a block");
  const bool to_space = explainer.node().node().op_type == "DepthToSpace";
  explainer.ConcludeLength(0, input[0]);
  explainer.ConcludeLength(1, to_space ? Floor(input[1], b * b) : input[1] * b * b);
  for (const size_t i : {size_t{2}, size_t{3}}) {
    explainer.ConcludeLength(i, to_space ? input[i] * b : Floor(input[i], b));
  }
  return absl::OkStatus();
}

// Sizes that are multiples: of Tile by its repeats, of Resize and Upsample by what that comes to.
absl::Status ExplainMultiples(Explainer& explainer) {
  const std::vector<Derivation> input = explainer.GiveInput();
  const std::vector<std::string> names = AxisNames(input.size());
  for (size_t i = 0; i < input.size(); ++i) {
    const std::optional<int64_t> times = TimesEach(input[i].value(), explainer.output()[i]);
    if (!times.has_value()) continue;
    explainer.ConcludeLength(
        i, *times == 1 ? input[i]
                       : input[i] * explainer.Given(NameAlong("r", names[i]), *times, "times along " + names[i]));
  }
  return absl::OkStatus();
}

absl::Status ExplainSplit(Explainer& explainer) {
  const NodeView& node = explainer.node();
  const std::vector<Derivation> input = explainer.GiveInput();
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", 0, input.size()));
  for (size_t i = 0; i < input.size(); ++i) {
    if (i != axis) explainer.ConcludeLength(i, input[i]);
  }
  if (node.Has(1) || node.HasAttribute("split")) return absl::OkStatus();
  const auto count = static_cast<int64_t>(node.output_count());
  const Derivation parts = explainer.Given("k", count, "parts");
  explainer.ConcludeLength(axis, Ceil(input[axis], parts));
  return absl::OkStatus();
}

constexpr ExplainedOperator kOperators[] = {
    {"Concat", &ExplainConcat},
    {"Flatten", &ExplainFlatten},
    {"Reshape", &ExplainReshape},
    {"Transpose", &ExplainTranspose},
    {"Squeeze", &ExplainSqueeze},
    {"Unsqueeze", &ExplainSqueeze},
    {"Pad", &ExplainPad},
    {"DepthToSpace", &ExplainDepthToSpace},
    {"SpaceToDepth", &ExplainDepthToSpace},
    {"Tile", &ExplainMultiples},
    {"Resize", &ExplainMultiples},
    {"Upsample", &ExplainMultiples},
    {"Split", &ExplainSplit},
};

}  // namespace

absl::Span<const ExplainedOperator> ExplainedShapes() { return kOperators; }

absl::Status ExplainOtherShape(Explainer& explainer) {
  const std::vector<Derivation> input = explainer.GiveInput();
  if (input.size() != explainer.output().size()) return absl::OkStatus();
  for (size_t i = 0; i < input.size(); ++i) {
    if (input[i].value() == explainer.output()[i]) explainer.ConcludeLength(i, input[i]);
  }
  return absl::OkStatus();
}

}  // namespace tensord::analysis::model
