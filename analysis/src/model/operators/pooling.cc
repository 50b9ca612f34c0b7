// Poolings.
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/operators.h"
#include "analysis/src/model/reads.h"
#include "analysis/src/model/window_attributes.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

// What a window of `window` elements costs, for each of `outputs` of them.
using CountWindows = void (*)(const Expression& outputs, const Expression& window, OperationCounts& counts);

void CountMaxima(const Expression& outputs, const Expression& window, OperationCounts& counts) {
  counts.comparisons = outputs * (window - 1);
}

void CountAverages(const Expression& outputs, const Expression& window, OperationCounts& counts) {
  counts.additions = outputs * (window - 1);
  counts.divisions = outputs;
}

// The p-th root of the sum of p-th powers: for p = 2 squares and a square root.
void CountNorms(const Expression& outputs, const Expression& window, OperationCounts& counts) {
  counts.multiplications = outputs * window;
  counts.additions = outputs * (window - 1);
  counts.special_functions = outputs;
}

template <CountWindows kCount>
absl::Status Pool(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 3));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<WindowAxis> axes, WindowAxesOf(node, *input, std::nullopt));
  TENSORD_ASSIGN_OR_RETURN(const int64_t ceil_mode, node.Int("ceil_mode", 0));
  const compute::LengthRule rule = ceil_mode != 0 ? compute::LengthRule::kCeil : compute::LengthRule::kFloor;
  Shape output = {(*input)[0], (*input)[1]};
  AxisReads reads = SameAxes(2);
  Expression window = 1;
  for (const WindowAxis& axis : axes) {
    TENSORD_ASSIGN_OR_RETURN(Expression length, axis.Length(node, rule));
    reads.push_back(WindowRead(axis, output.size()));
    output.push_back(std::move(length));
    window = window * axis.sizes.window;
  }
  kCount(ElementCount(output), window, node.counts());
  node.Read(1, 0, reads);
  node.Read(0, 0, std::move(reads));
  // MaxPool's second one.
  if (node.output_count() > 1) node.SetOutput(1, ElementType::kInt64, output);
  node.SetOutput(0, node.input(0).type, std::move(output));
  return absl::OkStatus();
}

template <CountWindows kCount>
absl::Status PoolGlobally(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 3));
  Shape output = {(*input)[0], (*input)[1]};
  const Expression window = ElementCount(Shape(input->begin() + 2, input->end()));
  kCount((*input)[0] * (*input)[1], window, node.counts());
  output.resize(input->size(), 1);
  AxisReads reads = SameAxes(2);
  reads.resize(input->size(), {.is_window = true});
  node.Read(0, 0, std::move(reads));
  node.SetOutput(0, node.input(0).type, std::move(output));
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {
    {"MaxPool", &Pool<&CountMaxima>},
    {"AveragePool", &Pool<&CountAverages>},
    {"LpPool", &Pool<&CountNorms>},
    {"GlobalMaxPool", &PoolGlobally<&CountMaxima>},
    {"GlobalAveragePool", &PoolGlobally<&CountAverages>},
    {"GlobalLpPool", &PoolGlobally<&CountNorms>},
};

}  // namespace

absl::Span<const Operator> PoolingOperators() { return kOperators; }

}  // namespace tensord::analysis::model
