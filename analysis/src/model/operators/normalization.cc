#include "analysis/src/model/operators.h"

namespace tensord::analysis::model {

absl::Span<const Operator> NormalizationOperators() { return {}; }

}  // namespace tensord::analysis::model
