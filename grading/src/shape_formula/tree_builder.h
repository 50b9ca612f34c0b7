// Makes trees, within bounds.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_TREE_BUILDER_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_TREE_BUILDER_H_

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "grading/src/shape_formula/tree.h"
#include "tensord/compute/status_macros.h"
#include "tensord/grading/shape_formula.h"

namespace tensord::grading::shapes {

// Each function adds nodes and returns the place of the last.
// Errors: kInvalidArgument - more than ShapeFormulaJudge::kMaxNodes.
class TreeBuilder {
 public:
  using Result = absl::StatusOr<int>;

  Result Number(int64_t numerator, int64_t denominator) {
    return Push({.kind = NodeKind::kNumber, .numerator = numerator, .denominator = denominator});
  }
  Result Variable(int variable) { return Push({.kind = NodeKind::kVariable, .variable = variable}); }
  Result Unary(NodeKind kind, int first) { return Push({.kind = kind, .first = first}); }
  Result Binary(NodeKind kind, int first, int second) { return Push({.kind = kind, .first = first, .second = second}); }
  Result Power(int base, int exponent) { return Push({.kind = NodeKind::kPower, .first = base, .exponent = exponent}); }

  Result Negated(int first) {
    TENSORD_ASSIGN_OR_RETURN(const int zero, Number(0, 1));
    return Binary(NodeKind::kSubtract, zero, first);
  }
  // first/second, rounded as kFloor, kCeil or kTruncate say.
  Result Quotient(NodeKind rounding, int first, int second) {
    TENSORD_ASSIGN_OR_RETURN(const int quotient, Binary(NodeKind::kDivide, first, second));
    return Unary(rounding, quotient);
  }
  // What remains of first after second has been taken away as often as the rounded quotient says.
  Result Modulo(NodeKind rounding, int first, int second) {
    TENSORD_ASSIGN_OR_RETURN(const int quotient, Quotient(rounding, first, second));
    TENSORD_ASSIGN_OR_RETURN(const int product, Binary(NodeKind::kMultiply, second, quotient));
    return Binary(NodeKind::kSubtract, first, product);
  }
  // 1 where `first relation second` holds, else 0.
  Result Relation(int first, absl::string_view relation, int second) {
    if (relation == ">=") return Binary(NodeKind::kAtLeast, first, second);
    if (relation == "<=") return Binary(NodeKind::kAtLeast, second, first);
    if (relation == ">") return Binary(NodeKind::kGreater, first, second);
    if (relation == "<") return Binary(NodeKind::kGreater, second, first);
    TENSORD_ASSIGN_OR_RETURN(const int not_less, Binary(NodeKind::kAtLeast, first, second));
    TENSORD_ASSIGN_OR_RETURN(const int not_more, Binary(NodeKind::kAtLeast, second, first));
    TENSORD_ASSIGN_OR_RETURN(const int equal, Binary(NodeKind::kMultiply, not_less, not_more));
    if (relation == "=") return equal;
    TENSORD_ASSIGN_OR_RETURN(const int one, Number(1, 1));
    return Binary(NodeKind::kSubtract, one, equal);
  }

  [[nodiscard]] Tree tree() && { return std::move(tree_); }

 private:
  Result Push(const Node& node) {
    if (tree_.size() == ShapeFormulaJudge::kMaxNodes) {
      return absl::InvalidArgumentError(
          absl::StrCat("has more than ", ShapeFormulaJudge::kMaxNodes, " operations; write a shorter formula"));
    }
    tree_.push_back(node);
    return static_cast<int>(tree_.size()) - 1;
  }

  Tree tree_;
};

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_TREE_BUILDER_H_
