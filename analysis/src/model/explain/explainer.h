// Collects the steps of one layer's explanation.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_EXPLAINER_H_
#define TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_EXPLAINER_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "analysis/src/derivation.h"
#include "analysis/src/model/facts.h"
#include "analysis/src/model/node_view.h"
#include "tensord/analysis/explanation.h"

namespace tensord::analysis::model {

// Inputs and outputs that are told apart in sums; of layers with more, the sums are given as numbers.
inline constexpr size_t kMaxExplainedTensors = 16;

// How each count is derived, where the operator's family knows.
struct CountDerivations {
  std::optional<Derivation> macs;
  std::optional<Derivation> multiplications;
  std::optional<Derivation> additions;
  std::optional<Derivation> bias_additions;
  std::optional<Derivation> comparisons;
  std::optional<Derivation> divisions;
  std::optional<Derivation> special_functions;
  std::optional<Derivation> padding_macs;
  std::optional<Derivation> macs_by_output;
};

// "N", "C", then of the spatial axes the last ones of X, Y, Z, D, H, W: the names of a tensor's axes.
[[nodiscard]] std::vector<std::string> AxisNames(size_t rank);
// "Kh" of 'K' and "H".
[[nodiscard]] std::string NameAlong(absl::string_view prefix, absl::string_view axis, absl::string_view suffix = "");
// The product; 1 of none.
[[nodiscard]] Derivation ProductOf(const std::vector<Derivation>& factors);

// What the model tells of a layer is given, and the rest derived. The values of conclusions are the analysis' own: a
// formula that comes to something else is not shown, and the value stands in its place.
class Explainer {
 public:
  // The node has to outlive the explainer.
  explicit Explainer(NodeView& node) : node_(node) {}

  [[nodiscard]] NodeView& node() { return node_; }
  // Of the first output; empty where it is not known.
  [[nodiscard]] const Shape& output() const { return output_; }
  void SetOutput(Shape output);

  // Each returns the quantity's name with its value, for the formulas of later steps. A value that is beyond 128 bits
  // has no step.
  Derivation Given(absl::string_view name, const Expression& value, absl::string_view meaning);
  Derivation Step(absl::string_view name, const Derivation& derivation, absl::string_view meaning);
  Derivation Conclude(absl::string_view name, const Derivation& derivation, const Expression& value,
                      absl::string_view meaning);

  // The sizes of the first input as given, each by its axis' name; an input without a known shape has none.
  const std::vector<Derivation>& GiveInput();
  // Of another input, which is not the first: `C_1`.
  Derivation GiveSize(size_t input, size_t axis, absl::string_view axis_name);
  // The length of the first output along an axis.
  void ConcludeLength(size_t axis, const Derivation& derivation);
  // Those that nobody concluded are given, but for that of one axis.
  void GiveOtherLengths(std::optional<size_t> but = std::nullopt);
  // `E_out`, once all lengths are there.
  const Derivation& OutputElements();

  // `E_0`, ...: the elements of an input whose shape is known, as the first call's derivation says; without one of
  // input 0 by its sizes, of others given.
  Derivation InputElements(size_t input, const std::optional<Derivation>& derivation = std::nullopt);

  [[nodiscard]] CountDerivations& counts() { return counts_; }
  [[nodiscard]] std::vector<ExplanationStep> TakeSteps() { return std::move(steps_); }

 private:
  void Add(absl::string_view name, std::string general, std::string substituted, const Expression& value,
           absl::string_view meaning);

  NodeView& node_;
  Shape output_;
  std::vector<std::string> output_names_;
  std::vector<std::optional<Derivation>> lengths_;
  std::optional<std::vector<Derivation>> input_sizes_;
  std::optional<Derivation> output_elements_;
  std::map<size_t, Derivation> input_elements_;
  CountDerivations counts_;
  std::vector<ExplanationStep> steps_;
};

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_EXPLAINER_H_
