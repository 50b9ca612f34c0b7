// Poolings.
#include <vector>

#include "absl/strings/match.h"
#include "analysis/src/model/explain/families.h"
#include "analysis/src/model/explain/windows.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

// What the pools of that name count, of windows with so many elements.
void CountPool(Explainer& explainer, const Derivation& outputs, const Derivation& elements) {
  const Derivation window = explainer.Step("T", elements, "elements of a window");
  const Derivation joins = outputs * (window - Derivation(1));
  const absl::string_view name = explainer.node().node().op_type;
  CountDerivations& counts = explainer.counts();
  if (absl::EndsWith(name, "MaxPool")) {
    counts.comparisons = joins;
  } else if (absl::EndsWith(name, "AveragePool")) {
    counts.additions = joins;
    counts.divisions = outputs;
  } else {
    counts.multiplications = outputs * window;
    counts.additions = joins;
    counts.special_functions = outputs;
  }
}

absl::Status ExplainPool(Explainer& explainer) {
  NodeView& node = explainer.node();
  TENSORD_ASSIGN_OR_RETURN(const std::vector<WindowAxis> axes, WindowAxesOf(node, *node.input(0).shape, std::nullopt));
  TENSORD_ASSIGN_OR_RETURN(const int64_t ceil_mode, node.Int("ceil_mode", 0));
  const std::vector<Derivation> input = explainer.GiveInput();
  const std::vector<NamedWindow> windows = GiveWindows(explainer, axes);
  explainer.ConcludeLength(0, input[0]);
  explainer.ConcludeLength(1, input[1]);
  for (size_t i = 0; i < windows.size(); ++i) {
    Derivation length = LengthRoundedDown(windows[i]);
    if (ceil_mode != 0) {
      length = LengthRoundedUp(windows[i], false);
      if (length.value() != explainer.output()[i + 2]) length = LengthRoundedUp(windows[i], true);
    }
    explainer.ConcludeLength(i + 2, length);
  }
  CountPool(explainer, explainer.OutputElements(), WindowElements(windows));
  return absl::OkStatus();
}

absl::Status ExplainGlobalPool(Explainer& explainer) {
  const std::vector<Derivation> input = explainer.GiveInput();
  Derivation window;
  for (size_t i = 0; i < input.size(); ++i) {
    explainer.ConcludeLength(i, i < 2 ? input[i] : Derivation(1));
    if (i >= 2) window = window * input[i];
  }
  CountPool(explainer, explainer.OutputElements(), window);
  return absl::OkStatus();
}

constexpr ExplainedOperator kOperators[] = {
    {"MaxPool", &ExplainPool},
    {"AveragePool", &ExplainPool},
    {"LpPool", &ExplainPool},
    {"GlobalMaxPool", &ExplainGlobalPool},
    {"GlobalAveragePool", &ExplainGlobalPool},
    {"GlobalLpPool", &ExplainGlobalPool},
};

}  // namespace

absl::Span<const ExplainedOperator> ExplainedPoolings() { return kOperators; }

}  // namespace tensord::analysis::model
