// The same count as error_bounds_sweep.h for poolings of every kind and mode, and their gradients.
#ifndef TENSORD_TESTS_COMPUTE_POOLING_BOUNDS_SWEEP_H_
#define TENSORD_TESTS_COMPUTE_POOLING_BOUNDS_SWEEP_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "compute/src/internal/exact_sum.h"
#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/numeric.h"
#include "tests/compute/any_order.h"
#include "tests/compute/error_bounds_sweep.h"
#include "tests/compute/numeric_cases.h"
#include "tests/compute/pooling_cases.h"
#include "tests/compute/pooling_windows.h"
#include "tests/support/matchers.h"

namespace tensord::compute {

// A kind of pooling with what belongs to it.
struct SweptPooling {
  const char* name;
  PoolingKind kind;
  double p = 2;
  TieRule ties = TieRule::kFirst;
};
inline constexpr SweptPooling kSweptPoolings[] = {{"average", PoolingKind::kAverage},
                                                  {"norm of p = 1", PoolingKind::kLp, 1},
                                                  {"norm of p = 2", PoolingKind::kLp, 2},
                                                  {"max", PoolingKind::kMax},
                                                  {"max, all ties", PoolingKind::kMax, 2, TieRule::kAll},
                                                  {"max, ties split", PoolingKind::kMax, 2, TieRule::kSplit}};

class PoolingBoundSweep {
 public:
  void Run(const PoolingCase& each, const SweptPooling& pooling, DataType type, int data, uint64_t seed) {
    const PoolingGeometry geometry = GeometryOf(each, pooling);
    const std::vector<PoolingWindow> windows = WindowsOf(geometry);
    const bool sums = pooling.kind == PoolingKind::kAverage || pooling.kind == PoolingKind::kLp;
    for (size_t i = 0; i < 2 * std::size(kAllAccumulations); ++i) {
      const Accumulation accumulation = kAllAccumulations[i / 2];
      const bool flushes = i % 2 == 0;
      const std::string name = absl::StrCat(Name(type), " ", pooling.name);
      if (sums) Forward(geometry, windows, accumulation, flushes, type, data, seed, name);
      if (pooling.kind == PoolingKind::kLp) continue;
      Backward(geometry, windows, accumulation, flushes, type, data, seed, name);
    }
  }

  void PrintAndCheck(int64_t at_least) const { statistics_.PrintAndCheck(at_least); }

 private:
  // The terms of a sum, over one divisor.
  struct Terms {
    test_support::Factors factors;
    int64_t divisor = 1;
  };

  static PoolingGeometry GeometryOf(const PoolingCase& each, const SweptPooling& pooling) {
    PoolingConventions conventions = each.conventions;
    const bool given = conventions.window_mode.value_or(WindowMode::kExplicit) == WindowMode::kExplicit;
    if (pooling.kind == PoolingKind::kAverage && given) conventions.average_divisor = AverageDivisor::kExcluded;
    if (pooling.kind == PoolingKind::kLp) conventions.p = pooling.p;
    if (pooling.kind == PoolingKind::kMax) conventions.tie_rule = pooling.ties;
    return Resolved(pooling.kind, conventions, each.input);
  }

  // The exact sum of the terms less y, rounded once.
  template <typename T>
  static double ErrorAs(const Terms& terms, double y) {
    internal::ExactSum<T> sum;
    for (size_t i = 0; i < terms.factors.a.size(); ++i) {
      sum.AddProduct(static_cast<T>(terms.factors.a[i]), static_cast<T>(terms.factors.b[i]));
    }
    sum.AddProduct(static_cast<T>(y), static_cast<T>(-terms.divisor));
    return std::fabs(std::bit_cast<double>(sum.Round(terms.divisor, kFloat64Format)));
  }
  static double ErrorOf(DataType type, const Terms& terms, double y) {
    if (!std::isfinite(y)) return kInfinity;
    return type == DataType::kFloat64 ? ErrorAs<double>(terms, y) : ErrorAs<float>(terms, y);
  }

  // |sqrt(sum) - y| = |sum - y^2| / (sqrt(sum) + y), of a sum of squares; its few roundings are forgiven.
  template <typename T>
  static double RootErrorAs(const Terms& terms, double y) {
    internal::ExactSum<T> sum;
    for (const double each : terms.factors.a) sum.AddProduct(static_cast<T>(each), static_cast<T>(each));
    internal::ExactSum<T> rest = sum;
    rest.AddProduct(static_cast<T>(y), static_cast<T>(-y));
    const double root = std::bit_cast<double>(sum.RoundRoot(kFloat64Format));
    // The numerator may be below the least float64, so the root of its magnitude is taken twice.
    const double half = std::sqrt(std::fabs(std::bit_cast<double>(rest.Round(1, kFloat64Format))));
    if (half == 0) return 0;
    const double by = std::sqrt(root + y);
    return half / by * (half / by) * (1 - 0x1p-40);
  }
  static double RootErrorOf(DataType type, const Terms& terms, double y) {
    if (!std::isfinite(y)) return kInfinity;
    return type == DataType::kFloat64 ? RootErrorAs<double>(terms, y) : RootErrorAs<float>(terms, y);
  }

