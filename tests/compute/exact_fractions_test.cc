// Exact sums of fractions, bit for bit against GMP's rationals.
#include "compute/src/internal/exact_fractions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <numeric>
#include <vector>

#include "tensord/compute/float16.h"
#include "tensord/compute/floating_point_mode.h"
#include "tests/compute/bit_patterns.h"
#include "tests/reference/exact.h"
#include "tests/support/builders.h"

namespace tensord::compute::internal {
namespace {

using reference::Fractions;
using test_support::Arbitrary;
using test_support::BitsOf;
using test_support::FromBits;
using test_support::kFormatOf;
using test_support::Random;

constexpr int kSumCount = 100000;

// Of as little as is known of poolings: how many there are and how large the divisors.
template <typename T>
int GuardDigitsOf(const Fractions<T>& fractions) {
  const int64_t largest = *std::max_element(fractions.divisors.begin(), fractions.divisors.end());
  const auto terms = static_cast<int64_t>(fractions.values.size());
  const int64_t bits = BitWidth(largest);
  return GuardDigits(terms, largest > 1000 ? bits * terms : std::min(bits * terms, largest + largest / 2 + 1));
}

template <typename T>
void Shuffle(Fractions<T>& fractions, Random& random) {
  for (size_t i = fractions.values.size(); i-- > 1;) {
    const auto other = static_cast<size_t>(random.Integer(0, static_cast<int64_t>(i)));
    std::swap(fractions.values[i], fractions.values[other]);
    std::swap(fractions.divisors[i], fractions.divisors[other]);
  }
}

template <typename T>
double ExactSumOf(DataType type, const Fractions<T>& fractions) {
  return reference::ExactFractions(
      type, {.values = {fractions.values.begin(), fractions.values.end()}, .divisors = fractions.divisors});
}

template <typename T>
uint64_t Sum(const Fractions<T>& fractions, const BinaryFormat& format) {
  ExactFractions<T> sum(GuardDigitsOf(fractions));
  for (size_t i = 0; i < fractions.values.size(); ++i) sum.Add(fractions.values[i], fractions.divisors[i]);
  return sum.Round(format);
}

// x / d - x k / (d k), with x k exact: nothing altogether, of quotients that are cut off.
template <typename T>
void AddNothing(Random& random, int64_t largest, int exponent, Fractions<T>& fractions) {
  const int64_t factor = random.Integer(1, largest);
  const int64_t divisor = random.Integer(1, largest / factor);
  const int64_t x = random.Integer(-1000, 1000);
  fractions.Add(std::ldexp(static_cast<T>(x), exponent), divisor);
  fractions.Add(std::ldexp(static_cast<T>(-x * factor), exponent), divisor * factor);
}

// Fractions of the first primes that are 1 over their product altogether, or minus that, times 2^exponent: as close to
// zero as they can be. Each is below 1.
template <typename T>
void AddAlmostNothing(Random& random, size_t count, int exponent, Fractions<T>& fractions) {
  constexpr int64_t kPrimes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47};
  const T sign = random.Bits() % 2 == 0 ? T{1} : T{-1};
  double sum = 0;
  for (size_t i = 0; i < count; ++i) {
    int64_t others = 1;  // the other primes' product, modulo this one
    for (size_t j = 0; j < count; ++j) others = j == i ? others : others * kPrimes[j] % kPrimes[i];
    int64_t inverse = 1;
    while (inverse * others % kPrimes[i] != 1) ++inverse;
    fractions.Add(std::ldexp(sign * static_cast<T>(inverse), exponent), kPrimes[i]);
    sum += static_cast<double>(inverse) / static_cast<double>(kPrimes[i]);
  }
  fractions.Add(std::ldexp(-sign * static_cast<T>(std::round(sum)), exponent), 1);
}

constexpr int kKinds = 9;
template <typename T>
Fractions<T> MakeFractions(Random& random, int kind) {
  constexpr BinaryFormat kFormat = kFormatOf<T>;
  constexpr int64_t kTop = (int64_t{1} << kFormat.exponent_bits) - 2;
  constexpr int64_t kBias = kFormat.max_exponent();
  constexpr int kLeast = kFormat.min_exponent() - kFormat.stored_bits;
  const int64_t largest = random.Bits() % 3 == 0 ? 8 : 60;
  Fractions<T> fractions;
  const auto fill = [&](int64_t count, int64_t low, int64_t high) {
    for (int64_t i = 0; i < count; ++i) fractions.Add(Arbitrary<T>(random, low, high), random.Integer(1, largest));
  };
  // A number, or the middle between two, or next to either.
  const auto add_target = [&](T number) {
    fractions.Add(number, 1);
    const int quantum = std::max(std::ilogb(number) - kFormat.stored_bits, kLeast);
    const T unit = std::ldexp(T{1}, quantum);
    if (random.Bits() % 2 == 0) fractions.Add(random.Bits() % 2 == 0 ? unit : -unit, 2);
    if (random.Bits() % 4 == 0) fractions.Add(std::ldexp(T{1}, kLeast), random.Integer(1, largest));
  };
  switch (kind) {
    case 0:
      fill(random.Integer(1, 40), kBias - 2, kBias + 2);
      break;
    case 1:
      fill(random.Integer(1, 40), 0, kTop);
      break;
    case 2:  // denormals
      fill(random.Integer(1, 20), 0, 1);
      break;
    case 3:  // exactly a number or a tie, though no quotient is exact
      add_target(Arbitrary<T>(random, kBias, kTop - 2));
      for (int64_t i = random.Integer(1, 10); i > 0; --i) AddNothing(random, largest, kLeast, fractions);
      break;
    case 4:  // the same of the least numbers, or zero
      if (random.Bits() % 4 != 0) add_target(std::ldexp(static_cast<T>(random.Integer(1, 9)), kLeast));
      for (int64_t i = random.Integer(1, 10); i > 0; --i) AddNothing(random, largest, kLeast, fractions);
      break;
    case 5:  // next to that, as near as fractions come
      if (random.Bits() % 4 != 0) add_target(Arbitrary<T>(random, kBias, kTop - 2));
      AddAlmostNothing(random, static_cast<size_t>(random.Integer(2, 15)),
                       random.Bits() % 2 == 0 ? kLeast : -kFormat.stored_bits, fractions);
      break;
    case 6:  // overflow, and back
      fill(random.Integer(1, 6), kTop - 3, kTop);
      if (random.Bits() % 2 == 0) {
        for (size_t i = fractions.values.size(); i-- > 0;) fractions.Add(-fractions.values[i], fractions.divisors[i]);
      }
      break;
    case 7:  // more than are kept at once, of few divisors
      for (int64_t i = random.Integer(200, 700); i > 0; --i) {
        fractions.Add(Arbitrary<T>(random, kBias - 30, kBias), random.Integer(1, 5));
      }
      if (random.Bits() % 2 == 0) std::fill(fractions.divisors.begin(), fractions.divisors.end(), 3);
      break;
    default:  // divisors of any size
      for (int64_t i = random.Integer(1, 8); i > 0; --i) {
        fractions.Add(Arbitrary<T>(random, kBias - 30, kBias + 30),
                      static_cast<int64_t>(random.Bits() >> random.Integer(2, 60)) + 1);
      }
      break;
  }
  Shuffle(fractions, random);
  return fractions;
}

template <typename T>
class ExactFractionsTest : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ExactFractionsTest, Types);

