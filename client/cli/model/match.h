// Which layers of two models are the same one.
#ifndef TENSORD_CLI_MODEL_MATCH_H_
#define TENSORD_CLI_MODEL_MATCH_H_

#include <cstdint>
#include <vector>

#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// The most pairs of layers that are compared where names say nothing; what is beyond is paired in order.
inline constexpr int64_t kMaxComparedPairs = int64_t{1} << 22;

// For each layer of `b` its counterpart in `a`, or -1; no layer of `a` is there twice.
//
// Layers whose name both models have once are the same. Those between two such layers, and in the same order in both,
// are matched by their operators: the longest common subsequence, with an advantage where the last parts of the names
// are alike too. Where that would be more than kMaxComparedPairs for the models together, one after the other of the
// same operator. Linear in the layers but for those pairs.
[[nodiscard]] std::vector<int> MatchLayers(const v1::AnalyzeModelResponse& a, const v1::AnalyzeModelResponse& b);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_MATCH_H_