  void Forward(const PoolingGeometry& geometry, const std::vector<PoolingWindow>& windows, Accumulation accumulation,
               bool flushes, DataType type, int data, uint64_t seed, const std::string& name) {
    const Tensor x = test_support::HardTensor(type, geometry.input_shape, seed, data);
    const std::vector<double> values = test_support::FloatingValues(x);
    absl::StatusOr<PooledNumbers> pooled;
    {
      const FloatingPointMode mode = FloatingPointMode::Current();
      const ScopedFloatingPointMode scope(flushes ? mode.Flushing() : mode);
      pooled = PoolNumbers(geometry, x.view(), false, {.accumulation = accumulation, .error_bounds = true}, context_);
    }
    ASSERT_THAT(pooled, test_support::IsOk());
    const std::vector<double> got = test_support::FloatingValues(pooled->result.output);
    const bool norm = geometry.kind == PoolingKind::kLp;
    const bool root = norm && geometry.p == 2;
    const auto error_of = root ? RootErrorOf : ErrorOf;
    BoundStatistics& statistics = statistics_[absl::StrCat(Name(accumulation), " ", name)];
    for (size_t i = 0; i < windows.size(); ++i) {
      Terms terms;
      if (!norm) terms.divisor = windows[i].divisor;
      for (const size_t input : windows[i].inputs) {
        terms.factors.a.push_back(values[input]);
        terms.factors.b.push_back(norm && std::signbit(values[input]) ? -1 : 1);
      }
      statistics.Count(error_of(type, terms, got[i]), pooled->bounds->computed.As<double>()[i]);
      if (!CountsAnyOrder(accumulation, flushes)) continue;
      const double other = root ? AnyRoot(type, terms, seed + i) : AnyQuotient(type, terms, seed + i);
      AnyOrder(name).Count(error_of(type, terms, other), pooled->bounds->any_order.As<double>()[i]);
    }
  }

  // The bounds of any order do not depend on how the result was computed: once is enough.
  static bool CountsAnyOrder(Accumulation accumulation, bool flushes) {
    return accumulation == Accumulation::kFaithful && !flushes;
  }
  BoundStatistics& AnyOrder(absl::string_view name) { return statistics_[absl::StrCat("any order ", name)]; }

  static double AnyRoot(DataType type, const Terms& terms, uint64_t order) {
    const Arithmetic arithmetic(type, order);
    return arithmetic.Round(std::sqrt(arithmetic.Dot(terms.factors.a, terms.factors.a)));
  }

  // Divided before or after the sum.
  static double AnyQuotient(DataType type, const Terms& terms, uint64_t order) {
    const Arithmetic arithmetic(type, order);
    const auto& [a, b] = terms.factors;
    const auto common = static_cast<double>(terms.divisor);
    if (order / 8 % 2 == 0 && std::all_of(b.begin(), b.end(), [](double each) { return std::fabs(each) == 1; })) {
      return arithmetic.Round(arithmetic.Dot(a, b) / arithmetic.Round(common));
    }
    std::vector<double> quotients(a.size());
    for (size_t i = 0; i < a.size(); ++i) {
      quotients[i] = arithmetic.Round(arithmetic.Round(a[i]) / arithmetic.Round(common / b[i]));
    }
    return arithmetic.Sum(std::move(quotients));
  }

  // Which elements of a window its gradient goes to, and by what it is divided.
  static std::vector<size_t> Takers(const PoolingGeometry& geometry, const PoolingWindow& window,
                                    const std::vector<double>& x, int64_t& divisor) {
    divisor = window.divisor;
    if (geometry.kind == PoolingKind::kAverage) return window.inputs;
    double best = -kInfinity;
    for (const size_t input : window.inputs) best = std::max(best, x[input]);
    std::vector<size_t> takers;
    for (const size_t input : window.inputs) {
      if (x[input] == best && (takers.empty() || geometry.tie_rule != TieRule::kFirst)) takers.push_back(input);
    }
    divisor = geometry.tie_rule == TieRule::kSplit ? static_cast<int64_t>(takers.size()) : 1;
    return takers;
  }

