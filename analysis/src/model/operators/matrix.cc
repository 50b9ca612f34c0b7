// Matrix products.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/broadcast.h"
#include "analysis/src/model/operators.h"
#include "analysis/src/model/reads.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

void CountProducts(const Expression& elements, const Expression& depth, OperationCounts& counts) {
  counts.macs = counts.macs_by_output = counts.multiplications = elements * depth;
  counts.additions = elements * (depth - 1);
}

// alpha*A*B + beta*C, A and B transposed where told so.
absl::Status Gemm(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* a, node.ShapeOf(0, "A", 2, 2));
  TENSORD_ASSIGN_OR_RETURN(const Shape* b, node.ShapeOf(1, "B", 2, 2));
  TENSORD_ASSIGN_OR_RETURN(const int64_t a_transposed, node.Int("transA", 0));
  TENSORD_ASSIGN_OR_RETURN(const int64_t b_transposed, node.Int("transB", 0));
  TENSORD_ASSIGN_OR_RETURN(const double alpha, node.Real("alpha", 1));
  TENSORD_ASSIGN_OR_RETURN(const double beta, node.Real("beta", 1));
  node.Mark(1, Role::kParameter);
  node.Mark(2, Role::kParameter);
  const Expression& rows = (*a)[a_transposed != 0 ? 1 : 0];
  const Expression& depth = (*a)[a_transposed != 0 ? 0 : 1];
  const Expression& columns = (*b)[b_transposed != 0 ? 0 : 1];
  node.SettleSize(1, b_transposed != 0 ? 1 : 0, depth);
  TENSORD_RETURN_IF_ERROR(
      node.RequireEqual(depth, (*b)[b_transposed != 0 ? 1 : 0],
                        absl::StrCat("the columns of A, ", node.Describe(0), a_transposed != 0 ? " transposed" : "",
                                     ", have to be as many as the rows of B, ", node.Describe(1),
                                     b_transposed != 0 ? " transposed" : "")));
  const Expression elements = rows * columns;
  CountProducts(elements, depth, node.counts());
  node.Read(0, 0, {{.output_axis = a_transposed != 0 ? -1 : 0}, {.output_axis = a_transposed != 0 ? 0 : -1}});
  node.Read(0, 1, {{.output_axis = b_transposed != 0 ? 1 : -1}, {.output_axis = b_transposed != 0 ? -1 : 1}});
  ReadWhole(node, {2});
  if (alpha != 1) node.counts().multiplications = node.counts().multiplications + elements;
  if (node.Has(2)) {
    node.SettleLastSizes(2, {columns});
    TENSORD_ASSIGN_OR_RETURN(const Shape* c, node.ShapeOf(2, "C", 0, 2));
    const Shape product = {rows, columns};
    TENSORD_RETURN_IF_ERROR(RequireBroadcast(
        node, *c, product,
        absl::StrCat("its C ", node.Describe(2), " has to be broadcast to its product's shape ", ShapeText(product))));
    node.counts().bias_additions = elements;
    node.counts().additions = node.counts().additions + elements;
    if (beta != 1) node.counts().multiplications = node.counts().multiplications + ElementCount(*c);
  }
  node.SetOutput(0, node.input(0).type, {rows, columns});
  return absl::OkStatus();
}

// As NumPy's matmul: the last two axes are multiplied, those before them broadcast; a vector is a row or a column.
absl::Status MatMul(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* first, node.ShapeOf(0, "A", 1));
  TENSORD_ASSIGN_OR_RETURN(const Shape* second, node.ShapeOf(1, "B", 1));
  // What is data is compared instead: the condition is part of the result.
  if (node.input(1).role != Role::kData) {
    node.SettleSize(1, second->size() == 1 ? 0 : second->size() - 2, first->back());
  }
  Shape a = *first;
  Shape b = *second;
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.emplace_back(1);
  const Expression rows = a[a.size() - 2];
  const Expression depth = a[a.size() - 1];
  const Expression columns = b[b.size() - 1];
  TENSORD_RETURN_IF_ERROR(node.RequireEqual(depth, b[b.size() - 2],
                                            absl::StrCat("the last axis of ", node.Describe(0), " and the rows of ",
                                                         node.Describe(1), " have to be equally long")));
  a.resize(a.size() - 2);
  b.resize(b.size() - 2);
  TENSORD_ASSIGN_OR_RETURN(Shape output, Broadcast(node, {&a, &b}));
  const Expression elements = ElementCount(output) * rows * columns;
  CountProducts(elements, depth, node.counts());
  if (first->size() > 1) output.push_back(rows);
  if (second->size() > 1) output.push_back(columns);
  ReadProduct(node, output);
  node.SetOutput(0, node.input(0).type, std::move(output));
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {{"Gemm", &Gemm}, {"MatMul", &MatMul}};

}  // namespace

absl::Span<const Operator> MatrixOperators() { return kOperators; }

}  // namespace tensord::analysis::model
