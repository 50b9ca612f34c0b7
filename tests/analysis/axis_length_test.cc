#include "analysis/src/axis_length.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "tensord/compute/window.h"
#include "tests/analysis/formula_reader.h"

namespace tensord::analysis {
namespace {

using compute::AxisWindow;
using compute::LengthRule;
using compute::PaddingMode;

struct Setting {
  LengthRule rule;
  PaddingMode mode;
  AxisWindow window;
};

// Every rule and mode over a grid of small sizes.
std::vector<Setting> Grid() {
  std::vector<Setting> grid;
  for (const LengthRule rule : {LengthRule::kFloor, LengthRule::kCeil, LengthRule::kStartInside}) {
    for (const PaddingMode mode :
         {PaddingMode::kValid, PaddingMode::kExplicit, PaddingMode::kFull, PaddingMode::kSameUpper}) {
      const bool pads = mode == PaddingMode::kExplicit;
      for (int64_t size = 1; size <= 3; ++size) {
        for (int64_t stride = 1; stride <= 3; ++stride) {
          for (int64_t dilation = 1; dilation <= 2; ++dilation) {
            for (int64_t pad_begin = 0; pad_begin <= (pads ? 2 : 0); ++pad_begin) {
              for (int64_t pad_end = 0; pad_end <= (pads && rule != LengthRule::kStartInside ? 4 : 0); ++pad_end) {
                if (rule == LengthRule::kStartInside && mode == PaddingMode::kFull) continue;
                grid.push_back({rule, mode,
                                AxisWindow{.window = size,
                                           .stride = stride,
                                           .dilation = dilation,
                                           .pad_begin = pad_begin,
                                           .pad_end = pad_end}});
              }
            }
          }
        }
      }
    }
  }
  return grid;
}

// The number of windows, from compute.
int64_t Expected(const Setting& setting, int64_t input) {
  AxisWindow window = setting.window;
  window.input = input;
  if (setting.mode == PaddingMode::kSameUpper) return (input + window.stride - 1) / window.stride;
  if (setting.mode == PaddingMode::kFull) window.pad_begin = window.pad_end = window.extent() - 1;
  return compute::WindowCount(setting.rule, window).value();
}

// `symbols`: which of input, window and stride are symbols, as bits 1, 2 and 4.
AxisSizes Sizes(const Setting& setting, int64_t input, int symbols) {
  const auto size = [&](int bit, const char* name, int64_t number) {
    return (symbols & bit) != 0 ? Expression::Symbol(name) : Expression(number);
  };
  return {.letter = 'H',
          .input = size(1, "N", input),
          .window = size(2, "k", setting.window.window),
          .stride = size(4, "s", setting.window.stride),
          .dilation = setting.window.dilation,
          .pad_begin = setting.window.pad_begin,
          .pad_end = setting.window.pad_end};
}

std::map<std::string, int64_t> Names(const Setting& setting, int64_t input) {
  return {{"N", input},
          {"k", setting.window.window},
          {"s", setting.window.stride},
          {"H", input},
          {"Kh", setting.window.window},
          {"sh", setting.window.stride},
          {"dh", setting.window.dilation},
          {"ph_begin", setting.window.pad_begin},
          {"ph_end", setting.window.pad_end}};
}

constexpr int64_t kLongestInput = 8;

// What is a symbol in the sweeps: nothing; the input; the stride; input and stride; all three.
constexpr int kSymbols[] = {0, 1, 4, 5, 7};

// The inputs for which one derivation holds: all of them where the input is a symbol, else its own.
std::vector<int64_t> InputsFor(int symbols, int64_t input) {
  if ((symbols & 1) == 0) return {input};
  std::vector<int64_t> inputs(kLongestInput);
  std::iota(inputs.begin(), inputs.end(), 1);
  return input == 1 ? inputs : std::vector<int64_t>();
}

TEST(AxisLengthTest, LengthsAndTheirTextsAgreeWithComputeWhateverIsASymbol) {
  for (const Setting& setting : Grid()) {
    for (const int symbols : kSymbols) {
      for (int64_t derived_for = 1; derived_for <= kLongestInput; ++derived_for) {
        const std::vector<int64_t> inputs = InputsFor(symbols, derived_for);
        if (inputs.empty()) continue;
        const Derivation length = OutputLength(setting.rule, setting.mode, Sizes(setting, derived_for, symbols));
        for (const int64_t input : inputs) {
          const auto names = Names(setting, input);
          const std::map<std::string, Integer> values(names.begin(), names.end());
          const int64_t expected = Expected(setting, input);
          const absl::StatusOr<Integer> value = length.value().Evaluate(values);
          ASSERT_TRUE(value.ok());
          ASSERT_EQ(value->ToInt64(), expected) << length.substituted() << " at N = " << input;
          ASSERT_EQ(ReadFormula(length.general(), names), expected) << length.general();
          ASSERT_EQ(ReadFormula(length.substituted(), names), expected) << length.substituted();
        }
      }
    }
  }
}

TEST(AxisLengthTest, RoomIsThereExactlyWhereTheLengthIsAtLeastOne) {
  for (const Setting& setting : Grid()) {
    // Padding behind the end that holds a whole window makes windows of padding alone, whose length has no such rule.
    if (setting.rule == LengthRule::kCeil && setting.window.pad_end >= setting.window.extent()) continue;
    for (const int symbols : {1, 5, 7}) {
      const auto room = RoomForOneWindow(setting.rule, setting.mode, Sizes(setting, 1, symbols));
      for (int64_t input = 1; input <= kLongestInput; ++input) {
        const auto names = Names(setting, input);
        const std::map<std::string, Integer> values(names.begin(), names.end());
        const bool fits = !room.has_value() || !room->Evaluate(values)->negative();
        ASSERT_EQ(fits, Expected(setting, input) >= 1)
            << (room.has_value() ? room->ToString() : "always") << " at N = " << input;
      }
    }
  }
}

TEST(AxisLengthTest, CeilLeavesTheBracketOutWhereNoWindowCanStartBehindTheInput) {
  const auto text = [](int64_t window, int64_t stride, int64_t pad_end) {
    return OutputLength(LengthRule::kCeil, PaddingMode::kExplicit,
                        {.letter = 'H',
                         .input = Expression::Symbol("N"),
                         .window = window,
                         .stride = stride,
                         .pad_end = pad_end})
        .value()
        .ToString();
  };
  EXPECT_EQ(text(3, 2, 0), "ceil((N - 3)/2) + 1");
  EXPECT_EQ(text(3, 2, 1), "ceil((N - 2)/2) + 1");
  EXPECT_EQ(text(3, 2, 2), "ceil((N - 1)/2) - [ceil((N - 1)/2)*2 >= N] + 1");
}

}  // namespace
}  // namespace tensord::analysis
