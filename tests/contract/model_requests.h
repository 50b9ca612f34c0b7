// A good request about a network as a message.
#ifndef TENSORD_TESTS_CONTRACT_MODEL_REQUESTS_H_
#define TENSORD_TESTS_CONTRACT_MODEL_REQUESTS_H_

#include "tensord/v1/model.pb.h"

namespace tensord::contract {

// x [N,3,8,8] through a convolution by [4,?,3,3] with a padding of 1 and a bias [?], flattened by a Reshape to N rows
// of 256, and through a Gemm by [10,?].
[[nodiscard]] v1::AnalyzeModelRequest GoodAnalyzeModelGraph();

}  // namespace tensord::contract

#endif  // TENSORD_TESTS_CONTRACT_MODEL_REQUESTS_H_
