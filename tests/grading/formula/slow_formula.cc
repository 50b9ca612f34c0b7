#include "tests/grading/formula/slow_formula.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tensord::grading {
namespace {

int64_t IndexAt(const SlowIndex& index, const std::map<std::string, int64_t>& values) {
  int64_t sum = index.constant;
  for (const auto& [name, factor] : index.factors) sum += factor * values.at(name);
  return sum;
}

int64_t ReadAt(const SlowRead& read, const SlowData& data, const std::map<std::string, int64_t>& values) {
  const FormulaData& tensor = data.tensors.at(read.tensor);
  int64_t place = 0;
  for (size_t axis = 0; axis < read.indices.size(); ++axis) {
    const int64_t index = IndexAt(read.indices[axis], values);
    if (index < 0 || index >= tensor.shape[axis]) return 0;
    place = place * tensor.shape[axis] + index;
  }
  return tensor.values[static_cast<size_t>(place)];
}

int64_t RangeOf(const std::string& name, const SlowTerm& term, const SlowData& data) {
  int64_t longest = 0;
  for (const SlowRead& read : term.reads) {
    for (size_t axis = 0; axis < read.indices.size(); ++axis) {
      const SlowIndex& index = read.indices[axis];
      const bool alone = index.constant == 0 && index.factors == std::map<std::string, int64_t>{{name, 1}};
      if (alone) longest = std::max(longest, data.tensors.at(read.tensor).shape[axis]);
    }
  }
  return longest > 0 ? longest : data.ranges.at(name);
}

int64_t SumFrom(const SlowTerm& term, size_t depth, const SlowData& data, std::map<std::string, int64_t>* values) {
  if (depth == term.sums.size()) {
    int64_t product = term.factor;
    for (const SlowRead& read : term.reads) product *= ReadAt(read, data, *values);
    return product;
  }
  int64_t sum = 0;
  const int64_t range = RangeOf(term.sums[depth], term, data);
  for (int64_t i = 0; i < range; ++i) {
    (*values)[term.sums[depth]] = i;
    sum += SumFrom(term, depth + 1, data, values);
  }
  return sum;
}

bool IsLatex(SlowStyle style) {
  return style == SlowStyle::kLatexFraction || style == SlowStyle::kLatexSubscripts || style == SlowStyle::kLimits;
}

// "j1" is "j_1" in LaTeX.
std::string NameText(const std::string& name, SlowStyle style) {
  if (!IsLatex(style) || name.size() < 2 || name[1] < '0' || name[1] > '9') return name;
  return absl::StrCat(name.substr(0, 1), "_", name.substr(1));
}

std::string IndexTextOf(const SlowIndex& index, SlowStyle style) {
  std::string text;
  for (const auto& [name, factor] : index.factors) {
    const std::string size = std::abs(factor) == 1 ? "" : absl::StrCat(std::abs(factor), IsLatex(style) ? " " : "*");
    absl::StrAppend(&text, factor < 0 ? "-" : text.empty() ? "" : "+", size, NameText(name, style));
  }
  if (index.constant != 0 || text.empty())
    absl::StrAppend(&text, index.constant < 0 || text.empty() ? "" : "+", index.constant);
  return text;
}

std::string ReadText(const SlowRead& read, SlowStyle style) {
  std::vector<std::string> indices;
  for (const SlowIndex& index : read.indices) indices.push_back(IndexTextOf(index, style));
  const bool below =
      style == SlowStyle::kNestedSubscripts || style == SlowStyle::kLatexSubscripts || style == SlowStyle::kLimits;
  const std::string list = below ? absl::StrCat("_{", absl::StrJoin(indices, ","), "}")
                                 : absl::StrCat("[", absl::StrJoin(indices, ","), "]");
  if (!absl::StartsWith(read.tensor, "dJ/d")) return absl::StrCat(read.tensor, list);
  const std::string by = read.tensor.substr(4);
  if (style == SlowStyle::kAscii) return absl::StrCat("d", by, list);
  if (style == SlowStyle::kLatexSubscripts) return absl::StrCat("\\frac{\\partial J}{\\partial ", by, "}", list);
  if (IsLatex(style)) return absl::StrCat("\\frac{\\partial J}{\\partial ", by, list, "}");
  return style == SlowStyle::kUnicode ? absl::StrCat("∂J/∂", by, list) : absl::StrCat("dJ/d", by, list);
}

std::string SumText(const std::vector<std::string>& sums, SlowStyle style,
                    const std::map<std::string, std::string>& uppers) {
  if (sums.empty()) return "";
  std::vector<std::string> names;
  for (const std::string& name : sums) names.push_back(NameText(name, style));
  switch (style) {
    case SlowStyle::kAscii:
      return absl::StrCat("sum(", absl::StrJoin(names, ","), ") ");
    case SlowStyle::kNestedSubscripts:
      return absl::StrCat("sum_", absl::StrJoin(names, " sum_"), " ");
    case SlowStyle::kUnicode:
      return absl::StrCat("Σ_{", absl::StrJoin(names, ","), "} ");
    case SlowStyle::kLatexFraction:
      return absl::StrCat("\\sum_{", absl::StrJoin(names, ", "), "} ");
    case SlowStyle::kLatexSubscripts:
      return absl::StrCat("\\sum\\limits_{", absl::StrJoin(names, "} \\sum\\limits_{"), "} ");
    case SlowStyle::kLimits:
      break;
  }
  std::string text;
  for (size_t i = 0; i < sums.size(); ++i)
    absl::StrAppend(&text, "\\sum_{", names[i], "=0}^{", uppers.at(sums[i]), "} ");
  return text;
}

}  // namespace

int64_t SlowValue(const SlowFormula& formula, const SlowData& data, const std::map<std::string, int64_t>& cell) {
  int64_t total = 0;
  for (const SlowTerm& term : formula) {
    std::map<std::string, int64_t> values = cell;
    total += SumFrom(term, 0, data, &values);
  }
  return total;
}

std::string SlowText(const SlowFormula& formula, SlowStyle style, const std::map<std::string, std::string>& uppers) {
  static constexpr const char* kTimes[] = {" * ", " \\cdot ", " ", " · ", " \\, ", " \\times "};
  const char* const times = kTimes[static_cast<int>(style)];
  std::string text;
  for (const SlowTerm& term : formula) {
    std::vector<std::string> factors;
    if (std::abs(term.factor) != 1 || term.reads.empty()) factors.push_back(absl::StrCat(std::abs(term.factor)));
    for (const SlowRead& read : term.reads) factors.push_back(ReadText(read, style));
    absl::StrAppend(&text,
                    term.factor < 0 ? " - "
                    : text.empty()  ? ""
                                    : " + ",
                    SumText(term.sums, style, uppers), absl::StrJoin(factors, times));
  }
  return text;
}

}  // namespace tensord::grading
