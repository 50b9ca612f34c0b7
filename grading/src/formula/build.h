// Fills a question's tensors for one choice of sizes, and compares answers with what is expected.
#ifndef TENSORD_GRADING_SRC_FORMULA_BUILD_H_
#define TENSORD_GRADING_SRC_FORMULA_BUILD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "grading/src/formula/evaluate.h"
#include "grading/src/formula/instance.h"
#include "grading/src/formula/model.h"
#include "grading/src/formula/ranges.h"

namespace tensord::grading::formula {

inline constexpr int64_t kMaxCells = 4096;                   // of a tensor
inline constexpr int64_t kMaxInstanceCells = 1 << 16;        // of all tensors
inline constexpr int64_t kInstanceBudget = 1 << 20;          // nodes evaluated for what is expected
inline constexpr int64_t kVerdictBudget = int64_t{1} << 23;  // for an answer

// The shape for sizes `symbols`, or nothing where an axis would be empty or the tensor too large.
inline std::optional<std::vector<int64_t>> ShapeOf(const ModelTensor& tensor, const std::vector<int64_t>& symbols) {
  std::vector<int64_t> shape;
  int64_t cells = 1;
  for (const IndexExpression& size : tensor.sizes) {
    const std::optional<int64_t> value = IndexValue(size, symbols);
    if (!value.has_value() || *value < 1 || *value > kMaxCells || (cells *= *value) > kMaxCells) return std::nullopt;
    shape.push_back(*value);
  }
  return shape;
}

inline int64_t CellCount(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return count;
}

// Gives the program's slots the symbols' values and a cell's indices.
inline void SetSlots(const std::vector<int64_t>& symbols, const std::vector<int64_t>& cell,
                     std::vector<int64_t>* slots) {
  for (size_t i = 0; i < symbols.size(); ++i) (*slots)[i] = symbols[i];
  for (size_t i = 0; i < cell.size(); ++i) (*slots)[symbols.size() + i] = cell[i];
}

// Calls visit(evaluator, place) for each cell of the defined tensor, until that returns a state that is not kOk.
template <typename Arithmetic, typename Visit>
State VisitDefinition(const Model& model, const Definition& definition, const Instance<Arithmetic>& instance,
                      int64_t* budget, const Visit& visit) {
  const std::vector<int64_t>& shape = instance.tensors[definition.tensor].shape;
  const Ranges ranges = NamedRanges(definition.program, instance.symbols, shape);
  Evaluator<Arithmetic> evaluator(instance.arithmetic, definition.program, instance.tensors, ranges.by_slot,
                                  {model.outside, false}, budget);
  std::vector<int64_t> cell(shape.size(), 0);
  size_t place = 0;
  do {
    SetSlots(instance.symbols, cell, &evaluator.slots());
    const State state = visit(&evaluator, place++);
    if (state != State::kOk) return state;
  } while (NextCell(shape, &cell));
  return State::kOk;
}

// Reverse mode from the given derivative through the definitions before it.
template <typename Arithmetic>
State AddGradients(const Model& model, Instance<Arithmetic>* instance, int64_t* budget) {
  using Value = typename Arithmetic::Value;
  // Indexed as the tensors that are read: those of the question alone.
  std::vector<Cells<Value>> sums(instance->tensors.size());
  const Value zero = instance->arithmetic.FromFraction(0, 1);
  for (size_t i = 0; i < sums.size(); ++i) {
    sums[i] = {instance->tensors[i].shape,
               std::vector<Value>(static_cast<size_t>(CellCount(instance->tensors[i].shape)), zero)};
  }
  const size_t start = *model.seed_gradient;
  sums[start] = instance->tensors[*model.tensors[start].gradient];
  for (auto definition = model.definitions.rbegin(); definition != model.definitions.rend(); ++definition) {
    if (definition->tensor > start) continue;  // Not before the given derivative.
    const State state =
        VisitDefinition(model, *definition, *instance, budget, [&](Evaluator<Arithmetic>* evaluator, size_t place) {
          return evaluator->Differentiate(sums[definition->tensor].values[place], &sums);
        });
    if (state != State::kOk) return state;
  }
  for (size_t i = 0; i < model.tensors.size(); ++i) {
    if (model.tensors[i].gradient.has_value())
      instance->tensors[*model.tensors[i].gradient].values = std::move(sums[i].values);
  }
  return State::kOk;
}

// The instance for sizes `symbols`; `given(tensor, place)` are the entries of what is given. A state other than kOk:
// why there is none; kTooMuch also where sizes do not fit.
template <typename Arithmetic, typename Given>
Outcome<std::optional<Instance<Arithmetic>>> BuildInstance(const Model& model, Arithmetic arithmetic,
                                                           const std::vector<int64_t>& symbols, const Given& given) {
  Instance<Arithmetic> instance{std::move(arithmetic), symbols, {}};
  int64_t budget = kInstanceBudget;
  for (size_t i = 0; i < model.tensors.size(); ++i) {
    std::optional<std::vector<int64_t>> shape = ShapeOf(model.tensors[i], symbols);
    if (!shape.has_value()) return {State::kTooMuch, std::nullopt};
    const auto count = static_cast<size_t>(CellCount(*shape));
    instance.tensors.push_back({std::move(*shape), {}});
    const bool is_seed = model.seed_gradient.has_value() && model.tensors[*model.seed_gradient].gradient == i;
    const bool is_tensor = model.tensors[i].gradient.has_value();
    if (is_seed && model.seed_is_one) instance.tensors[i].values = {instance.arithmetic.FromFraction(1, 1)};
    if ((!is_tensor || model.tensors[i].defined) && !(is_seed && !model.seed_is_one)) continue;
    for (size_t place = 0; place < count; ++place) instance.tensors[i].values.push_back(given(i, place));
  }
  for (const Definition& definition : model.definitions) {
    std::vector<typename Arithmetic::Value> values;
    const State state =
        VisitDefinition(model, definition, instance, &budget, [&](Evaluator<Arithmetic>* evaluator, size_t) {
          const auto result = evaluator->Run();
          values.push_back(result.value);
          return result.state;
        });
    if (state == State::kInexact) continue;  // Whatever needs it is inexact too.
    if (state != State::kOk) return {state, std::nullopt};
    instance.tensors[definition.tensor].values = std::move(values);
  }
  if (model.seed_gradient.has_value()) {
    const State state = AddGradients(model, &instance, &budget);
    if (state != State::kOk) return {state, std::nullopt};
  }
  return {State::kOk, std::move(instance)};
}

// How an answer compares with what is expected.
template <typename Value>
struct Comparisons {
  State state = State::kOk;   // of the first cell that has no value
  std::vector<int64_t> cell;  // the first that differs, or that has no value; empty with `same`
  Value expected = {};
  Value actual = {};
  bool same = true;
  std::optional<size_t> unknown_range;  // a slot
};

template <typename Arithmetic>
Comparisons<typename Arithmetic::Value> Compare(const Model& model, const Program& program,
                                                const Instance<Arithmetic>& instance, int64_t* budget) {
  Comparisons<typename Arithmetic::Value> result;
  const Cells<typename Arithmetic::Value>& target = instance.tensors[model.target];
  *budget -= RangeCost(program);
  if (*budget < 0) return {State::kTooMuch, {}, {}, {}, false, std::nullopt};
  const Ranges ranges = InferRanges(program, model, instance.symbols, target.shape);
  if (ranges.unknown.has_value()) {
    result.same = false;
    result.unknown_range = ranges.unknown;
    return result;
  }
  Evaluator<Arithmetic> evaluator(instance.arithmetic, program, instance.tensors, ranges.by_slot, {model.outside, true},
                                  budget);
  std::vector<int64_t> cell(target.shape.size(), 0);
  size_t place = 0;
  if (target.values.empty()) return {State::kInexact, cell, {}, {}, false, std::nullopt};
  do {
    SetSlots(instance.symbols, cell, &evaluator.slots());
    const auto actual = evaluator.Run();
    const auto& expected = target.values[place++];
    if (actual.ok() && instance.arithmetic.Same(actual.value, expected)) continue;
    const bool fits = Arithmetic::Fits(expected) && Arithmetic::Fits(actual.value);
    return {actual.ok() && !fits ? State::kInexact : actual.state, cell, expected, actual.value, false, std::nullopt};
  } while (NextCell(target.shape, &cell));
  return result;
}

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_BUILD_H_
