// The innermost loops of pooling of every instruction set that this processor runs, against plain loops.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "compute/src/internal/kernels_for.h"
#include "compute/src/kernels/kernels.h"
#include "tensord/compute/instruction_set.h"
#include "tensord/compute/thread_pool.h"
#include "tests/support/builders.h"

namespace tensord::compute {
namespace {

using internal::Kernels;
using internal::KernelsFor;
using internal::kMaxWindowRows;
using internal::Number;
using internal::SpreadTile;
using internal::WindowTile;
using test_support::Random;

constexpr int64_t kTapCounts[] = {0, 1, 2, 9, 40};

template <typename T>
bool SameBits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

// Rows that overlap, and taps anywhere in them.
template <typename T>
struct Windows {
  static constexpr int64_t kSize = 400;
  static constexpr int64_t kStep = 5;  // from one row to the next

  Windows(const Kernels<T>& kernels, int64_t row_count, int64_t tap_count, bool nans, uint64_t seed)
      : lanes(kernels.lanes), rows(row_count), random(seed), elements(kSize), taps(static_cast<size_t>(tap_count)) {
    for (T& element : elements) {
      const int64_t die = random.Integer(0, 11);
      element = static_cast<T>(random.Integer(-1, 0));
      if (die < 3) element = T{-0.0};
      if (die == 3) element = -std::numeric_limits<T>::infinity();
      if (die == 4 && nans) element = std::numeric_limits<T>::quiet_NaN();
      if (die == 5 && nans) element = -std::numeric_limits<T>::quiet_NaN();
    }
    for (int64_t& tap : taps) tap = random.Integer(0, kSize - kStep * kMaxWindowRows - lanes);
    for (int64_t tap = 0; tap < tap_count; ++tap) tap_numbers.push_back(static_cast<Number<T>>(3 * tap + 5));
    for (int64_t i = 0; i < rows; ++i) pointers[static_cast<size_t>(i)] = elements.data() + i * kStep;
  }

  T At(int64_t row, size_t tap, int64_t lane) const {
    return elements[static_cast<size_t>(row * kStep + taps[tap] + lane)];
  }
  // One vector for each row.
  std::vector<T> Results(T value) const { return std::vector<T>(static_cast<size_t>(rows * lanes), value); }

  const int64_t lanes;
  const int64_t rows;
  Random random;
  std::vector<T> elements;
  std::vector<int64_t> taps;
  std::vector<Number<T>> tap_numbers;
  std::array<const T*, kMaxWindowRows> pointers = {};
};

enum class Nans { kNone, kFirst, kLast };

// What element by element is the maximum, with its number.
template <typename T>
void Maximum(const Windows<T>& windows, int64_t row, int64_t lane, Nans nans, T& best, Number<T>& number) {
  best = -std::numeric_limits<T>::infinity();
  for (size_t tap = 0; tap < windows.taps.size(); ++tap) {
    const T value = windows.At(row, tap, lane);
    const bool wins = std::isnan(value) && (nans == Nans::kLast || (nans == Nans::kFirst && !std::isnan(best)));
    if (!(value > best) && !wins) continue;
    best = value;
    number = windows.tap_numbers[tap];
  }
}

class WindowKernelsTest : public ::testing::TestWithParam<InstructionSet> {
 protected:
  template <typename T>
  const Kernels<T>& Tested() {
    return KernelsFor<T>({.executor = &executor_, .instruction_set = GetParam()});
  }

  template <typename T>
  void CheckMaxima(const typename Kernels<T>::PoolLanes* loops, Nans nans, bool numbered) {
    for (int64_t rows = 1; rows <= kMaxWindowRows; ++rows) {
      for (const int64_t taps : kTapCounts) {
        SCOPED_TRACE(testing::Message() << rows << " rows, " << taps << " taps");
        const Windows<T> windows(Tested<T>(), rows, taps, nans != Nans::kNone, 71);
        const std::array<Number<T>, kMaxWindowRows> none = {7, -1, 0, 12};
        std::vector<T> results = windows.Results(T{99});
        std::vector<T> expected = results;
        std::vector<Number<T>> numbers(results.size(), Number<T>{99});
        std::vector<Number<T>> expected_numbers = numbers;
        for (int64_t row = 0; row < rows; ++row) {
          for (int64_t lane = 0; lane < windows.lanes; ++lane) {
            const auto place = static_cast<size_t>(row * windows.lanes + lane);
            Number<T> number = none[static_cast<size_t>(row)];
            Maximum(windows, row, lane, nans, expected[place], number);
            if (numbered) expected_numbers[place] = number;
          }
        }
        loops[rows]({.rows = windows.pointers.data(),
                     .taps = windows.taps.data(),
                     .tap_count = taps,
                     .results = results.data(),
                     .tap_numbers = windows.tap_numbers.data(),
                     .numbers = numbered ? numbers.data() : nullptr,
                     .none_larger = none.data()});
        EXPECT_TRUE(SameBits(results, expected));
        EXPECT_EQ(numbers, expected_numbers);
      }
    }
  }

  template <typename T>
  void CheckAllMaxima() {
    const Kernels<T>& kernels = Tested<T>();
    CheckMaxima<T>(kernels.maximum_lanes, Nans::kNone, false);
    CheckMaxima<T>(kernels.numbered_maximum_lanes, Nans::kNone, true);
    CheckMaxima<T>(kernels.first_nan_lanes, Nans::kFirst, true);
    CheckMaxima<T>(kernels.first_nan_lanes, Nans::kFirst, false);
    CheckMaxima<T>(kernels.last_nan_lanes, Nans::kLast, true);
    CheckMaxima<T>(kernels.last_nan_lanes, Nans::kLast, false);
  }

