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
  using Fractions = reference::Fractions<double>;

  static PoolingGeometry GeometryOf(const PoolingCase& each, const SweptPooling& pooling) {
    PoolingConventions conventions = each.conventions;
    const bool given = conventions.window_mode.value_or(WindowMode::kExplicit) == WindowMode::kExplicit;
    if (pooling.kind == PoolingKind::kAverage && given) conventions.average_divisor = AverageDivisor::kExcluded;
    if (pooling.kind == PoolingKind::kLp) conventions.p = pooling.p;
    if (pooling.kind == PoolingKind::kMax) conventions.tie_rule = pooling.ties;
    return Resolved(pooling.kind, conventions, each.input);
  }

  // The exact sum less y, rounded once, by weights over a common divisor.
  template <typename T>
  static double ErrorAs(const Fractions& fractions, int64_t common, double y) {
    internal::ExactSum<T> sum;
    for (size_t i = 0; i < fractions.values.size(); ++i) {
      sum.AddProduct(static_cast<T>(fractions.values[i]), static_cast<T>(common / fractions.divisors[i]));
    }
    sum.AddProduct(static_cast<T>(y), static_cast<T>(-common));
    return std::fabs(std::bit_cast<double>(sum.Round(common, kFloat64Format)));
  }
  static double ErrorOf(DataType type, const Fractions& fractions, double y) {
    if (!std::isfinite(y)) return kInfinity;
    int64_t common = 1;
    for (const int64_t divisor : fractions.divisors) common = std::lcm(common, divisor);
    // Weights have to be numbers of float32, too; the slower oracle needs none.
    if (common > (1 << 24)) {
      Fractions rest = fractions;
      rest.Add(-y, 1);
      return std::fabs(reference::ExactFractions(DataType::kFloat64, rest));
    }
    return type == DataType::kFloat64 ? ErrorAs<double>(fractions, common, y) : ErrorAs<float>(fractions, common, y);
  }

  // |sqrt(sum) - y| = |sum - y^2| / (sqrt(sum) + y), of a sum of squares; its few roundings are forgiven.
  template <typename T>
  static double RootErrorAs(const Fractions& fractions, double y) {
    internal::ExactSum<T> sum;
    for (const double each : fractions.values) sum.AddProduct(static_cast<T>(each), static_cast<T>(each));
    internal::ExactSum<T> rest = sum;
    rest.AddProduct(static_cast<T>(y), static_cast<T>(-y));
    const double root = std::bit_cast<double>(sum.RoundRoot(kFloat64Format));
    // The numerator may be below the least float64, so the root of its magnitude is taken twice.
    const double half = std::sqrt(std::fabs(std::bit_cast<double>(rest.Round(1, kFloat64Format))));
    if (half == 0) return 0;
    const double by = std::sqrt(root + y);
    return half / by * (half / by) * (1 - 0x1p-40);
  }
  static double RootErrorOf(DataType type, const Fractions& fractions, double y) {
    if (!std::isfinite(y)) return kInfinity;
    return type == DataType::kFloat64 ? RootErrorAs<double>(fractions, y) : RootErrorAs<float>(fractions, y);
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
      Fractions fractions;
      for (const size_t input : windows[i].inputs) {
        fractions.Add(norm ? std::fabs(values[input]) : values[input], norm ? 1 : windows[i].divisor);
      }
      statistics.Count(error_of(type, fractions, got[i]), pooled->bounds->computed.As<double>()[i]);
      if (!CountsAnyOrder(accumulation, flushes)) continue;
      const double other = root ? AnyRoot(type, fractions, seed + i) : AnyQuotient(type, fractions, seed + i);
      AnyOrder(name).Count(error_of(type, fractions, other), pooled->bounds->any_order.As<double>()[i]);
    }
  }

  // The bounds of any order do not depend on how the result was computed: once is enough.
  static bool CountsAnyOrder(Accumulation accumulation, bool flushes) {
    return accumulation == Accumulation::kFaithful && !flushes;
  }
  BoundStatistics& AnyOrder(absl::string_view name) { return statistics_[absl::StrCat("any order ", name)]; }

  static double AnyRoot(DataType type, const Fractions& fractions, uint64_t order) {
    const Arithmetic arithmetic(type, order);
    return arithmetic.Round(std::sqrt(arithmetic.Dot(fractions.values, fractions.values)));
  }

  // Divided before the sum, or after it where there is one divisor.
  static double AnyQuotient(DataType type, const Fractions& fractions, uint64_t order) {
    const Arithmetic arithmetic(type, order);
    const auto& [values, divisors] = fractions;
    const auto as_number = [&](int64_t divisor) { return arithmetic.Round(static_cast<double>(divisor)); };
    const bool one = !divisors.empty() &&
                     std::count(divisors.begin(), divisors.end(), divisors[0]) == static_cast<int64_t>(divisors.size());
    if (order / 8 % 2 == 0 && one) return arithmetic.Round(arithmetic.Sum(values) / as_number(divisors[0]));
    std::vector<double> quotients(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      quotients[i] = arithmetic.Round(arithmetic.Round(values[i]) / as_number(divisors[i]));
    }
    return arithmetic.Sum(std::move(quotients));
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
    const std::vector<Fractions> fractions =
        GradientFractions(geometry, windows, test_support::FloatingValues(x), test_support::FloatingValues(dy));
    const std::vector<double> got = test_support::FloatingValues(gradient->input);
    BoundStatistics& statistics = statistics_[absl::StrCat(Name(accumulation), " ", name, " dX")];
    for (size_t i = 0; i < got.size(); ++i) {
      statistics.Count(ErrorOf(type, fractions[i], got[i]), gradient->bounds->computed.As<double>()[i]);
      if (!CountsAnyOrder(accumulation, flushes)) continue;
      const double other = AnyQuotient(type, fractions[i], seed + i);
      AnyOrder(name + " dX").Count(ErrorOf(type, fractions[i], other), gradient->bounds->any_order.As<double>()[i]);
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
