// Numbers that count what is done with them, for slow gradients that the analysis is compared with.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_COUNTED_NUMBER_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_COUNTED_NUMBER_H_

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>

#include "tests/analysis/model/costs.h"

namespace tensord::analysis::model {

struct Tally {
  int64_t mul = 0, add = 0, cmp = 0, div = 0, fun = 0, mac = 0, padding = 0;

  [[nodiscard]] std::string Brief() const {
    OperationCounts counts;
    counts.multiplications = mul;
    counts.additions = add;
    counts.comparisons = cmp;
    counts.divisions = div;
    counts.special_functions = fun;
    counts.macs = mac;
    return model::Brief(counts);
  }
};

// Where numbers count: one gradient at a time.
inline Tally* tally = nullptr;

class Number {
 public:
  Number(double value = 0) : value_(value) {}  // NOLINT(google-explicit-constructor): a number is one.
  [[nodiscard]] double value() const { return value_; }
  friend Number operator*(Number a, Number b) { return ++tally->mul, Number(a.value_ * b.value_); }
  friend Number operator+(Number a, Number b) { return ++tally->add, Number(a.value_ + b.value_); }
  friend Number operator-(Number a, Number b) { return ++tally->add, Number(a.value_ - b.value_); }
  friend Number operator/(Number a, Number b) { return ++tally->div, Number(a.value_ / b.value_); }
  friend bool operator>(Number a, Number b) { return ++tally->cmp, a.value_ > b.value_; }
  friend Number operator-(Number a) { return Number(-a.value_); }

 private:
  double value_;
};

inline Number Call(double (*function)(double), Number x) { return ++tally->fun, Number(function(x.value())); }
inline Number Power(Number x, Number y) { return ++tally->fun, Number(std::pow(x.value(), y.value())); }

// A sum that begins with its first term.
class Sum {
 public:
  void Add(Number x) {
    value_ = is_empty_ ? x : value_ + x;
    is_empty_ = false;
  }
  [[nodiscard]] Number value() const { return value_; }

 private:
  Number value_;
  bool is_empty_ = true;
};

// Runs what counts into a tally.
inline Tally Tallied(const std::function<void()>& run) {
  Tally own;
  tally = &own;
  run();
  tally = nullptr;
  return own;
}

struct Tallies {
  Tally inputs, parameters, bias;
};

inline void ExpectCounts(const Costs& costs, const Tallies& expected, size_t layer = 0) {
  ASSERT_TRUE(costs.layers[layer].backward.has_value());
  const BackwardCounts& counts = *costs.layers[layer].backward;
  EXPECT_EQ(Brief(counts.inputs), expected.inputs.Brief());
  EXPECT_EQ(Brief(counts.parameters), expected.parameters.Brief());
  EXPECT_EQ(Brief(counts.bias), expected.bias.Brief());
}

}  // namespace tensord::analysis::model

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_COUNTED_NUMBER_H_
