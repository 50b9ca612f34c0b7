#include "tensord/compute/float16.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "tensord/compute/floating_point_mode.h"
#include "tests/reference/exact.h"
#include "tests/support/builders.h"

namespace tensord::compute {
namespace {

// The value of a pattern, straight from the definition.
template <typename Format>
double Defined(unsigned bits) {
  constexpr int kStored = Format::kFormat.stored_bits;
  constexpr int kFields = 1 << Format::kFormat.exponent_bits;
  const int field = static_cast<int>(bits >> kStored) % kFields;
  const int stored = static_cast<int>(bits) % (1 << kStored);
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  const int bias = kFields / 2 - 1;
  if (field == kFields - 1) {
    return stored == 0 ? sign * std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  }
  if (field == 0) return sign * std::ldexp(stored, 1 - bias - kStored);
  return sign * std::ldexp(stored + (1 << kStored), field - bias - kStored);
}

template <typename Format>
class Float16Test : public ::testing::Test {};
using Formats = ::testing::Types<Float16, BFloat16>;
TYPED_TEST_SUITE(Float16Test, Formats);

TYPED_TEST(Float16Test, DecodesAndEncodesEveryPattern) {
  const ScopedFloatingPointMode flushing(FloatingPointMode::Current().Flushing());
  for (unsigned pattern = 0; pattern < 0x10000; ++pattern) {
    const auto bits = static_cast<uint16_t>(pattern);
    const double value = TypeParam::Decode(bits);
    const float single = TypeParam::DecodeFloat(bits);
    const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
    const double defined = Defined<TypeParam>(pattern);
    if (std::isnan(defined)) {
      ASSERT_TRUE(std::isnan(value) && std::isnan(single)) << pattern;
      ASSERT_TRUE(std::isnan(TypeParam::Decode(TypeParam::Encode(value)))) << pattern;
      continue;
    }
    ASSERT_EQ(std::bit_cast<uint64_t>(value), std::bit_cast<uint64_t>(defined)) << pattern;
    ASSERT_EQ(std::bit_cast<uint32_t>(single), std::bit_cast<uint32_t>(static_cast<float>(defined))) << pattern;
    ASSERT_EQ(TypeParam::Encode(value), bits);
    ASSERT_EQ(TypeParam::EncodeFloat(single), bits);
  }
}

TYPED_TEST(Float16Test, RoundsNextToEveryTieAsItShould) {
  // Between every two neighbours: the middle, and a hair to both sides of it.
  constexpr auto kInfinity = static_cast<unsigned>(TypeParam::kFormat.infinity());
  for (unsigned pattern = 0; pattern + 1 < kInfinity; ++pattern) {
    const double low = TypeParam::Decode(static_cast<uint16_t>(pattern));
    const double high = TypeParam::Decode(static_cast<uint16_t>(pattern + 1));
    const double middle = (low + high) / 2;
    const unsigned even = pattern % 2 == 0 ? pattern : pattern + 1;
    ASSERT_EQ(TypeParam::Encode(std::nextafter(middle, low)), pattern);
    ASSERT_EQ(TypeParam::Encode(middle), even);
    ASSERT_EQ(TypeParam::Encode(std::nextafter(middle, high)), pattern + 1);
    ASSERT_EQ(TypeParam::Encode(-middle), even | 0x8000);
    const auto single = static_cast<float>(middle);
    ASSERT_EQ(TypeParam::EncodeFloat(std::nextafter(single, static_cast<float>(low))), pattern);
    ASSERT_EQ(TypeParam::EncodeFloat(single), even);
    ASSERT_EQ(TypeParam::EncodeFloat(std::nextafter(single, static_cast<float>(high))), pattern + 1);
  }
}

TYPED_TEST(Float16Test, OverflowsFromHalfAUnitAboveTheLargest) {
  constexpr auto kInfinity = static_cast<uint16_t>(TypeParam::kFormat.infinity());
  const double largest = TypeParam::Decode(kInfinity - 1);
  const double unit = largest - TypeParam::Decode(kInfinity - 2);
  EXPECT_EQ(TypeParam::Encode(largest + unit / 2), kInfinity);
  EXPECT_EQ(TypeParam::Encode(std::nextafter(largest + unit / 2, 0.0)), kInfinity - 1);
  EXPECT_EQ(TypeParam::Encode(std::numeric_limits<double>::max()), kInfinity);
  EXPECT_EQ(TypeParam::Encode(-std::numeric_limits<double>::max()), kInfinity | 0x8000);
  EXPECT_EQ(TypeParam::Encode(std::numeric_limits<double>::denorm_min()), 0);
}

TYPED_TEST(Float16Test, RoundsRandomDoublesAsMpfr) {
  const DataType type = TypeParam::kFormat.exponent_bits == 5 ? DataType::kFloat16 : DataType::kBfloat16;
  test_support::Random random(3);
  for (int i = 0; i < 100000; ++i) {
    const double value = std::ldexp(random.Real(-2, 2), static_cast<int>(random.Integer(-160, 140)));
    const double expected = reference::ExactRounding(type, value);
    ASSERT_EQ(std::bit_cast<uint64_t>(TypeParam::Decode(TypeParam::Encode(value))), std::bit_cast<uint64_t>(expected))
        << value;
  }
}

// Every 16-bit pattern, against itself: decoding is exact, so encoding has to find the way back.
template <typename Format>
void RoundTripAll() {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const double value = Format::Decode(static_cast<uint16_t>(bits));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(Format::Decode(Format::Encode(value))));
    } else {
      ASSERT_EQ(Format::Encode(value), bits) << value;
    }
  }
}

TEST(Float16ExamplesTest, Float16EncodesWhatItDecodes) { RoundTripAll<Float16>(); }
TEST(Float16ExamplesTest, Bfloat16EncodesWhatItDecodes) { RoundTripAll<BFloat16>(); }

TEST(Float16ExamplesTest, RoundsToNearestEven) {
  EXPECT_EQ(Float16::Decode(Float16::Encode(2049)), 2048);  // half way between 2048 and 2050
  EXPECT_EQ(Float16::Decode(Float16::Encode(2051)), 2052);
  EXPECT_EQ(Float16::Decode(Float16::Encode(65519)), 65504);
  EXPECT_TRUE(std::isinf(Float16::Decode(Float16::Encode(65520))));
  EXPECT_EQ(Float16::Decode(Float16::Encode(0x1p-25)), 0);
  EXPECT_EQ(Float16::Decode(Float16::Encode(0x1.8p-25)), 0x1p-24);
}

TEST(Float16ExamplesTest, BfloatIsTheUpperHalfOfAFloat) {
  const float value = 1.5F;
  EXPECT_EQ(BFloat16::Encode(value), std::bit_cast<uint32_t>(value) >> 16);
}

}  // namespace
}  // namespace tensord::compute