  // Reals, whose sums depend on the order.
  template <typename T>
  void CheckAverages() {
    for (int64_t rows = 1; rows <= kMaxWindowRows; ++rows) {
      for (const int64_t taps : kTapCounts) {
        SCOPED_TRACE(testing::Message() << rows << " rows, " << taps << " taps");
        Windows<T> windows(Tested<T>(), rows, taps, false, 72);
        for (T& element : windows.elements) element = static_cast<T>(windows.random.Real(-1, 1));
        const std::array<T, kMaxWindowRows> divisors = {3, 9, 4, 7};
        std::vector<T> results = windows.Results(T{99});
        std::vector<T> expected = results;
        for (int64_t row = 0; row < rows; ++row) {
          for (int64_t lane = 0; lane < windows.lanes; ++lane) {
            T sum = T{-0.0};
            for (size_t tap = 0; tap < windows.taps.size(); ++tap) sum += windows.At(row, tap, lane);
            expected[static_cast<size_t>(row * windows.lanes + lane)] = sum / divisors[static_cast<size_t>(row)];
          }
        }
        Tested<T>().average_lanes[rows]({.rows = windows.pointers.data(),
                                         .taps = windows.taps.data(),
                                         .tap_count = taps,
                                         .results = results.data(),
                                         .divisors = divisors.data()});
        EXPECT_TRUE(SameBits(results, expected));
      }
    }
  }

  template <typename T>
  void CheckSpreading(bool to_numbers) {
    for (const int64_t taps : kTapCounts) {
      SCOPED_TRACE(testing::Message() << taps << " taps");
      constexpr int64_t kRows = 6;  // more than any other loop takes
      Windows<T> windows(Tested<T>(), kMaxWindowRows, taps, false, 73);
      std::vector<T> sums(Windows<T>::kSize + kRows * Windows<T>::kStep);
      std::vector<T> values(static_cast<size_t>(kRows * windows.lanes));
      std::vector<Number<T>> numbers(values.size());
      for (T& value : values) value = static_cast<T>(windows.random.Real(-1, 1));
      for (Number<T>& number : numbers) number = static_cast<Number<T>>(windows.random.Integer(-1, taps - 1));
      const std::array<T, kRows> divisors = {3, 9, 4, 7, 1, 2};
      std::vector<T> expected = sums;
      std::array<T*, kRows> rows;
      for (int64_t row = 0; row < kRows; ++row) {
        rows[static_cast<size_t>(row)] = sums.data() + row * Windows<T>::kStep;
        for (size_t tap = 0; tap < windows.taps.size(); ++tap) {
          for (int64_t lane = 0; lane < windows.lanes; ++lane) {
            const auto place = static_cast<size_t>(row * windows.lanes + lane);
            T& sum = expected[static_cast<size_t>(row * Windows<T>::kStep + windows.taps[tap] + lane)];
            if (!to_numbers) sum += values[place] / divisors[static_cast<size_t>(row)];
            if (to_numbers && numbers[place] == static_cast<Number<T>>(tap)) sum += values[place];
          }
        }
      }
      const SpreadTile<T> tile{.rows = rows.data(),
                               .row_count = kRows,
                               .taps = windows.taps.data(),
                               .tap_count = taps,
                               .values = values.data(),
                               .divisors = divisors.data(),
                               .numbers = numbers.data()};
      (to_numbers ? Tested<T>().spread_lanes_to_numbers : Tested<T>().spread_lanes)(tile);
      EXPECT_TRUE(SameBits(sums, expected));
    }
  }

  // A NaN is found in every place of every vector, and none between them.
  template <typename T>
  void CheckNansAreFound() {
    const Kernels<T>& kernels = Tested<T>();
    const int64_t stride = kernels.lanes + 3;
    for (const int64_t count : {0, 1, 2, 5}) {
      std::vector<T> elements(static_cast<size_t>(stride * 5 + kernels.lanes), -std::numeric_limits<T>::infinity());
      EXPECT_FALSE(kernels.has_nan(elements.data(), count, stride));
      for (size_t i = 0; i < elements.size(); ++i) {
        const auto place = static_cast<int64_t>(i);
        const T before = elements[i];
        elements[i] = i % 2 == 0 ? std::numeric_limits<T>::quiet_NaN() : -std::numeric_limits<T>::quiet_NaN();
        const bool is_read = place / stride < count && place % stride < kernels.lanes;
        EXPECT_EQ(kernels.has_nan(elements.data(), count, stride), is_read) << count << " vectors, NaN at " << i;
        elements[i] = before;
      }
    }
  }

  SerialExecutor executor_;
};

TEST_P(WindowKernelsTest, MaximaAreThoseOfPlainLoops) {
  CheckAllMaxima<float>();
  CheckAllMaxima<double>();
}
TEST_P(WindowKernelsTest, AveragesAreThoseOfPlainLoops) {
  CheckAverages<float>();
  CheckAverages<double>();
}
TEST_P(WindowKernelsTest, SharesAreSpread) {
  CheckSpreading<float>(false);
  CheckSpreading<double>(false);
}
TEST_P(WindowKernelsTest, ValuesAreSpreadToTheirNumbers) {
  CheckSpreading<float>(true);
  CheckSpreading<double>(true);
}
TEST_P(WindowKernelsTest, NansAreFound) {
  CheckNansAreFound<float>();
  CheckNansAreFound<double>();
}

INSTANTIATE_TEST_SUITE_P(Supported, WindowKernelsTest, ::testing::ValuesIn(SupportedInstructionSets()),
                         [](const auto& tested) { return std::string(Name(tested.param)); });

}  // namespace
}  // namespace tensord::compute
