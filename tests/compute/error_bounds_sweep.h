// Counts how far results are from exact ones, and whether their bounds hold.
#ifndef TENSORD_TESTS_COMPUTE_ERROR_BOUNDS_SWEEP_H_
#define TENSORD_TESTS_COMPUTE_ERROR_BOUNDS_SWEEP_H_

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/exact_sum.h"
#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/numeric.h"
#include "tests/compute/any_order.h"
#include "tests/compute/numeric_cases.h"
#include "tests/support/matchers.h"

namespace tensord::compute {

// What one kind of bound came to.
class BoundStatistics {
 public:
  void Count(double error, double bound) {
    ++count_;
    if (!(error <= bound)) {
      ++violations_;
      worst_ = std::max(worst_, error / bound);
    }
    if (error == 0) {
      ++exact_;
    } else if (std::isinf(bound)) {
      ++unbounded_;
    } else {
      const int bin = static_cast<int>(std::floor(4 * std::log2(bound / error)));
      ++bins_[bin];
    }
  }

  [[nodiscard]] int64_t count() const { return count_; }
  [[nodiscard]] int64_t violations() const { return violations_; }
  // Of bound / error, where there was an error: the middle of its bin, within 9 %.
  [[nodiscard]] double median() const {
    int64_t left = (count_ - exact_ - unbounded_) / 2;
    for (const auto& [bin, count] : bins_) {
      left -= count;
      if (left < 0) return std::exp2((bin + 0.5) / 4);
    }
    return 0;
  }
  void Print(const std::string& name) const {
    std::cout << name << ": " << count_ << " results, " << violations_ << " violations, " << exact_ << " exact, "
              << unbounded_ << " unbounded, median of bound / error " << median();
    if (violations_ > 0) std::cout << ", worst error / bound " << worst_;
    std::cout << "\n";
  }

 private:
  int64_t count_ = 0;
  int64_t violations_ = 0;
  int64_t exact_ = 0;
  int64_t unbounded_ = 0;
  double worst_ = 0;
  std::map<int, int64_t> bins_;
};

// What every kind came to.
class SweepStatistics {
 public:
  BoundStatistics& operator[](const std::string& name) { return all_[name]; }

  void PrintAndCheck(int64_t at_least) const {
    int64_t total = 0;
    for (const auto& [name, statistics] : all_) {
      statistics.Print(name);
      total += statistics.count();
      EXPECT_EQ(statistics.violations(), 0) << name;
    }
    std::cout << total << " results altogether\n";
    EXPECT_GE(total, at_least);
  }

 private:
  std::map<std::string, BoundStatistics> all_;
};

// Runs convolutions of one geometry, and compares all that comes out with exact sums.
class BoundSweep {
 public:
  // The error of `y` as a result with these terms, exactly, rounded once; infinity where y is not finite.
  static double ErrorOf(DataType type, const test_support::Factors& factors, double y, ActivationKind kind,
                        double slope) {
    if (!std::isfinite(y)) return std::numeric_limits<double>::infinity();
    return type == DataType::kFloat64 ? ErrorAs<double>(factors, y, kind, slope)
                                      : ErrorAs<float>(factors, y, kind, slope);
  }

  template <typename Geometry>
  void Run(const Geometry& geometry, const reference::Products& products, DataType type, int kind, uint64_t seed) {
    const auto data = test_support::HardData(geometry, type, seed, kind);
    const test_support::AllFactors factors = test_support::FactorsOf(geometry, products, data);
    for (const Accumulation accumulation : kAllAccumulations) {
      const bool flushes = accumulation == Accumulation::kFast && seed % 2 == 0;
      const NumericOptions options{.accumulation = accumulation, .error_bounds = true};
      Forward(geometry, data, factors, options, flushes, seed);
      Backward(geometry, data, factors, options, flushes);
    }
    AnyOrder(geometry, data, factors, seed);
  }

  void PrintAndCheck(int64_t at_least) const { statistics_.PrintAndCheck(at_least); }

