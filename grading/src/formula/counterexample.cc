#include "grading/src/formula/counterexample.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "grading/src/formula/build.h"
#include "grading/src/formula/numbers.h"

namespace tensord::grading::formula {
namespace {

constexpr int kAttempts = 6;
constexpr int64_t kBudget = int64_t{1} << 22;

// Entries from -3 to 3 without 0, which would hide a factor; every other attempt positive, for the sake of logarithms.
std::vector<FormulaData> DrawData(const Model& model, const std::vector<int64_t>& symbols, int attempt,
                                  Random* random) {
  std::vector<FormulaData> data(model.tensors.size());
  for (size_t i = 0; i < model.tensors.size(); ++i) {
    const ModelTensor& tensor = model.tensors[i];
    const bool given = tensor.gradient.has_value() && !tensor.defined;
    const bool seed =
        model.seed_gradient.has_value() && !model.seed_is_one && model.tensors[*model.seed_gradient].gradient == i;
    const std::optional<std::vector<int64_t>> shape = ShapeOf(tensor, symbols);
    if ((!given && !seed) || !shape.has_value()) continue;
    data[i] = {tensor.name, *shape, {}};
    for (int64_t count = CellCount(*shape); count > 0; --count) {
      const auto size = static_cast<int64_t>(1 + random->Below(3));
      const bool negative = attempt % 2 == 0 && random->Below(2) == 0;
      data[i].values.push_back(negative ? -size : size);
    }
  }
  return data;
}

template <typename Value>
std::string ActualText(const Comparisons<Value>& found, std::string text) {
  if (found.state == State::kOk) return text;
  return found.state == State::kUndefined ? "undefined" : "reads outside a tensor";
}

enum class Search { kFound, kNone, kInexact };

template <typename Arithmetic>
Search Try(const Model& model, const Program& answer, Arithmetic arithmetic, const std::vector<int64_t>& symbols,
           const std::vector<FormulaData>& data, int64_t* budget, FormulaCounterexample* example) {
  const auto built = BuildInstance(model, arithmetic, symbols, [&](size_t tensor, size_t place) {
    return arithmetic.FromFraction(data[tensor].values[place], 1);
  });
  if (built.state == State::kInexact) return Search::kInexact;
  if (!built.ok()) return Search::kNone;
  const auto found = Compare(model, answer, *built.value, budget);
  if (found.same || found.unknown_range.has_value() || found.state == State::kTooMuch) return Search::kNone;
  if (found.state == State::kInexact) return Search::kInexact;
  example->cell = found.cell;
  example->expected = Arithmetic::Text(found.expected);
  example->expected_value = Arithmetic::ToDouble(found.expected);
  example->actual = ActualText(found, Arithmetic::Text(found.actual));
  if (found.state == State::kOk) example->actual_value = Arithmetic::ToDouble(found.actual);
  for (size_t i = 0; i < symbols.size(); ++i) example->sizes.emplace_back(model.symbols[i], symbols[i]);
  for (const FormulaData& tensor : data) {
    if (!tensor.name.empty()) example->tensors.push_back(tensor);
  }
  return Search::kFound;
}

}  // namespace

std::optional<FormulaCounterexample> FindCounterexample(const Model& model, const Program& answer) {
  int64_t budget = kBudget;
  Random random(Random::Mix(model.seed + 7));
  for (const std::vector<int64_t>& symbols : model.growing) {
    for (int attempt = 0; attempt < kAttempts && budget > 0; ++attempt) {
      const std::vector<FormulaData> data = DrawData(model, symbols, attempt, &random);
      FormulaCounterexample example;
      Search search = Try(model, answer, FractionArithmetic(), symbols, data, &budget, &example);
      if (search == Search::kInexact) {
        example.exact = false;
        search = Try(model, answer, RealArithmetic(), symbols, data, &budget, &example);
      }
      if (search == Search::kFound) return example;
    }
  }
  return std::nullopt;
}

}  // namespace tensord::grading::formula