  void Backward(const PoolingGeometry& geometry, const std::vector<PoolingWindow>& windows, Accumulation accumulation,
                bool flushes, DataType type, int data, uint64_t seed, const std::string& name) {
    // Few values, so that there are ties.
    const Tensor few = test_support::IntegerTensor(DataType::kFloat32, geometry.input_shape, seed, -2, 2);
    const Tensor x = test_support::MakeFloating(type, geometry.input_shape, test_support::FloatingValues(few));
    const Tensor dy = Gradient(type, geometry.output_shape, data, seed);
    absl::StatusOr<NumericPoolingGradient> gradient;
    {
      const FloatingPointMode mode = FloatingPointMode::Current();
      const ScopedFloatingPointMode scope(flushes ? mode.Flushing() : mode);
      gradient = PoolBackwardNumbers(geometry, x.view(), dy.view(),
                                     {.accumulation = accumulation, .error_bounds = true}, context_);
    }
    ASSERT_THAT(gradient, test_support::IsOk());
    const std::vector<double> values = test_support::FloatingValues(x);
    const std::vector<double> slopes = test_support::FloatingValues(dy);
    std::vector<std::vector<size_t>> takers(windows.size());
    std::vector<int64_t> divisors(windows.size());
    std::vector<int64_t> common(values.size(), 1);
    for (size_t i = 0; i < windows.size(); ++i) {
      takers[i] = Takers(geometry, windows[i], values, divisors[i]);
      for (const size_t input : takers[i]) common[input] = std::lcm(common[input], divisors[i]);
    }
    std::vector<Terms> terms(values.size());
    for (size_t i = 0; i < windows.size(); ++i) {
      for (const size_t input : takers[i]) {
        terms[input].divisor = common[input];
        terms[input].factors.a.push_back(slopes[i]);
        terms[input].factors.b.push_back(static_cast<double>(common[input] / divisors[i]));
      }
    }
    const std::vector<double> got = test_support::FloatingValues(gradient->input);
    BoundStatistics& statistics = statistics_[absl::StrCat(Name(accumulation), " ", name, " dX")];
    for (size_t i = 0; i < got.size(); ++i) {
      // Weights have to be numbers of float32, too.
      if (terms[i].divisor > (1 << 24)) continue;
      statistics.Count(ErrorOf(type, terms[i], got[i]), gradient->bounds->computed.As<double>()[i]);
      if (!CountsAnyOrder(accumulation, flushes)) continue;
      const double other = AnyQuotient(type, terms[i], seed + i);
      AnyOrder(name + " dX").Count(ErrorOf(type, terms[i], other), gradient->bounds->any_order.As<double>()[i]);
    }
  }

  // Hard data, but instead of those with much cancellation numbers of one sign: their errors add up.
  static Tensor Gradient(DataType type, const Shape& shape, int data, uint64_t seed) {
    if (data != 2) return test_support::HardTensor(type, shape, seed + 1, data);
    const Tensor positive = test_support::RealTensor(DataType::kFloat64, shape, seed, 0.5, 1);
    return test_support::MakeFloating(type, shape, test_support::FloatingValues(positive));
  }

  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  SerialExecutor serial_;
  const ExecutionContext context_{.executor = &serial_};
  SweepStatistics statistics_;
};

// All types and kinds of data over the catalogue's windows of every mode, `repetitions` times.
inline void SweepPoolingBounds(int64_t most_elements, int repetitions, int64_t at_least) {
  PoolingBoundSweep sweep;
  uint64_t seed = 0;
  std::vector<PoolingCase> cases = AveragedCases();
  // An element that many windows hold.
  cases.push_back({"", {3, 2}, {.input_layout = "WC", .window_mode = WindowMode::kAdaptive, .output_size = {5000}}});
  for (const PoolingCase& each : cases) {
    if (ElementCount(each.input).value_or(0) > most_elements) continue;
    const bool adaptive = each.conventions.window_mode == WindowMode::kAdaptive;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
      for (const SweptPooling& pooling : kSweptPoolings) {
        if (adaptive && pooling.kind == PoolingKind::kLp) continue;
        for (const DataType type : {DataType::kFloat16, DataType::kBfloat16, DataType::kFloat32, DataType::kFloat64}) {
          for (int data = 0; data < test_support::kDataKinds; ++data) sweep.Run(each, pooling, type, data, ++seed);
        }
      }
    }
  }
  sweep.PrintAndCheck(at_least);
}

}  // namespace tensord::compute

#endif  // TENSORD_TESTS_COMPUTE_POOLING_BOUNDS_SWEEP_H_