 private:
  template <typename T>
  static double ErrorAs(const test_support::Factors& factors, double y, ActivationKind kind, double slope) {
    internal::ExactSum<T> sum;
    for (size_t i = 0; i < factors.a.size(); ++i) {
      sum.AddProduct(static_cast<T>(factors.a[i]), static_cast<T>(factors.b[i]));
    }
    const auto rounded = [](internal::ExactSum<T> of) { return std::bit_cast<double>(of.Round(1, kFloat64Format)); };
    if (kind != ActivationKind::kIdentity && std::signbit(rounded(sum))) {
      if (kind == ActivationKind::kRelu) return std::fabs(y);
      // Of float32 the sum in float64 is as good as exact; for float64 there is a second one for the rest, in long
      // double, whose own rounding is below what is forgiven here.
      const double high = rounded(sum);
      long double exact = high;
      if constexpr (std::is_same_v<T, double>) {
        sum.Add(-high);
        exact += rounded(sum);
      }
      const auto error = static_cast<double>(std::fabs(exact * static_cast<long double>(slope) - y));
      return error * (1 - 0x1p-20);
    }
    sum.Add(static_cast<T>(-y));
    return std::fabs(rounded(sum));
  }

  void Check(const std::string& name, DataType type, const Tensor& results, const Tensor& bounds,
             const std::vector<test_support::Factors>& factors, ActivationKind kind = ActivationKind::kIdentity,
             double slope = 0) {
    const std::vector<double> values = test_support::FloatingValues(results);
    ASSERT_EQ(values.size(), factors.size());
    BoundStatistics& statistics = statistics_[name];
    for (size_t i = 0; i < values.size(); ++i) {
      statistics.Count(ErrorOf(type, factors[i], values[i], kind, slope), bounds.As<double>()[i]);
    }
  }

  static const char* OperatorOf(const ConvolutionGeometry& geometry) {
    return geometry.padding_source == PaddingSource::kZero ? "" : "padded ";
  }
  static const char* OperatorOf(const TransposedConvolutionGeometry& /*geometry*/) { return "transposed "; }

  template <typename Geometry>
  static std::string NameOf(const Geometry& geometry, const char* what, DataType type, const NumericOptions& options) {
    return absl::StrCat(OperatorOf(geometry), Name(options.accumulation), " ", Name(type), " ", what);
  }

  static Activation ActivationOf(uint64_t seed) {
    constexpr ActivationKind kKinds[] = {ActivationKind::kIdentity, ActivationKind::kRelu, ActivationKind::kLeakyRelu};
    return {.kind = kKinds[seed % 3], .slope = seed % 2 == 0 ? 0.3 : -1.7};
  }

  template <typename Geometry, typename Data>
  void Forward(const Geometry& geometry, const Data& data, const test_support::AllFactors& factors,
               const NumericOptions& options, bool flushes, uint64_t seed) {
    const Activation activation = ActivationOf(seed);
    absl::StatusOr<Numbers> z;
    {
      const FloatingPointMode mode = FloatingPointMode::Current();
      const ScopedFloatingPointMode scope(flushes ? mode.Flushing() : mode);
      z = test_support::ForwardNumbers(geometry, data, activation, options, context_);
    }
    ASSERT_THAT(z, test_support::IsOk());
    Check(NameOf(geometry, "output", data.x.type(), options), data.x.type(), z->output, z->bounds->computed,
          factors.output, activation.kind, activation.slope);
  }

  template <typename Geometry, typename Data>
  void Backward(const Geometry& geometry, const Data& data, const test_support::AllFactors& factors,
                const NumericOptions& options, bool flushes) {
    absl::StatusOr<NumericGradients> back;
    {
      const FloatingPointMode mode = FloatingPointMode::Current();
      const ScopedFloatingPointMode scope(flushes ? mode.Flushing() : mode);
      back = test_support::BackwardNumbers(geometry, data, std::nullopt, kWanted, options, context_);
    }
    ASSERT_THAT(back, test_support::IsOk());
    const DataType type = data.x.type();
    Check(NameOf(geometry, "dX", type, options), type, *back->gradients.input, back->input->computed, factors.input);
    Check(NameOf(geometry, "dW", type, options), type, *back->gradients.filter, back->filter->computed, factors.filter);
    Check(NameOf(geometry, "db", type, options), type, *back->gradients.bias, back->bias->computed, factors.bias);
  }

