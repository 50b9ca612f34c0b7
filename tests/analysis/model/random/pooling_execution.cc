// Poolings, run by tensord's operators.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/status_macros.h"
#include "tests/analysis/model/random/execution.h"
#include "tests/analysis/model/random/window_execution.h"

namespace tensord::analysis::random_graphs {
namespace {

using compute::PoolingKind;

// ONNX passes over padding: a window counts as a whole one, as the analysis documents it.
Work CountWindows(PoolingKind kind, const compute::PoolingGeometry& geometry) {
  int64_t window = 1;
  for (const compute::AxisWindow& axis : geometry.axes) window *= axis.window;
  Work work;
  for (int64_t i = 0; i < Product(geometry.output_shape.sizes()); ++i) {
    (kind == PoolingKind::kMax ? work.comparisons : work.additions) += window - 1;
    if (kind == PoolingKind::kAverage) ++work.divisions;
    if (kind == PoolingKind::kLp) {
      work.multiplications += window;
      ++work.special_functions;
    }
  }
  return work;
}

absl::StatusOr<Execution> Run(PoolingKind kind, const compute::PoolingConventions& conventions, bool wants_indices,
                              const Value& input) {
  compute::Violations violations;
  const compute::Shape shape(input.shape);
  auto geometry = compute::ResolvePooling(kind, conventions, compute::Profile::kOnnx, shape, {}, {}, violations);
  Execution execution;
  if (!geometry.has_value()) {
    // The only rule that ONNX does not have: whether it is the one that was broken is seen by leaving it out.
    compute::PoolingConventions lenient = conventions;
    lenient.empty_window = compute::EmptyWindow::kNegativeInfinity;
    lenient.average_divisor.reset();
    lenient.p.reset();
    compute::Violations others;
    geometry = compute::ResolvePooling(PoolingKind::kMax, lenient, compute::Profile::kOnnx, shape, {}, {}, others);
    if (!geometry.has_value()) return violations.ToStatus();
    execution.has_empty_windows = true;
  }
  TENSORD_ASSIGN_OR_RETURN(const compute::PoolingResult result,
                           compute::Pool(*geometry, input.view(), wants_indices, Serially()));
  execution.outputs.push_back(ValueOf(result.output));
  if (result.indices.has_value()) execution.outputs.push_back(ValueOf(*result.indices));
  execution.work = CountWindows(kind, *geometry);
  return execution;
}

absl::StatusOr<Execution> RunPooling(PoolingKind kind, const GraphNode& node, const Value& input, bool is_global) {
  const size_t rank = input.shape.size();
  if (rank < 3 || rank > 5) return absl::InvalidArgumentError("the input has to have 1..3 spatial axes");
  compute::PoolingConventions conventions = {.input_layout = "NC" + std::string("DHW").substr(5 - rank)};
  if (kind == PoolingKind::kLp) conventions.p = static_cast<double>(IntOf(node, "p", 2));
  if (is_global) {
    conventions.window_mode = compute::WindowMode::kGlobal;
    return Run(kind, conventions, false, input);
  }
  if (!SizesOf(node, "kernel_shape").has_value()) return absl::InvalidArgumentError("kernel_shape is missing");
  TENSORD_ASSIGN_OR_RETURN(conventions.window, ListOf(node, "kernel_shape", rank - 2, 1));
  TENSORD_ASSIGN_OR_RETURN(WindowLists lists, ReadWindowLists(node, rank - 2));
  conventions.strides = std::move(lists.strides);
  conventions.dilations = std::move(lists.dilations);
  conventions.padding = std::move(lists.padding);
  conventions.length_rule = IntOf(node, "ceil_mode", 0) != 0 ? compute::LengthRule::kCeil : compute::LengthRule::kFloor;
  if (kind == PoolingKind::kAverage && IntOf(node, "count_include_pad", 0) != 0) {
    conventions.average_divisor = compute::AverageDivisor::kIncluded;
  }
  return Run(kind, conventions, node.outputs.size() > 1, input);
}

}  // namespace

Outcome ExecutePooling(const GraphNode& node, const std::vector<const Value*>& inputs) {
  for (const auto& [name, kind] :
       {std::pair("MaxPool", PoolingKind::kMax), std::pair("AveragePool", PoolingKind::kAverage),
        std::pair("LpPool", PoolingKind::kLp)}) {
    if (node.op_type == name) return RunPooling(kind, node, *inputs[0], false);
    if (node.op_type == absl::StrCat("Global", name)) return RunPooling(kind, node, *inputs[0], true);
  }
  return std::nullopt;
}

}  // namespace tensord::analysis::random_graphs
