// Right formulas written in many ways, and wrong ones made of them, against an evaluator of plain loops.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/grading/formula/questions.h"
#include "tests/grading/formula/slow_formula.h"

namespace tensord::grading {
namespace {

SlowIndex Index(const std::string& name) { return {{{name, 1}}, 0}; }
SlowIndex Index(const std::string& a, int64_t sign, const std::string& b) { return {{{a, 1}, {b, sign}}, 0}; }

struct Case {
  std::string target;
  std::string given;
  std::vector<std::string> free;
  SlowFormula formula;
};

std::vector<Case> Cases() {
  const SlowRead weights{"W", {Index("k1"), Index("k2"), Index("n"), Index("m")}};
  const SlowRead window{"X", {Index("i"), Index("j1", 1, "k1"), Index("j2", 1, "k2"), Index("n")}};
  const SlowRead given{"dJ/dZ", {Index("i"), Index("j1"), Index("j2"), Index("m")}};
  const SlowRead shifted{"dJ/dZ", {Index("i"), Index("j1", -1, "k1"), Index("j2", -1, "k2"), Index("m")}};
  return {
      {"Z", "", {"i", "j1", "j2", "m"}, {{1, {"k1", "k2", "n"}, {weights, window}}, {1, {}, {{"b", {Index("m")}}}}}},
      {"dJ/dW", "Z", {"k1", "k2", "n", "m"}, {{1, {"i", "j1", "j2"}, {given, window}}}},
      {"dJ/dX", "Z", {"i", "j1", "j2", "n"}, {{1, {"k1", "k2", "m"}, {shifted, weights}}}},
      {"dJ/db", "Z", {"m"}, {{1, {"i", "j1", "j2"}, {given}}}}};
}

std::string TargetText(const Case& one) {
  std::string text = one.target;
  for (size_t i = 0; i < one.free.size(); ++i) absl::StrAppend(&text, i == 0 ? "[" : ",", one.free[i]);
  return text + "]";
}

const std::map<std::string, std::string>& Uppers() {
  static const auto* const kUppers = new std::map<std::string, std::string>{
      {"i", "B-1"}, {"j1", "H-Kh"}, {"j2", "L-Kw"}, {"m", "O-1"}, {"k1", "Kh-1"}, {"k2", "Kw-1"}, {"n", "C-1"}};
  return *kUppers;
}

std::string Rename(const std::map<std::string, std::string>& names, const std::string& name) {
  const auto found = names.find(name);
  return found == names.end() ? name : found->second;
}

SlowFormula Renamed(SlowFormula formula, const std::map<std::string, std::string>& names) {
  for (SlowTerm& term : formula) {
    for (std::string& name : term.sums) name = Rename(names, name);
    for (SlowRead& read : term.reads) {
      for (SlowIndex& index : read.indices) {
        std::map<std::string, int64_t> factors;
        for (const auto& [name, factor] : index.factors) factors[Rename(names, name)] = factor;
        index.factors = factors;
      }
    }
  }
  return formula;
}

void Shuffle(SlowFormula* formula, std::mt19937* random) {
  std::shuffle(formula->begin(), formula->end(), *random);
  for (SlowTerm& term : *formula) {
    std::shuffle(term.sums.begin(), term.sums.end(), *random);
    std::shuffle(term.reads.begin(), term.reads.end(), *random);
  }
}

// x = x + t - t with another term t: a formula that is longer and equal.
void AddAndSubtract(SlowFormula* formula) {
  SlowTerm more = formula->front();
  more.factor = 3;
  SlowTerm less = more;
  less.factor = -3;
  formula->insert(formula->begin(), more);
  formula->push_back(less);
}

TEST(RandomFormulaTest, RightOnesAreAcceptedInEachStyle) {
  std::mt19937 random(1);
  int count = 0;
  for (const Case& one : Cases()) {
    const FormulaJudge judge = JudgeOf(ConvolutionQuestion(TargetText(one), one.given));
    for (int variant = 0; variant < 12; ++variant) {
      SlowFormula formula = one.formula;
      if (variant % 4 == 3) AddAndSubtract(&formula);
      Shuffle(&formula, &random);
      for (int style = 0; style < kSlowStyles; ++style) {
        std::string left;
        SlowFormula written = formula;
        if (variant % 3 == 1 && style != static_cast<int>(SlowStyle::kLimits)) {
          // The free indices have other names too, those that the left side gives them.
          std::map<std::string, std::string> names = {{"i", "p"},  {"j1", "q"}, {"j2", "r"}, {"m", "s"},
                                                      {"k1", "t"}, {"k2", "u"}, {"n", "v"}};
          written = Renamed(formula, names);
          Case renamed = one;
          for (std::string& name : renamed.free) name = names.at(name);
          left = TargetText(renamed) + " = ";
        }
        const std::string answer = left + SlowText(written, static_cast<SlowStyle>(style), Uppers());
        const FormulaVerdict verdict = judge.Judge(answer);
        EXPECT_EQ(verdict.outcome, FormulaOutcome::kRight) << TargetText(one) << ": " << answer << "\n"
                                                           << Summary(verdict);
        EXPECT_TRUE(verdict.exact);
        ++count;
      }
    }
  }
  EXPECT_GE(count, 200);
}

// One mistake somewhere; false where this kind does not fit the place that was drawn.
bool Spoil(SlowFormula* formula, std::mt19937* random) {
  const auto draw = [&](size_t bound) { return static_cast<size_t>((*random)() % bound); };
  SlowTerm& term = (*formula)[draw(formula->size())];
  SlowRead& read = term.reads[draw(term.reads.size())];
  SlowIndex& index = read.indices[draw(read.indices.size())];
  switch (draw(9)) {
    case 0:
      term.factor *= -1;
      return true;
    case 1:
      term.factor *= 2;
      return true;
    case 2:
      index.constant += draw(2) == 0 ? 1 : -1;
      return true;
    case 3:  // A shift in the other direction, or none.
      if (index.factors.size() < 2) return false;
      index.factors.rbegin()->second *= -1;
      return true;
    case 4:
      if (index.factors.size() < 2) return false;
      index.factors.erase(std::prev(index.factors.end()));
      return true;
    case 5:
      if (read.indices.size() < 2) return false;
      std::swap(read.indices[0], read.indices[1 + draw(read.indices.size() - 1)]);
      return true;
    case 6:
      if (term.reads.size() < 2) return false;
      term.reads.push_back(read);
      return true;
    case 7:
      if (formula->size() < 2) return false;
      formula->erase(formula->begin() + static_cast<std::ptrdiff_t>(draw(formula->size())));
      return true;
    default:
      index.factors.begin()->second *= 2;
      return true;
  }
}

SlowData DataOf(const FormulaCounterexample& example) {
  SlowData data;
  std::map<std::string, int64_t> sizes(example.sizes.begin(), example.sizes.end());
  for (const FormulaData& tensor : example.tensors) data.tensors[tensor.name] = tensor;
  data.ranges = {{"i", sizes["B"]},
                 {"j1", sizes["H"] - sizes["Kh"] + 1},
                 {"j2", sizes["L"] - sizes["Kw"] + 1},
                 {"m", sizes["O"]},
                 {"k1", sizes["Kh"]},
                 {"k2", sizes["Kw"]},
                 {"n", sizes["C"]}};
  return data;
}

void CheckWrong(const Case& one, const SlowFormula& formula, const std::string& answer, const FormulaVerdict& verdict) {
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kWrong) << TargetText(one) << ": " << answer << "\n" << Summary(verdict);
  ASSERT_TRUE(verdict.counterexample.has_value()) << TargetText(one) << ": " << answer;
  const FormulaCounterexample& example = *verdict.counterexample;
  EXPECT_TRUE(example.exact);
  ASSERT_EQ(example.cell.size(), one.free.size());
  std::map<std::string, int64_t> cell;
  for (size_t i = 0; i < example.cell.size(); ++i) cell[one.free[i]] = example.cell[i];
  const SlowData data = DataOf(example);
  EXPECT_EQ(absl::StrCat(SlowValue(one.formula, data, cell)), example.expected) << TargetText(one) << ": " << answer;
  EXPECT_EQ(absl::StrCat(SlowValue(formula, data, cell)), example.actual) << TargetText(one) << ": " << answer;
  EXPECT_NE(example.expected, example.actual);
}

FormulaData RandomTensor(const std::string& name, std::vector<int64_t> shape, std::mt19937* random) {
  FormulaData tensor{name, std::move(shape), {}};
  int64_t count = 1;
  for (const int64_t size : tensor.shape) count *= size;
  for (; count > 0; --count) tensor.values.push_back(static_cast<int64_t>((*random)() % 19) - 9);
  return tensor;
}

// Whether a mistake changed nothing: the sum over all of dZ stays what it is where two of its indices change places.
bool IsEqualAnyway(const Case& one, const SlowFormula& formula, std::mt19937* random) {
  SlowData data;
  for (const FormulaData& tensor : {RandomTensor("X", {2, 4, 6, 3}, random), RandomTensor("W", {2, 3, 3, 5}, random),
                                    RandomTensor("b", {5}, random), RandomTensor("dJ/dZ", {2, 3, 4, 5}, random)}) {
    data.tensors[tensor.name] = tensor;
  }
  data.ranges = {{"i", 2}, {"j1", 3}, {"j2", 4}, {"m", 5}, {"k1", 2}, {"k2", 3}, {"n", 3}};
  std::map<std::string, int64_t> cell;
  for (const std::string& name : one.free) cell[name] = 1;
  return SlowValue(one.formula, data, cell) == SlowValue(formula, data, cell);
}

TEST(RandomFormulaTest, WrongOnesAreRejectedWithDataThatShowsIt) {
  std::mt19937 random(2);
  int count = 0;
  int equal = 0;
  for (const Case& one : Cases()) {
    const FormulaJudge judge = JudgeOf(ConvolutionQuestion(TargetText(one), one.given));
    for (int variant = 0; variant < 64;) {
      SlowFormula formula = one.formula;
      Shuffle(&formula, &random);
      if (!Spoil(&formula, &random)) continue;
      const std::string answer = SlowText(formula, static_cast<SlowStyle>(variant++ % (kSlowStyles - 1)), {});
      const FormulaVerdict verdict = judge.Judge(answer);
      ++count;
      if (verdict.outcome == FormulaOutcome::kRight) {
        ++equal;
        EXPECT_TRUE(IsEqualAnyway(one, formula, &random)) << TargetText(one) << ": " << answer;
        continue;
      }
      CheckWrong(one, formula, answer, verdict);
    }
  }
  EXPECT_GE(count - equal, 200);
  EXPECT_LE(equal, 20);
}

}  // namespace
}  // namespace tensord::grading