TYPED_TEST(ExactFractionsTest, AreTheExactSumRoundedOnceInAnyOrder) {
  using T = TypeParam;
  Random random(sizeof(T));
  int exact = 0;
  for (int i = 0; i < kSumCount; ++i) {
    Fractions<T> fractions = MakeFractions<T>(random, i % kKinds);
    const double expected = ExactSumOf(kDataTypeOf<T>, fractions);
    uint64_t bits = 0;
    uint64_t shuffled = 0;
    {
      // Whatever the processor does with denormals.
      const ScopedFloatingPointMode flushing(FloatingPointMode::Current().Flushing());
      bits = Sum(fractions, kFormatOf<T>);
      Shuffle(fractions, random);
      shuffled = Sum(fractions, kFormatOf<T>);
    }
    ASSERT_EQ(bits, BitsOf(static_cast<T>(expected)))
        << "kind " << i % kKinds << ": got " << FromBits<T>(bits) << ", not " << expected;
    ASSERT_EQ(shuffled, bits) << "in another order; kind " << i % kKinds;
    ++exact;
  }
  std::cout << exact << " sums of fractions of " << Name(kDataTypeOf<T>) << " equal GMP's, bit for bit\n";
  EXPECT_EQ(exact, kSumCount);
}

TYPED_TEST(ExactFractionsTest, RoundOnceToThe16BitTypes) {
  using T = TypeParam;
  Random random(16);
  for (int i = 0; i < 5000; ++i) {
    const bool half = i % 2 == 0;
    const DataType type = half ? DataType::kFloat16 : DataType::kBfloat16;
    Fractions<T> fractions;
    // Near a tie of the type, where rounding to T first would tell.
    const int stored = half ? 10 : 7;
    fractions.Add(1 + std::ldexp(static_cast<T>(random.Integer(0, 63)), -stored), 1);
    fractions.Add(std::ldexp(T{1}, -stored), 2);
    AddNothing(random, 60, 0, fractions);
    AddAlmostNothing(random, static_cast<size_t>(random.Integer(2, 15)), -60, fractions);
    const double expected = ExactSumOf(type, fractions);
    const auto bits = static_cast<uint16_t>(Sum(fractions, half ? Float16::kFormat : BFloat16::kFormat));
    ASSERT_EQ(half ? Float16::Decode(bits) : BFloat16::Decode(bits), expected) << Name(type);
  }
}

