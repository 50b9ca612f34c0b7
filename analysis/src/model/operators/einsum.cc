// Sums of products along named axes.
//
//   Einsum  Of two operands with A the product of the sizes of all letters, and R elements of the result: A
//           multiply-accumulates, A - R additions. Of one operand: A - R additions.
//
// Three operands and more can be multiplied in several orders, and `...` stands for any axes: the cost is not known
// then.
//
// Source: https://onnx.ai/onnx/operators/onnx__Einsum.html
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analysis/src/model/graph_text.h"
#include "analysis/src/model/operators.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

struct Equation {
  std::vector<std::string> operands;  // a letter for each axis
  std::string result;
};

// Without an arrow the result has the letters that stand once, in their order.
std::string ImplicitResult(const std::string& operands) {
  std::map<char, int> counts;
  for (const char letter : operands) {
    if (letter != ',') ++counts[letter];
  }
  std::string result;
  for (const auto& [letter, count] : counts) {
    if (count == 1) result += letter;
  }
  return result;
}

absl::Status WrongEquation(const NodeView& node, const std::string& text, absl::string_view rule) {
  return node.Error(absl::StrCat("its equation ", Quoted(text), " ", rule));
}

// `text` is without spaces and without `...`.
absl::StatusOr<Equation> Parse(const NodeView& node, const std::string& text) {
  const size_t arrow = text.find("->");
  const std::string left = text.substr(0, arrow);
  Equation equation{.operands = absl::StrSplit(left, ','),
                    .result = arrow == std::string::npos ? ImplicitResult(left) : text.substr(arrow + 2)};
  const auto is_letter = [](char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); };
  for (const char c : left) {
    if (c != ',' && !is_letter(c))
      return WrongEquation(node, text, "has to be letters, commas and an arrow: ij,jk->ik");
  }
  std::string seen;
  for (const char c : equation.result) {
    if (!is_letter(c) || left.find(c) == std::string::npos || seen.find(c) != std::string::npos) {
      return WrongEquation(node, text, "has to have behind its arrow letters of its operands, each once");
    }
    seen += c;
  }
  if (equation.operands.size() != node.input_count()) {
    return WrongEquation(node, text,
                         absl::StrCat("has ", equation.operands.size(), " operands, has to have one for each",
                                      " of its ", node.input_count(), " inputs"));
  }
  return equation;
}

// Of which axis of the result the operand's axes are; the others are summed.
AxisReads ReadsOf(const std::string& operand, const std::string& result) {
  AxisReads reads(operand.size());
  for (size_t i = 0; i < operand.size(); ++i) {
    const size_t axis = result.find(operand[i]);
    if (axis != std::string::npos) reads[i].output_axis = static_cast<int>(axis);
  }
  return reads;
}

absl::Status Einsum(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(std::string text, node.Text("equation", ""));
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  if (text.find("...") != std::string::npos) {
    node.LeaveUnknown();
    return absl::OkStatus();
  }
  TENSORD_ASSIGN_OR_RETURN(const Equation equation, Parse(node, text));
  std::map<char, Expression> sizes;
  for (size_t input = 0; input < equation.operands.size(); ++input) {
    const std::string& letters = equation.operands[input];
    TENSORD_ASSIGN_OR_RETURN(const Shape* shape, node.ShapeOf(input, "operand", letters.size(), letters.size()));
    for (size_t i = 0; i < letters.size(); ++i) {
      const auto [place, is_new] = sizes.try_emplace(letters[i], (*shape)[i]);
      if (is_new) continue;
      TENSORD_RETURN_IF_ERROR(node.RequireEqual(
          place->second, (*shape)[i],
          absl::StrCat("axis ", i, " of its operand ", node.Describe(input), " has to be as long as the other axes \"",
                       letters.substr(i, 1), "\" of its equation ", Quoted(text))));
    }
    node.Read(0, input, ReadsOf(letters, equation.result));
  }
  Shape output;
  for (const char letter : equation.result) output.push_back(sizes[letter]);
  Expression all = 1;
  for (const auto& [letter, size] : sizes) all = all * size;
  OperationCounts& counts = node.counts();
  if (equation.operands.size() == 2) counts.macs = counts.macs_by_output = counts.multiplications = all;
  counts.additions = all - ElementCount(output);
  if (equation.operands.size() > 2) node.LeaveUnknown();
  node.SetOutput(0, node.input(0).type, std::move(output));
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {{"Einsum", &Einsum}};

}  // namespace

absl::Span<const Operator> EinsumOperators() { return kOperators; }

}  // namespace tensord::analysis::model
