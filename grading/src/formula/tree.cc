#include "grading/src/formula/tree.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "tensord/compute/checked_math.h"

namespace tensord::grading::formula {
namespace {

constexpr size_t kMaxIndexTerms = 64;
constexpr size_t kMaxIndexFactors = 8;

// Adds a term to those that are there; false on overflow.
bool AddTerm(IndexTerm term, IndexExpression* sum) {
  const auto same = std::find_if(sum->terms.begin(), sum->terms.end(),
                                 [&](const IndexTerm& other) { return other.names == term.names; });
  if (same == sum->terms.end()) {
    if (term.coefficient != 0) sum->terms.push_back(std::move(term));
    return sum->terms.size() <= kMaxIndexTerms;
  }
  const std::optional<int64_t> coefficient = compute::CheckedAdd(same->coefficient, term.coefficient);
  if (!coefficient.has_value()) return false;
  same->coefficient = *coefficient;
  if (*coefficient == 0) sum->terms.erase(same);
  return true;
}

std::string FunctionName(Function function) {
  switch (function) {
    case Function::kExp:
      return "exp";
    case Function::kLog:
      return "log";
    case Function::kSigmoid:
      return "sigmoid";
    case Function::kTanh:
      return "tanh";
    case Function::kSqrt:
      return "sqrt";
    case Function::kRelu:
      return "relu";
    case Function::kAbs:
      return "abs";
    case Function::kSign:
      return "sign";
    case Function::kMax:
      return "max";
    case Function::kMin:
      return "min";
    case Function::kSigmoidSlope:
      return "sigmoid'";
    case Function::kTanhSlope:
      return "tanh'";
    case Function::kReluSlope:
      return "relu'";
  }
  return "";
}

std::string ComparisonText(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess:
      return "<";
    case Comparison::kLessOrEqual:
      return "<=";
    case Comparison::kGreater:
      return ">";
    case Comparison::kGreaterOrEqual:
      return ">=";
    case Comparison::kEqual:
      return "=";
    case Comparison::kNotEqual:
      return "!=";
  }
  return "";
}

std::string ReadText(const Node& node, const Tree& tree, const std::vector<std::string>& tensors) {
  const std::string name =
      node.tensor == kUnknownTensor ? absl::StrCat("unknown ", node.unknown) : tensors[node.tensor];
  if (node.implicit) return absl::StrCat("read ", name);
  return absl::StrCat("read ", name, node.transposed ? "^T" : "", "[",
                      absl::StrJoin(node.indices, ", ",
                                    [&](std::string* out, const IndexExpression& index) {
                                      absl::StrAppend(out, IndexText(index, tree.names));
                                    }),
                      "]");
}

std::string SumText(const Node& node, const Tree& tree) {
  if (node.sums_all) return "sum over what is not free";
  std::vector<std::string> parts;
  for (const SumIndex& index : node.sums) {
    std::string part = tree.names[index.name];
    if (index.first.has_value()) absl::StrAppend(&part, " from ", IndexText(*index.first, tree.names));
    if (index.last.has_value()) absl::StrAppend(&part, " to ", IndexText(*index.last, tree.names));
    parts.push_back(part);
  }
  return absl::StrCat("sum over ", absl::StrJoin(parts, ", "));
}

std::string NodeText(const Node& node, const Tree& tree, const std::vector<std::string>& tensors) {
  switch (node.kind) {
    case NodeKind::kNumber:
      return node.denominator == 1 ? absl::StrCat(node.numerator) : absl::StrCat(node.numerator, "/", node.denominator);
    case NodeKind::kIndex:
      return absl::StrCat("index ", IndexText(node.indices[0], tree.names));
    case NodeKind::kRead:
      return ReadText(node, tree, tensors);
    case NodeKind::kAdd:
      return "add";
    case NodeKind::kMultiply:
      return "multiply";
    case NodeKind::kNegate:
      return "negate";
    case NodeKind::kInvert:
      return "divide by";
    case NodeKind::kPower:
      return absl::StrCat("to the power ", node.exponent);
    case NodeKind::kFunction:
      return FunctionName(node.function);
    case NodeKind::kCompare:
      return absl::StrCat("1 where ", ComparisonText(node.comparison), ", else 0");
    case NodeKind::kSum:
      return SumText(node, tree);
  }
  return "";
}

}  // namespace

std::optional<IndexExpression> AddIndices(const IndexExpression& left, const IndexExpression& right, int64_t factor) {
  IndexExpression sum = left;
  for (const IndexTerm& term : right.terms) {
    const std::optional<int64_t> coefficient = compute::CheckedMultiply(term.coefficient, factor);
    if (!coefficient.has_value() || !AddTerm({*coefficient, term.names}, &sum)) return std::nullopt;
  }
  return sum;
}

std::optional<IndexExpression> MultiplyIndices(const IndexExpression& left, const IndexExpression& right) {
  IndexExpression product;
  for (const IndexTerm& a : left.terms) {
    for (const IndexTerm& b : right.terms) {
      const std::optional<int64_t> coefficient = compute::CheckedMultiply(a.coefficient, b.coefficient);
      if (!coefficient.has_value() || a.names.size() + b.names.size() > kMaxIndexFactors) return std::nullopt;
      IndexTerm term{*coefficient, {}};
      std::merge(a.names.begin(), a.names.end(), b.names.begin(), b.names.end(), std::back_inserter(term.names));
      if (!AddTerm(std::move(term), &product)) return std::nullopt;
    }
  }
  return product;
}

std::string IndexText(const IndexExpression& expression, const std::vector<std::string>& names) {
  std::string text;
  for (const IndexTerm& term : expression.terms) {
    std::vector<std::string> factors;
    const bool negative = term.coefficient < 0;
    const std::string digits = absl::StrCat(term.coefficient);
    const absl::string_view size = absl::string_view(digits).substr(negative ? 1 : 0);
    if (size != "1" || term.names.empty()) factors.emplace_back(size);
    for (const size_t name : term.names) factors.push_back(names[name]);
    absl::StrAppend(&text, text.empty() ? (negative ? "-" : "") : (negative ? "-" : "+"), absl::StrJoin(factors, "*"));
  }
  return text.empty() ? "0" : text;
}

std::string TreeText(const Tree& tree, const std::vector<std::string>& tensors) {
  std::string text;
  std::vector<std::pair<size_t, size_t>> stack = {{tree.root, 0}};  // nodes still to be shown, and their depths
  while (!stack.empty()) {
    const auto [index, depth] = stack.back();
    stack.pop_back();
    const Node& node = tree.nodes[index];
    absl::StrAppend(&text, std::string(2 * depth, ' '), NodeText(node, tree, tensors), "\n");
    for (auto child = node.children.rbegin(); child != node.children.rend(); ++child)
      stack.emplace_back(*child, depth + 1);
  }
  return text;
}

}  // namespace tensord::grading::formula
