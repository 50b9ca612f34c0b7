// Convolutions and transposed convolutions.
#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/explain/families.h"
#include "analysis/src/model/explain/windows.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

// Past that many taps along an axis the positions of each are not written down.
constexpr int64_t kMaxListedTaps = 16;
constexpr int64_t kMaxTaps = int64_t{1} << 16;

// Of each tap along an axis, at how many positions it reads the input, and not padding; nothing where one is a symbol.
//
// Tap k at position o reads place o*s + k*d - p_begin, which has to be 0..H-1.
std::optional<std::vector<Integer>> PositionsInside(const WindowAxis& axis, const Expression& output) {
  const std::optional<Integer> input = axis.sizes.input.constant();
  const std::optional<Integer> positions = output.constant();
  const std::optional<Integer> taps = axis.sizes.window.constant();
  if (!input.has_value() || !positions.has_value() || !taps.has_value() || *taps > Integer(kMaxTaps)) {
    return std::nullopt;
  }
  // How many positions read a place before `end`.
  const auto before = [&](const Integer& end, int64_t tap) -> std::optional<Integer> {
    const std::optional<Integer> reach = Multiply(tap, axis.sizes.dilation);
    const std::optional<Integer> shifted = reach.has_value() ? Subtract(axis.pad_begin, *reach) : std::nullopt;
    const std::optional<Integer> bound = shifted.has_value() ? Add(end, *shifted) : std::nullopt;
    if (!bound.has_value()) return std::nullopt;
    return std::clamp(CeilDivide(*bound, axis.stride), Integer(0), *positions);
  };
  std::vector<Integer> inside;
  for (int64_t tap = 0; tap < *taps->ToInt64(); ++tap) {
    const std::optional<Integer> first = before(0, tap);
    const std::optional<Integer> last = before(*input, tap);
    if (!first.has_value() || !last.has_value()) return std::nullopt;
    inside.push_back(*Subtract(*last, *first));
  }
  return inside;
}

// `P_h`: pairs of a position and a tap along one axis that read the input. Nothing where symbols decide.
std::optional<Derivation> PairsInside(Explainer& explainer, const WindowAxis& axis, const NamedWindow& window,
                                      const Expression& output) {
  const auto inside = PositionsInside(axis, output);
  if (!inside.has_value()) return std::nullopt;
  const std::string name = NameAlong("P_", window.axis);
  const bool all = std::all_of(inside->begin(), inside->end(), [&](const Integer& n) { return output == n; });
  if (all) {
    const Derivation length = Derivation::Named(absl::StrCat(window.axis, "_out"), output);
    return explainer.Step(name, length * window.window,
                          absl::StrCat("positions and taps along ", window.axis, ": none of them reads padding"));
  }
  Expression sum;
  for (const Integer& positions : *inside) sum = sum + positions;
  const std::string meaning =
      absl::StrCat("positions along ", window.axis, " at which tap 0, 1, ... reads the input and no padding");
  if (static_cast<int64_t>(inside->size()) > kMaxListedTaps) return explainer.Given(name, sum, meaning);
  std::optional<Derivation> listed;
  for (const Integer& positions : *inside) {
    const std::optional<int64_t> number = positions.ToInt64();
    if (!number.has_value()) return explainer.Given(name, sum, meaning);
    listed = listed.has_value() ? *listed + Derivation(*number) : Derivation(*number);
  }
  return explainer.Step(name, *listed, meaning);
}

// `I`: what the filter takes, C or C/G.
Derivation GroupChannels(Explainer& explainer, const Derivation& channels, const Derivation& groups,
                         const Expression& taken) {
  if (groups.value() == Expression(1) && taken == channels.value()) return channels;
  return explainer.Conclude("I", Floor(channels, groups), taken, "input channels of a group");
}

void ExplainPadding(Explainer& explainer, const std::vector<WindowAxis>& axes, const std::vector<NamedWindow>& windows,
                    const Derivation& products, const Derivation& others) {
  const std::optional<Expression>& count = explainer.node().counts().padding_macs;
  if (!count.has_value() || *count == Expression()) return;
  Derivation inside = others;
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto pairs = PairsInside(explainer, axes[i], windows[i], explainer.output()[i + 2]);
    if (!pairs.has_value()) return;
    inside = inside * *pairs;
  }
  explainer.counts().padding_macs = products - inside;
}

absl::StatusOr<std::vector<WindowAxis>> AxesOf(NodeView& node) {
  const Shape& filter = *node.input(1).shape;
  return WindowAxesOf(node, *node.input(0).shape, Shape(filter.begin() + 2, filter.end()));
}

