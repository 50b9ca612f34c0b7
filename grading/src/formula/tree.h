// Formulas as they were read.
#ifndef TENSORD_GRADING_SRC_FORMULA_TREE_H_
#define TENSORD_GRADING_SRC_FORMULA_TREE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tensord::grading::formula {

inline constexpr int kMaxDepth = 100;
inline constexpr size_t kMaxNodes = 10000;
// A tensor that the problem does not have.
inline constexpr size_t kUnknownTensor = SIZE_MAX;
inline constexpr size_t kMaxNames = 200;
inline constexpr int64_t kMaxExponent = 64;

// coefficient * the product of names: "2*s*k". A name is a number: of Tree::names, or of Program::slots once resolved.
struct IndexTerm {
  int64_t coefficient = 0;
  std::vector<size_t> names;  // sorted
  bool operator==(const IndexTerm&) const = default;
};

// A sum of terms: "j1 + k1", "s*j - 1"; no two with the same names, and no coefficient is 0.
struct IndexExpression {
  std::vector<IndexTerm> terms;
  size_t offset = 0;
  size_t length = 0;
};

enum class NodeKind {
  kNumber,    // numerator / denominator
  kIndex,     // the value of indices[0]
  kRead,      // tensor[indices...]
  kAdd,       // of all children
  kMultiply,  // of all children
  kNegate,
  kInvert,    // 1 / child
  kPower,     // child ^ exponent
  kFunction,  // of one child, of two for kMax and kMin
  kCompare,   // [child 0 comparison child 1]: 1 where it holds, else 0
  kSum,       // of the child, over `sums`
};

enum class Function {
  kExp,
  kLog,
  kSigmoid,
  kTanh,
  kSqrt,
  kRelu,
  kAbs,
  kSign,
  kMax,
  kMin,
  kSigmoidSlope,  // the derivatives: sigma'
  kTanhSlope,
  kReluSlope,
};

enum class Comparison { kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kEqual, kNotEqual };

// An index that a sum binds.
struct SumIndex {
  size_t name = 0;                       // as IndexTerm::names
  std::optional<IndexExpression> first;  // where written
  std::optional<IndexExpression> last;   // inclusive
  size_t offset = 0;
  size_t length = 0;
};

struct Node {
  NodeKind kind = NodeKind::kNumber;
  size_t offset = 0;
  size_t length = 0;
  std::vector<size_t> children;
  int64_t numerator = 0;
  int64_t denominator = 1;
  int64_t exponent = 1;
  Function function = Function::kExp;
  Comparison comparison = Comparison::kEqual;
  size_t tensor = kUnknownTensor;
  std::string unknown;      // its name
  bool implicit = false;    // its indices are left out
  bool transposed = false;  // W^T: its indices stand in reverse order
  std::vector<IndexExpression> indices;
  std::vector<SumIndex> sums;
  bool sums_all = false;  // sum(...) without indices: over all that are not free
};

struct Tree {
  std::vector<Node> nodes;         // children before their parents
  std::vector<std::string> names;  // of indices and sizes, as CanonicalName()
  size_t root = 0;
};

// The left side of an equation: a tensor and plain indices.
struct LeftSide {
  size_t tensor = kUnknownTensor;
  std::string unknown;
  bool implicit = true;
  std::vector<size_t> names;
  size_t offset = 0;
  size_t length = 0;
};

// left + factor * right, the terms merged; nothing on overflow or beyond 64 terms.
std::optional<IndexExpression> AddIndices(const IndexExpression& left, const IndexExpression& right, int64_t factor);
std::optional<IndexExpression> MultiplyIndices(const IndexExpression& left, const IndexExpression& right);

// As a formula: "2*s*k - 1"; `names` as IndexTerm::names counts.
std::string IndexText(const IndexExpression& expression, const std::vector<std::string>& names);

// One node a line, children indented below; `tensors` are the names of the tensors.
std::string TreeText(const Tree& tree, const std::vector<std::string>& tensors);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_TREE_H_
