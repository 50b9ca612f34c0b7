#include "analysis/src/model/operators.h"

#include <map>

namespace tensord::analysis::model {

Handler FindOperator(absl::string_view domain, absl::string_view name) {
  // ONNX's own operators; "ai.onnx" is the same domain's longer name.
  if (!domain.empty() && domain != "ai.onnx") return nullptr;
  static const auto* const operators = [] {
    auto* const table = new std::map<absl::string_view, Handler>();
    for (const absl::Span<const Operator> family :
         {ConvolutionOperators(), PoolingOperators(), MatrixOperators(), EinsumOperators(), NormalizationOperators(),
          ElementwiseOperators(), ActivationOperators(), ReductionOperators(), ShapeOperators(), ConstantOperators(),
          SliceOperators(), ResizeOperators()}) {
      for (const Operator& entry : family) table->emplace(entry.name, entry.handler);
    }
    return table;
  }();
  const auto found = operators->find(name);
  return found == operators->end() ? nullptr : found->second;
}

}  // namespace tensord::analysis::model
