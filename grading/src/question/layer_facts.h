// What the counts of a convolutional layer follow from, so that a mistake in one of them can be followed into the rest.
#ifndef TENSORD_GRADING_QUESTION_LAYER_FACTS_H_
#define TENSORD_GRADING_QUESTION_LAYER_FACTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/numeric/int128.h"
#include "tensord/v1/analysis.pb.h"

namespace tensord::grading {

// Notation: N batch, C input channels, O output channels, G groups, K window.
//   output elements = batch * shape_channels * product(output_space)
//   multiplications = output elements * taps          additions = output elements * (taps - 1 + [bias])
//   weights = weight_taps * filters                   parameters = weights + biases
struct LayerFacts {
  std::string layout;  // of input and output: "NHWC"; the output's axes
  absl::int128 batch = 1;
  absl::int128 in_channels = 1;
  absl::int128 out_channels = 1;
  absl::int128 groups = 1;
  std::vector<absl::int128> kernel;
  std::vector<absl::int128> input_space;
  std::vector<absl::int128> output_space;
  bool has_bias = true;

  // What the counts are made of. A layer without a slip has them from the above.
  absl::int128 shape_channels = 1;  // of the output's shape: O
  absl::int128 taps = 1;            // products for each element of the output: product(K) * C / G
  absl::int128 weight_taps = 1;     // weights of each filter: the same
  absl::int128 filters = 1;         // O
  absl::int128 biases = 1;          // O, or 0
  absl::int128 in_answer = 1;       // "how many input channels": C
  absl::int128 out_answer = 1;      // O

  [[nodiscard]] absl::int128 output_elements() const;
  [[nodiscard]] absl::int128 input_elements() const;

  friend bool operator==(const LayerFacts&, const LayerFacts&) = default;
};

// The facts of a convolution whose sizes are all numbers; nothing for any other layer, or where a product of sizes does
// not fit into 128 bits.
[[nodiscard]] std::optional<LayerFacts> FactsOf(const v1::AnalyzeLayerRequest& request,
                                                const v1::AnalyzeLayerResponse& response);

// Writes what follows from the facts into the response. Nothing else changes.
void Restate(const LayerFacts& facts, v1::AnalyzeLayerResponse& response);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_QUESTION_LAYER_FACTS_H_
