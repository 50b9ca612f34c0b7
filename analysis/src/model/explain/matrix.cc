// Matrix products.
#include <string>
#include <vector>

#include "analysis/src/model/explain/families.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

void CountProducts(Explainer& explainer, const Derivation& outputs, const Derivation& depth) {
  CountDerivations& counts = explainer.counts();
  counts.macs = outputs * depth;
  counts.multiplications = counts.macs_by_output = Derivation::Named("mac_count", counts.macs->value());
  counts.additions = outputs * (depth - Derivation(1));
}

absl::Status ExplainGemm(Explainer& explainer) {
  NodeView& node = explainer.node();
  TENSORD_ASSIGN_OR_RETURN(const int64_t a_transposed, node.Int("transA", 0));
  TENSORD_ASSIGN_OR_RETURN(const int64_t b_transposed, node.Int("transB", 0));
  TENSORD_ASSIGN_OR_RETURN(const double alpha, node.Real("alpha", 1));
  TENSORD_ASSIGN_OR_RETURN(const double beta, node.Real("beta", 1));
  const Shape& a = *node.input(0).shape;
  const Shape& b = *node.input(1).shape;
  const Derivation rows = explainer.Given("N", a[a_transposed != 0 ? 1 : 0], "rows of the input: the batch");
  const Derivation depth = explainer.Given("I", a[a_transposed != 0 ? 0 : 1], "columns of the input: its features");
  const Derivation columns = explainer.Given("O", b[b_transposed != 0 ? 0 : 1], "columns of the product: its units");
  explainer.ConcludeLength(0, rows);
  explainer.ConcludeLength(1, columns);
  const Derivation outputs = explainer.OutputElements();
  explainer.InputElements(0, rows * depth);
  explainer.InputElements(1, columns * depth);
  CountProducts(explainer, outputs, depth);
  CountDerivations& counts = explainer.counts();
  if (alpha != 1) counts.multiplications = *counts.multiplications + outputs;
  if (!node.Has(2)) return absl::OkStatus();
  const Derivation bias = explainer.InputElements(2, columns);
  counts.bias_additions = outputs;
  counts.additions = *counts.additions + Derivation::Named("bias_addition_count", outputs.value());
  if (beta != 1) counts.multiplications = *counts.multiplications + bias;
  return absl::OkStatus();
}

// The last two axes are multiplied, those before them broadcast; a vector is a row or a column.
absl::Status ExplainMatMul(Explainer& explainer) {
  const NodeView& node = explainer.node();
  const Shape& b = *node.input(1).shape;
  const std::vector<Derivation> a = explainer.GiveInput();
  const size_t rank = explainer.output().size();
  const size_t matrices = rank - (a.size() > 1 ? 1 : 0) - (b.size() > 1 ? 1 : 0);
  const std::vector<std::string> names = AxisNames(rank);
  for (size_t i = 0; i < matrices; ++i) {
    // Axes are aligned at the last one before the matrices'.
    const size_t behind = matrices - i + 2;
    if (behind <= a.size() && a[a.size() - behind].value() == explainer.output()[i]) {
      explainer.ConcludeLength(i, a[a.size() - behind]);
    } else if (behind <= b.size()) {
      explainer.ConcludeLength(i, explainer.GiveSize(1, b.size() - behind, names[i]));
    }
  }
  if (a.size() > 1) explainer.ConcludeLength(matrices, a[a.size() - 2]);
  if (b.size() > 1) explainer.ConcludeLength(rank - 1, explainer.Given("O", b.back(), "columns of the product"));
  CountProducts(explainer, explainer.OutputElements(), a.back());
  return absl::OkStatus();
}

constexpr ExplainedOperator kOperators[] = {{"Gemm", &ExplainGemm}, {"MatMul", &ExplainMatMul}};

}  // namespace

absl::Span<const ExplainedOperator> ExplainedProducts() { return kOperators; }

}  // namespace tensord::analysis::model