  // The bounds of any order against sums of that type in orders of their own.
  void CheckAnyOrder(const std::string& name, DataType type, const Tensor& bounds,
                     const std::vector<test_support::Factors>& factors, uint64_t seed,
                     const Activation& activation = {}) {
    BoundStatistics& statistics = statistics_[absl::StrCat("any order ", Name(type), " ", name)];
    for (size_t i = 0; i < factors.size(); ++i) {
      const double y = Activated(type, factors[i], activation, seed + i);
      statistics.Count(ErrorOf(type, factors[i], y, activation.kind, activation.slope), bounds.As<double>()[i]);
    }
  }

  static double Activated(DataType type, const test_support::Factors& factors, const Activation& activation,
                          uint64_t order) {
    const Arithmetic arithmetic(type, order);
    const double sum = arithmetic.Dot(factors.a, factors.b);
    if (activation.kind == ActivationKind::kIdentity || sum > 0) return sum;
    return activation.kind == ActivationKind::kRelu ? 0 : arithmetic.Round(arithmetic.Round(activation.slope) * sum);
  }

  template <typename Geometry, typename Data>
  void AnyOrder(const Geometry& geometry, const Data& data, const test_support::AllFactors& factors, uint64_t seed) {
    const NumericOptions options{.accumulation = Accumulation::kExact, .error_bounds = true};
    const Activation activation = ActivationOf(seed);
    const auto z = test_support::ForwardNumbers(geometry, data, activation, options, context_);
    ASSERT_THAT(z, test_support::IsOk());
    const auto back = test_support::BackwardNumbers(geometry, data, std::nullopt, kWanted, options, context_);
    ASSERT_THAT(back, test_support::IsOk());
    const DataType type = data.x.type();
    const char* of = OperatorOf(geometry);
    CheckAnyOrder(absl::StrCat(of, "output"), type, z->bounds->any_order, factors.output, seed, activation);
    CheckAnyOrder(absl::StrCat(of, "dX"), type, back->input->any_order, factors.input, seed);
    CheckAnyOrder(absl::StrCat(of, "dW"), type, back->filter->any_order, factors.filter, seed);
    CheckAnyOrder(absl::StrCat(of, "db"), type, back->bias->any_order, factors.bias, seed);
  }

  static constexpr ConvolutionGradients kWanted{.input = true, .filter = true, .bias = true, .pre_activation = false};

  SerialExecutor serial_;
  const ExecutionContext context_{.executor = &serial_};
  SweepStatistics statistics_;
};

// One case, all types and kinds of data.
template <typename Case>
void SweepCase(const Case& each, int repetitions, uint64_t& seed, BoundSweep& sweep) {
  const auto geometry = test_support::Resolve(each);
  const reference::Products products = reference::ProductsOf(test_support::ConvolutionOf(geometry));
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    for (const DataType type : {DataType::kFloat16, DataType::kBfloat16, DataType::kFloat32, DataType::kFloat64}) {
      for (int kind = 0; kind < test_support::kDataKinds; ++kind) sweep.Run(geometry, products, type, kind, ++seed);
    }
  }
}

// Repeats the sweep over the small cases of the catalogues.
inline void SweepBounds(int64_t most_products, int repetitions, int64_t at_least) {
  BoundSweep sweep;
  uint64_t seed = 0;
  for (const auto& each : test_support::SmallCases(most_products)) SweepCase(each, repetitions, seed, sweep);
  for (const auto& each : test_support::SmallTransposedCases(most_products)) SweepCase(each, repetitions, seed, sweep);
  sweep.PrintAndCheck(at_least);
}

}  // namespace tensord::compute

#endif  // TENSORD_TESTS_COMPUTE_ERROR_BOUNDS_SWEEP_H_
