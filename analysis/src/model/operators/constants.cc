#include "analysis/src/model/operators.h"

namespace tensord::analysis::model {

absl::Span<const Operator> ConstantOperators() { return {}; }

}  // namespace tensord::analysis::model