absl::Status ExplainConvolution(Explainer& explainer) {
  NodeView& node = explainer.node();
  const Shape& filter = *node.input(1).shape;
  TENSORD_ASSIGN_OR_RETURN(const int64_t group_count, node.Int("group", 1));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<WindowAxis> axes, AxesOf(node));
  const std::vector<Derivation> input = explainer.GiveInput();
  const Derivation filters = explainer.Given("O", filter[0], "output channels: the filters");
  const Derivation groups = group_count == 1 ? Derivation(1) : explainer.Given("G", group_count, "groups");
  const Derivation channels = GroupChannels(explainer, input[1], groups, filter[1]);
  const std::vector<NamedWindow> windows = GiveWindows(explainer, axes);
  explainer.ConcludeLength(0, input[0]);
  explainer.ConcludeLength(1, filters);
  for (size_t i = 0; i < windows.size(); ++i) explainer.ConcludeLength(i + 2, LengthRoundedDown(windows[i]));
  const Derivation outputs = explainer.OutputElements();
  const Derivation taps =
      explainer.Step("T", channels * WindowElements(windows), "products for each element of the output");
  explainer.InputElements(1, filters * channels * WindowElements(windows));
  if (node.Has(2)) explainer.InputElements(2, filters);
  CountDerivations& counts = explainer.counts();
  counts.macs = outputs * taps;
  const Derivation products = Derivation::Named("mac_count", counts.macs->value());
  counts.multiplications = counts.macs_by_output = products;
  counts.additions = outputs * (taps - Derivation(1));
  if (node.Has(2)) {
    counts.bias_additions = outputs;
    counts.additions = *counts.additions + Derivation::Named("bias_addition_count", outputs.value());
  }
  ExplainPadding(explainer, axes, windows, products, input[0] * filters * channels);
  return absl::OkStatus();
}

// sh*(H - 1) + dh*(Kh - 1) + 1 + oph - ph_begin - ph_end; H*sh for the SAME modes.
//
// Source: https://onnx.ai/onnx/operators/onnx__ConvTranspose.html (its output_shape)
Derivation TransposedLengthOf(Explainer& explainer, const NamedWindow& window, int64_t output_padding) {
  const bool is_given = window.mode == compute::PaddingMode::kExplicit || window.mode == compute::PaddingMode::kValid;
  if (!is_given) return window.input * window.stride;
  const Derivation more =
      explainer.Given(NameAlong("op", window.axis), output_padding, absl::StrCat("output padding along ", window.axis));
  return window.stride * (window.input - Derivation(1)) + window.dilation * (window.window - Derivation(1)) +
         Derivation(1) + more - window.pad_begin - window.pad_end;
}

absl::Status ExplainTransposedConvolution(Explainer& explainer) {
  NodeView& node = explainer.node();
  const Shape& filter = *node.input(1).shape;
  TENSORD_ASSIGN_OR_RETURN(const int64_t group_count, node.Int("group", 1));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> output_padding, node.Ints("output_padding"));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<WindowAxis> axes, AxesOf(node));
  const std::vector<Derivation> input = explainer.GiveInput();
  const bool is_grouped = group_count != 1;
  const Derivation groups = is_grouped ? explainer.Given("G", group_count, "groups") : Derivation(1);
  const Derivation made =
      explainer.Given(is_grouped ? "M" : "O", filter[1], is_grouped ? "output channels of a group" : "output channels");
  const Derivation filters = is_grouped ? explainer.Step("O", made * groups, "output channels") : made;
  const std::vector<NamedWindow> windows = GiveWindows(explainer, axes);
  explainer.ConcludeLength(0, input[0]);
  explainer.ConcludeLength(1, filters);
  if (!node.HasAttribute("output_shape")) {
    for (size_t i = 0; i < windows.size(); ++i) {
      const int64_t more = i < output_padding.size() ? output_padding[i] : 0;
      explainer.ConcludeLength(i + 2, TransposedLengthOf(explainer, windows[i], more));
    }
  }
  const Derivation outputs = explainer.OutputElements();
  const Derivation inputs = explainer.InputElements(0);
  const Derivation taps =
      explainer.Step("T", made * WindowElements(windows), "products with each element of the input");
  explainer.InputElements(1, input[1] * made * WindowElements(windows));
  if (node.Has(2)) explainer.InputElements(2, filters);
  CountDerivations& counts = explainer.counts();
  counts.macs = inputs * taps;
  const Derivation products = Derivation::Named("mac_count", counts.macs->value());
  counts.multiplications = counts.additions = products;
  const Derivation taken = is_grouped ? Floor(input[1], groups) : input[1];
  counts.macs_by_output = outputs * taken * WindowElements(windows);
  if (node.Has(2)) {
    counts.bias_additions = outputs;
    counts.additions = *counts.additions + Derivation::Named("bias_addition_count", outputs.value());
  }
  return absl::OkStatus();
}

constexpr ExplainedOperator kOperators[] = {{"Conv", &ExplainConvolution},
                                            {"ConvTranspose", &ExplainTransposedConvolution}};

}  // namespace

absl::Span<const ExplainedOperator> ExplainedConvolutions() { return kOperators; }

}  // namespace tensord::analysis::model
