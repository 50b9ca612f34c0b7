#include "client/load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace tensord::load {
namespace {

TEST(HistogramTest, EmptyHasNoQuantile) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.Quantile(0.99), 0);
}

TEST(HistogramTest, SmallValuesAreExact) {
  Histogram histogram;
  for (int64_t value = 1; value <= 100; ++value) histogram.Record(value);
  EXPECT_EQ(histogram.Quantile(0.0), 1);
  EXPECT_EQ(histogram.Quantile(0.5), 50);
  EXPECT_EQ(histogram.Quantile(0.99), 99);
  EXPECT_EQ(histogram.Quantile(1.0), 100);
  EXPECT_EQ(histogram.max(), 100);
}

// The percentile is that of the sorted list, at most 1/64 above it and never below.
TEST(HistogramTest, QuantilesAreWithinOne64thOfTheSortedList) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> durations(13, 2);
  std::vector<int64_t> values(20'000);
  Histogram histogram;
  for (int64_t& value : values) {
    value = static_cast<int64_t>(durations(random));
    histogram.Record(value);
  }
  std::sort(values.begin(), values.end());
  for (const double fraction : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<size_t>(std::ceil(fraction * static_cast<double>(values.size())));
    const int64_t exact = values[rank - 1];
    EXPECT_GE(histogram.Quantile(fraction), exact) << fraction;
    EXPECT_LE(histogram.Quantile(fraction), exact + exact / 64 + 1) << fraction;
  }
  EXPECT_EQ(histogram.Quantile(1.0), values.back());
}

TEST(HistogramTest, ExtremesHaveABucket) {
  Histogram histogram;
  histogram.Record(-5);
  histogram.Record(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(histogram.Quantile(0.5), 0);
  EXPECT_EQ(histogram.Quantile(1.0), std::numeric_limits<int64_t>::max());
}

TEST(HistogramTest, CountsUpToADuration) {
  Histogram histogram;
  EXPECT_EQ(histogram.CountUpTo(10), 0u);
  for (const int64_t value : {0, 5, 5, 63, 1000}) histogram.Record(value);
  EXPECT_EQ(histogram.CountUpTo(-1), 0u);
  EXPECT_EQ(histogram.CountUpTo(0), 1u);
  EXPECT_EQ(histogram.CountUpTo(4), 1u);
  EXPECT_EQ(histogram.CountUpTo(5), 3u);
  EXPECT_EQ(histogram.CountUpTo(999), 4u);
  EXPECT_EQ(histogram.CountUpTo(1000), 5u);  // not its bucket's end, but the largest
  EXPECT_EQ(histogram.CountUpTo(std::numeric_limits<int64_t>::max()), 5u);
}

TEST(HistogramTest, CountingAgreesWithQuantiles) {
  Histogram histogram;
  for (int64_t i = 1; i <= 1000; ++i) histogram.Record(i * i * i);
  for (const double fraction : {0.1, 0.5, 0.9, 0.999}) {
    const int64_t quantile = histogram.Quantile(fraction);
    EXPECT_GE(histogram.CountUpTo(quantile), static_cast<uint64_t>(fraction * 1000));
    EXPECT_LT(histogram.CountUpTo(quantile - 1), static_cast<uint64_t>(fraction * 1000));
  }
}

TEST(HistogramTest, MergingIsRecordingBoth) {
  Histogram one, other, both;
  for (int64_t i = 0; i < 1000; ++i) {
    (i % 3 == 0 ? one : other).Record(i * i * 1000);
    both.Record(i * i * 1000);
  }
  one.Merge(other);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.max(), both.max());
  for (const double fraction : {0.1, 0.5, 0.99}) EXPECT_EQ(one.Quantile(fraction), both.Quantile(fraction));
}

}  // namespace
}  // namespace tensord::load
