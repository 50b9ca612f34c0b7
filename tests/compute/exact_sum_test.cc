// Exact sums, bit for bit against MPFR.
#include "compute/src/internal/exact_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

#include "compute/src/internal/big_number.h"
#include "tensord/compute/float16.h"
#include "tensord/compute/floating_point_mode.h"
#include "tests/compute/bit_patterns.h"
#include "tests/reference/exact.h"
#include "tests/support/builders.h"

namespace tensord::compute::internal {
namespace {

using test_support::Arbitrary;
using test_support::BitsOf;
using test_support::FromBits;
using test_support::kFormatOf;
using test_support::Random;

// Dot products to check, of each element type.
constexpr int kDotCount = 100000;

template <typename T>
struct Terms {
  std::vector<T> a;
  std::vector<T> b;
  int64_t divisor = 1;

  void Add(T left, T right) {
    a.push_back(left);
    b.push_back(right);
  }
};

// The kinds of dot products: ordinary ones, and all that is hard.
constexpr int kKinds = 10;
template <typename T>
Terms<T> MakeTerms(Random& random, int kind) {
  const BinaryFormat& format = kFormatOf<T>;
  const int64_t top = (int64_t{1} << format.exponent_bits) - 2;
  const int64_t bias = format.max_exponent();
  const int64_t count = random.Integer(1, 40);
  Terms<T> terms;
  const auto fill = [&](int64_t low, int64_t high) {
    for (int64_t i = 0; i < count; ++i) terms.Add(Arbitrary<T>(random, low, high), Arbitrary<T>(random, low, high));
  };
  // Takes the terms back one by one, so that what is left is small or nothing.
  const auto cancel = [&](size_t but) {
    const size_t size = terms.a.size();
    for (size_t i = 0; i + but < size; ++i) terms.Add(-terms.b[i], terms.a[i]);
  };
  switch (kind) {
    case 0:  // near 1
      fill(bias - 2, bias + 2);
      break;
    case 1:  // any finite number
      fill(0, top);
      break;
    case 2:  // cancellation, all but a few terms
      fill(0, top);
      cancel(static_cast<size_t>(random.Integer(0, 2)));
      break;
    case 3:  // denormals and their like
      fill(0, 2);
      break;
    case 4:  // products about the least number
      for (int64_t i = 0; i < count; ++i) {
        const int64_t field = random.Integer(0, bias);
        terms.Add(Arbitrary<T>(random, field, field),
                  Arbitrary<T>(random, std::max<int64_t>(0, bias - format.stored_bits - field - 2),
                               std::max<int64_t>(0, bias - field + 2)));
      }
      break;
    case 5:  // overflow, and back
      fill(top - 1, top);
      if (random.Bits() % 2 == 0) cancel(static_cast<size_t>(random.Integer(0, 1)));
      break;
    case 6: {  // a tie, or next to one
      const T large = Arbitrary<T>(random, bias, top - 1);
      const T half_a_unit = std::ldexp(T{1}, std::ilogb(large) - format.stored_bits - 1);
      terms.Add(large, T{1});
      terms.Add(half_a_unit, random.Bits() % 2 == 0 ? T{1} : T{-1});
      if (random.Bits() % 3 != 0) terms.Add(Arbitrary<T>(random, 0, 1), Arbitrary<T>(random, 0, 1));
      break;
    }
    case 7:  // huge and tiny mixed
      for (int64_t i = 0; i < count; ++i) {
        const bool huge = random.Bits() % 2 == 0;
        const T left = huge ? Arbitrary<T>(random, top - 3, top) : Arbitrary<T>(random, 0, 3);
        terms.Add(left, Arbitrary<T>(random, 0, top));
      }
      if (random.Bits() % 2 == 0) cancel(1);
      break;
    case 8: {  // infinities, NaN and zeros among finite ones
      fill(0, top);
      constexpr T kInfinity = std::numeric_limits<T>::infinity();
      const T some[] = {kInfinity, -kInfinity, std::numeric_limits<T>::quiet_NaN(), T{0}, -T{0}, T{1}, T{-2}};
      for (int64_t i = random.Integer(1, 2); i > 0; --i) {
        terms.Add(some[random.Bits() % 7], some[random.Bits() % 7]);
      }
      break;
    }
    default:  // averages
      fill(bias - 30, bias + 30);
      if (random.Bits() % 4 == 0) fill(0, 3);
      std::fill(terms.b.begin(), terms.b.end(), T{1});
      terms.divisor = random.Bits() % 4 == 0 ? static_cast<int64_t>(random.Bits() >> 1) + 1 : random.Integer(1, 50);
      break;
  }
  return terms;
}

template <typename T>
uint64_t Sum(const Terms<T>& terms, const BinaryFormat& format) {
  ExactSum<T> sum;
  for (size_t i = 0; i < terms.a.size(); ++i) sum.AddProduct(terms.a[i], terms.b[i]);
  return sum.Round(terms.divisor, format);
}

template <typename T>
void Reverse(Terms<T>& terms, Random& random) {
  std::reverse(terms.a.begin(), terms.a.end());
  std::reverse(terms.b.begin(), terms.b.end());
  const auto by = static_cast<std::ptrdiff_t>(random.Bits() % terms.a.size());
  std::rotate(terms.a.begin(), terms.a.begin() + by, terms.a.end());
  std::rotate(terms.b.begin(), terms.b.begin() + by, terms.b.end());
}

template <typename T>
class ExactSumTest : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ExactSumTest, Types);

TYPED_TEST(ExactSumTest, IsTheExactSumRoundedOnceInAnyOrder) {
  using T = TypeParam;
  Random random(sizeof(T));
  // Whatever the processor does with denormals.
  const ScopedFloatingPointMode flushing(FloatingPointMode::Current().Flushing());
  int checked = 0;
  for (int i = 0; i < kDotCount; ++i) {
    Terms<T> terms;
    double expected = 0;
    {
      const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
      terms = MakeTerms<T>(random, i % kKinds);
      expected = reference::ExactDot(kDataTypeOf<T>, {terms.a.begin(), terms.a.end()}, {terms.b.begin(), terms.b.end()},
                                     terms.divisor);
    }
    const uint64_t bits = Sum(terms, kFormatOf<T>);
    Reverse(terms, random);
    ASSERT_EQ(Sum(terms, kFormatOf<T>), bits) << "in another order; kind " << i % kKinds;
    const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
    const uint64_t expected_bits = std::isnan(expected) ? kFormatOf<T>.quiet_nan() : BitsOf(static_cast<T>(expected));
    ASSERT_EQ(bits, expected_bits) << "kind " << i % kKinds << ": got " << FromBits<T>(bits) << ", not " << expected;
    ++checked;
  }
  EXPECT_EQ(checked, kDotCount);
  std::cout << checked << " dot products of " << Name(kDataTypeOf<T>) << " equal MPFR's, bit for bit\n";
  this->RecordProperty("dot_products", checked);
}

TEST(ExactSum16Test, RoundsOnceToThe16BitTypes) {
  Random random(16);
  for (int i = 0; i < 20000; ++i) {
    const bool half = i % 2 == 0;
    const DataType type = half ? DataType::kFloat16 : DataType::kBfloat16;
    Terms<float> terms;
    for (int64_t n = random.Integer(1, 20); n > 0; --n) {
      const auto value = [&] {
        const auto bits = static_cast<uint16_t>(random.Bits());
        return half ? Float16::DecodeFloat(bits) : BFloat16::DecodeFloat(bits);
      };
      // Not NaN nor infinite: those of the larger types do.
      float a = value();
      float b = value();
      if (!std::isfinite(a) || !std::isfinite(b)) continue;
      terms.Add(a, random.Bits() % 2 == 0 ? b : 1.0F);
      if (random.Bits() % 4 == 0) terms.Add(-a, b);
    }
    const auto bits = static_cast<uint16_t>(Sum(terms, half ? Float16::kFormat : BFloat16::kFormat));
    const double expected =
        reference::ExactDot(type, {terms.a.begin(), terms.a.end()}, {terms.b.begin(), terms.b.end()});
    ASSERT_EQ(BitsOf(half ? Float16::Decode(bits) : BFloat16::Decode(bits)), BitsOf(expected)) << Name(type);
  }
}

TYPED_TEST(ExactSumTest, CarriesThroughManyTerms) {
  using T = TypeParam;
  // More terms than fit between two carries, of one sign, then taken back but for one.
  constexpr int kCount = 100000;
  ExactSum<T> sum;
  const T largest = std::numeric_limits<T>::max();
  for (int i = 0; i < kCount; ++i) sum.AddProduct(largest, -largest);
  EXPECT_EQ(ExactSum<T>(sum).Round(1, kFormatOf<T>), BitsOf(-std::numeric_limits<T>::infinity()));
  sum.AddProduct(std::numeric_limits<T>::denorm_min(), 1);
  for (int i = 0; i < kCount; ++i) sum.AddProduct(largest, largest);
  EXPECT_EQ(sum.Round(1, kFormatOf<T>), BitsOf(std::numeric_limits<T>::denorm_min()));
  sum.Clear();
  EXPECT_EQ(sum.Round(1, kFormatOf<T>), 0U);
  sum.Add(T{3});
  EXPECT_EQ(sum.Round(2, kFormatOf<T>), BitsOf(T{1.5}));
}

TYPED_TEST(ExactSumTest, AnExactZeroIsPlusZero) {
  using T = TypeParam;
  ExactSum<T> sum;
  sum.AddProduct(-T{0}, T{1});
  EXPECT_EQ(sum.Round(1, kFormatOf<T>), 0U);
  sum.Add(T{5});
  sum.Add(T{-5});
  EXPECT_EQ(sum.Round(7, kFormatOf<T>), 0U);
  // What rounds to zero keeps its sign.
  sum.AddProduct(std::numeric_limits<T>::denorm_min(), -std::numeric_limits<T>::denorm_min());
  EXPECT_EQ(sum.Round(1, kFormatOf<T>), BitsOf(-T{0}));
}

TEST(BigNumberTest, RoundsQuotientsOfIntegers) {
  Random random(5);
  for (int i = 0; i < 20000; ++i) {
    const auto dividend = static_cast<int64_t>(random.Bits()) >> (random.Bits() % 64);
    const auto divisor = static_cast<int64_t>(random.Bits() >> (1 + random.Bits() % 60)) + 1;
    // Two doubles that make up the dividend exactly.
    const auto high = static_cast<double>(dividend / (1 << 20) * (1 << 20));
    const auto low = static_cast<double>(dividend % (1 << 20));
    for (const DataType type : {DataType::kFloat32, DataType::kFloat64}) {
      const bool single = type == DataType::kFloat32;
      const uint64_t bits = RoundQuotient(Int128{dividend}, divisor, single ? kFloat32Format : kFloat64Format);
      const double got = single ? static_cast<double>(FromBits<float>(bits)) : FromBits<double>(bits);
      ASSERT_EQ(BitsOf(got), BitsOf(reference::ExactDot(type, {high, low}, {1, 1}, divisor)))
          << dividend << " / " << divisor;
    }
  }
}

}  // namespace
}  // namespace tensord::compute::internal