TYPED_TEST(ExactFractionsTest, KnowWhatIsNotFinite) {
  using T = TypeParam;
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  constexpr T kNaN = std::numeric_limits<T>::quiet_NaN();
  const auto sum = [](T a, T b) { return Sum<T>({.values = {a, 1, b}, .divisors = {3, 7, 60}}, kFormatOf<T>); };
  EXPECT_EQ(sum(kInfinity, 1), kFormatOf<T>.infinity());
  EXPECT_EQ(sum(-kInfinity, 1), kFormatOf<T>.infinity() | kFormatOf<T>.sign_bit());
  EXPECT_EQ(sum(kInfinity, kInfinity), kFormatOf<T>.infinity());
  EXPECT_EQ(sum(kInfinity, -kInfinity), kFormatOf<T>.quiet_nan());
  EXPECT_EQ(sum(1, kNaN), kFormatOf<T>.quiet_nan());
}

TYPED_TEST(ExactFractionsTest, ClearBeginsAgain) {
  using T = TypeParam;
  ExactFractions<T> sum(GuardDigits(3, 60));
  EXPECT_EQ(sum.Round(kFormatOf<T>), 0U);
  for (const T special : {std::numeric_limits<T>::infinity(), T{5}}) {
    sum.Clear();
    sum.Add(special, 3);
    sum.Add(2, 7);
    (void)sum.Round(kFormatOf<T>);
    sum.Clear();
    // A quarter and two fourths, and a zero.
    sum.Add(T{1}, 4);
    sum.Add(T{-0.0}, 5);
    sum.Add(T{1}, 2);
    EXPECT_EQ(sum.Round(kFormatOf<T>), BitsOf(T{0.75}));
  }
}

}  // namespace
}  // namespace tensord::compute::internal
