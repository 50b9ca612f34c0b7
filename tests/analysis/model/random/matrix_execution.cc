// Matrix products, run by tensord as convolutions whose windows are single cells.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/status_macros.h"
#include "tests/analysis/model/random/execution.h"
#include "tests/analysis/model/random/window_execution.h"

namespace tensord::analysis::random_graphs {
namespace {

Value Transposed(const Value& matrix) {
  Value result{.shape = {matrix.shape[1], matrix.shape[0]}, .elements = {}};
  for (int64_t j = 0; j < matrix.shape[1]; ++j) {
    for (int64_t i = 0; i < matrix.shape[0]; ++i) {
      result.elements.push_back(matrix.elements[static_cast<size_t>(i * matrix.shape[1] + j)]);
    }
  }
  return result;
}

// Rows are samples, what is summed over are channels, and columns are filters.
absl::StatusOr<Value> Multiply(const Value& a, const Value& b) {
  const Value filters = Transposed(b);
  const compute::Shape input{a.shape[0], a.shape[1], 1};
  const compute::Shape filter{filters.shape[0], filters.shape[1], 1};
  compute::Violations violations;
  const auto geometry = compute::ResolveConvolution({.input_layout = "NCW", .filter_layout = "OIW"},
                                                    compute::Profile::kOnnx, input, filter, {}, {}, violations);
  if (!geometry.has_value()) return violations.ToStatus();
  TENSORD_ASSIGN_OR_RETURN(
      const compute::Tensor output,
      compute::Convolve(*geometry, {.type = compute::DataType::kFloat64, .shape = input, .data = a.elements.data()},
                        {.type = compute::DataType::kFloat64, .shape = filter, .data = filters.elements.data()}, {}, {},
                        Serially()));
  Value product = ValueOf(output);
  product.shape.pop_back();
  return product;
}

void CountProduct(int64_t rows, int64_t depth, int64_t columns, Work& work) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      work.macs += depth;
      work.additions += depth - 1;
    }
  }
  work.multiplications = work.macs_by_output = work.macs;
}

// C is of rank 0..2, and each of its sizes is 1 or the product's, aligned at the last.
absl::Status CheckAddend(const Value& c, const Sizes& product) {
  if (c.shape.size() > 2) return absl::InvalidArgumentError("C is of a rank beyond 2");
  for (size_t i = 0; i < c.shape.size(); ++i) {
    const int64_t size = c.shape[c.shape.size() - 1 - i];
    if (size != 1 && size != product[1 - i]) return absl::InvalidArgumentError("C is not broadcast to the product");
  }
  return absl::OkStatus();
}

absl::StatusOr<Execution> RunGemm(const GraphNode& node, const std::vector<const Value*>& inputs) {
  if (inputs[0]->shape.size() != 2 || inputs[1]->shape.size() != 2) {
    return absl::InvalidArgumentError("A and B have to be matrices");
  }
  const Value a = IntOf(node, "transA", 0) != 0 ? Transposed(*inputs[0]) : *inputs[0];
  const Value b = IntOf(node, "transB", 0) != 0 ? Transposed(*inputs[1]) : *inputs[1];
  TENSORD_ASSIGN_OR_RETURN(Value product, Multiply(a, b));
  Work work;
  CountProduct(a.shape[0], a.shape[1], b.shape[1], work);
  const int64_t elements = Product(product.shape);
  if (RealOf(node, "alpha", 1) != 1) work.multiplications += elements;
  if (inputs.size() > 2 && inputs[2] != nullptr) {
    TENSORD_RETURN_IF_ERROR(CheckAddend(*inputs[2], product.shape));
    work.bias_additions = elements;
    work.additions += elements;
    if (RealOf(node, "beta", 1) != 1) work.multiplications += Product(inputs[2]->shape);
  }
  return Execution{.outputs = {std::move(product)}, .work = work};
}

// The `index`-th matrix of a stack that is broadcast to `stack`.
Value MatrixOf(const Value& value, const Sizes& stack, int64_t index) {
  const size_t own = value.shape.size() - 2;
  int64_t place = 0;
  int64_t step = 1;
  for (size_t i = 0; i < stack.size(); ++i) {
    const size_t axis = stack.size() - 1 - i;
    const int64_t at = index % stack[axis];
    index /= stack[axis];
    if (i >= own) continue;
    const int64_t size = value.shape[own - 1 - i];
    place += (size == 1 ? 0 : at) * step;
    step *= size;
  }
  const Sizes shape(value.shape.end() - 2, value.shape.end());
  const auto begin = value.elements.begin() + place * Product(shape);
  return {.shape = shape, .elements = {begin, begin + Product(shape)}};
}

absl::StatusOr<Sizes> StackOf(const Sizes& a, const Sizes& b) {
  Sizes stack(std::max(a.size(), b.size()) - 2, 1);
  for (const Sizes* shape : {&a, &b}) {
    const size_t offset = stack.size() - (shape->size() - 2);
    for (size_t i = 0; i + 2 < shape->size(); ++i) {
      int64_t& size = stack[offset + i];
      if (size != 1 && (*shape)[i] != 1 && size != (*shape)[i]) return absl::InvalidArgumentError("stacks differ");
      size = std::max(size, (*shape)[i]);
    }
  }
  return stack;
}

absl::StatusOr<Execution> RunMatMul(const std::vector<const Value*>& inputs) {
  Value a = *inputs[0];
  Value b = *inputs[1];
  if (a.shape.empty() || b.shape.empty()) return absl::InvalidArgumentError("a number is no matrix");
  const bool is_row = a.shape.size() == 1;
  const bool is_column = b.shape.size() == 1;
  if (is_row) a.shape.insert(a.shape.begin(), 1);
  if (is_column) b.shape.push_back(1);
  TENSORD_ASSIGN_OR_RETURN(const Sizes stack, StackOf(a.shape, b.shape));
  Execution execution{.outputs = {Value{.shape = stack, .elements = {}}}, .work = Work()};
  Value& output = execution.outputs[0];
  for (int64_t i = 0; i < Product(stack); ++i) {
    TENSORD_ASSIGN_OR_RETURN(const Value product, Multiply(MatrixOf(a, stack, i), MatrixOf(b, stack, i)));
    output.elements.insert(output.elements.end(), product.elements.begin(), product.elements.end());
    CountProduct(a.shape.end()[-2], a.shape.back(), b.shape.back(), *execution.work);
  }
  if (!is_row) output.shape.push_back(a.shape.end()[-2]);
  if (!is_column) output.shape.push_back(b.shape.back());
  return execution;
}

}  // namespace

Outcome ExecuteMatrices(const GraphNode& node, const std::vector<const Value*>& inputs) {
  if (node.op_type == "Gemm") return RunGemm(node, inputs);
  if (node.op_type == "MatMul") return RunMatMul(inputs);
  return std::nullopt;
}

}  // namespace tensord::analysis::random_graphs
