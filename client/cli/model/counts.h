// The counts of a model and of its layers, each once.
#ifndef TENSORD_CLI_MODEL_COUNTS_H_
#define TENSORD_CLI_MODEL_COUNTS_H_

#include <string>

#include "absl/types/span.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// One kind of count, and where it lies in an answer; null where it is not known.
struct ModelCount {
  const char* name;  // in JSON and CSV
  const v1::Count* (*of)(const v1::Count& parameters, const v1::Count& buffers, const v1::OperationCounts* operations);
};

// All kinds, in the order in which they are printed.
[[nodiscard]] absl::Span<const ModelCount> ModelCounts();

// A count of operations that are known: one that is absent is 0.
[[nodiscard]] const v1::Count& CountOrZero(bool is_there, const v1::Count& count);
[[nodiscard]] const v1::Count& MacsOf(const v1::OperationCounts& operations);

// As people read it: `1,234,567`, `N*57040`; `?` for null.
[[nodiscard]] std::string CountText(const v1::Count* count);
// `1 x 64 x 112 x 112`, `scalar`, `?`.
[[nodiscard]] std::string ShapeText(const v1::ModelTensor& tensor);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_COUNTS_H_
