// The innermost loops of every instruction set that this processor runs, and which of them are used.
#include "compute/src/kernels/kernels.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "compute/src/internal/kernels_for.h"
#include "compute/src/internal/transpose.h"
#include "tensord/compute/instruction_set.h"
#include "tensord/compute/thread_pool.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using internal::Kernels;
using internal::KernelsFor;
using internal::kMaxTileRows;
using internal::kMaxTileVectors;
using internal::Step;
using internal::Tile;
using test_support::StatusIs;

// Integers so small that every sum of their products is exact, whatever the order.
template <typename T>
std::vector<T> Integers(size_t count, std::mt19937& random) {
  std::uniform_int_distribution<int> distribution(-8, 8);
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(distribution(random));
  return values;
}

template <typename T>
class OneKernel {
 public:
  OneKernel(const Kernels<T>& kernels, int vectors, int rows)
      : kernels_(kernels), vectors_(vectors), rows_(rows), columns_(static_cast<int64_t>(vectors) * kernels.lanes) {}

  // Sums over step_count products, begun or gone on with, must be what plain loops get; nothing else is written.
  void Check(int64_t step_count, bool begin) {
    SCOPED_TRACE("vectors " + std::to_string(vectors_) + ", rows " + std::to_string(rows_) + ", steps " +
                 std::to_string(step_count) + (begin ? ", begun" : ", gone on"));
    const std::vector<T> left = Integers<T>(kLeftSize, random_);
    const std::vector<T> right = Integers<T>(kRightSize, random_);
    const std::vector<T> start = Integers<T>(kMaxTileRows, random_);
    const int64_t stride = columns_ + 3;
    std::vector<T> sums = Integers<T>(static_cast<size_t>(rows_ * stride), random_);
    std::vector<T> expected = sums;
    std::array<const T*, kMaxTileRows> rows = {};
    for (int i = 0; i < rows_; ++i) rows[static_cast<size_t>(i)] = left.data() + 7 * i;
    const std::vector<Step> steps = RandomSteps(step_count);
    for (int64_t i = 0; i < rows_; ++i) {
      for (int64_t j = 0; j < columns_; ++j) {
        T sum = begin ? start[static_cast<size_t>(i)] : sums[static_cast<size_t>(i * stride + j)];
        for (const Step& step : steps) {
          sum += rows[static_cast<size_t>(i)][step.left] * right[static_cast<size_t>(step.right + j)];
        }
        expected[static_cast<size_t>(i * stride + j)] = sum;
      }
    }
    kernels_.multiply_add[vectors_][rows_]({.left = rows.data(),
                                            .right = right.data(),
                                            .steps = steps.data(),
                                            .step_count = step_count,
                                            .start = begin ? start.data() : nullptr,
                                            .sums = sums.data(),
                                            .sums_stride = stride});
    EXPECT_EQ(sums, expected);
  }

 private:
  static constexpr size_t kLeftSize = 300;
  static constexpr size_t kRightSize = 500;

  std::vector<Step> RandomSteps(int64_t count) {
    std::uniform_int_distribution<int64_t> left(0, static_cast<int64_t>(kLeftSize) - 7 * kMaxTileRows - 1);
    std::uniform_int_distribution<int64_t> right(0, static_cast<int64_t>(kRightSize) - columns_);
    std::vector<Step> steps(static_cast<size_t>(count));
    for (Step& step : steps) step = {.left = left(random_), .right = right(random_)};
    return steps;
  }

  const Kernels<T>& kernels_;
  int vectors_;
  int rows_;
  int64_t columns_;
  std::mt19937 random_{20261128};
};

// As OneKernel, of the kernel whose lanes have nothing to do with each other.
template <typename T>
void CheckLaneKernel(const Kernels<T>& kernels, int rows, int64_t step_count, bool begin) {
  SCOPED_TRACE("rows " + std::to_string(rows) + ", steps " + std::to_string(step_count) +
               (begin ? ", begun" : ", gone on"));
  constexpr size_t kSize = 300;
  std::mt19937 random(20261129);
  const int64_t lanes = kernels.lanes;
  const std::vector<T> left = Integers<T>(kSize, random);
  const std::vector<T> shared = Integers<T>(kSize, random);
  const std::vector<T> start = Integers<T>(static_cast<size_t>(lanes), random);
  const int64_t stride = lanes + 1;
  std::vector<T> sums = Integers<T>(static_cast<size_t>(rows * stride), random);
  std::uniform_int_distribution<int64_t> place(0, static_cast<int64_t>(kSize) - 7 * kMaxTileRows - lanes);
  std::vector<Step> steps(static_cast<size_t>(step_count));
  for (Step& step : steps) step = {.left = place(random), .right = place(random)};
  std::array<const T*, kMaxTileRows> row_pointers = {};
  std::vector<T> expected = sums;
  for (int64_t i = 0; i < rows; ++i) {
    row_pointers[static_cast<size_t>(i)] = left.data() + 7 * i;
    for (int64_t j = 0; j < lanes; ++j) {
      T& sum = expected[static_cast<size_t>(i * stride + j)];
      if (begin) sum = start[static_cast<size_t>(j)];
      for (const Step& step : steps) {
        sum += left[static_cast<size_t>(7 * i + step.left + j)] * shared[static_cast<size_t>(step.right + j)];
      }
    }
  }
  kernels.multiply_add_lanes[rows]({.rows = row_pointers.data(),
                                    .shared = shared.data(),
                                    .steps = steps.data(),
                                    .step_count = step_count,
                                    .start = begin ? start.data() : nullptr,
                                    .sums = sums.data(),
                                    .sums_stride = stride});
  EXPECT_EQ(sums, expected);
}

class KernelsTest : public ::testing::TestWithParam<InstructionSet> {
 protected:
  template <typename T>
  const Kernels<T>& Tested() {
    return KernelsFor<T>({.executor = &executor_, .instruction_set = GetParam()});
  }

  template <typename T>
  void CheckAll() {
    const Kernels<T>& kernels = Tested<T>();
    for (int vectors = 1; vectors <= kernels.max_vectors; ++vectors) {
      ASSERT_GE(kernels.max_rows[vectors], 1);
      for (int rows = 1; rows <= kernels.max_rows[vectors]; ++rows) {
        OneKernel<T> kernel(kernels, vectors, rows);
        for (const int64_t steps : {0, 1, 2, 37}) {
          kernel.Check(steps, true);
          kernel.Check(steps, false);
        }
      }
    }
  }

  template <typename T>
  void CheckAllOfLanes() {
    const Kernels<T>& kernels = Tested<T>();
    for (int rows = 1; rows <= kernels.max_rows[1]; ++rows) {
      for (const int64_t steps : {0, 1, 2, 37}) {
        CheckLaneKernel(kernels, rows, steps, true);
        CheckLaneKernel(kernels, rows, steps, false);
      }
    }
  }

  template <typename T>
  void CheckTransposition() {
    const Kernels<T>& kernels = Tested<T>();
    const int64_t lanes = kernels.lanes;
    const int64_t from_stride = lanes + 5;
    const int64_t to_stride = lanes + 2;
    std::vector<T> from(static_cast<size_t>(lanes * from_stride));
    for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<T>(i);
    std::vector<T> to(static_cast<size_t>(lanes * to_stride), T{-1});
    std::vector<T> expected = to;
    for (int64_t i = 0; i < lanes; ++i) {
      for (int64_t j = 0; j < lanes; ++j) {
        expected[static_cast<size_t>(j * to_stride + i)] = from[static_cast<size_t>(i * from_stride + j)];
      }
    }
    kernels.transpose(from.data(), from_stride, to.data(), to_stride);
    EXPECT_EQ(to, expected);
  }

  // Matrices of every size around whole blocks.
  template <typename T>
  void CheckTransposedMatrices() {
    const Kernels<T>& kernels = Tested<T>();
    for (int64_t rows = 0; rows <= 2 * kernels.lanes + 1; ++rows) {
      for (int64_t columns = 0; columns <= 2 * kernels.lanes + 1; ++columns) {
        std::vector<T> from(static_cast<size_t>(rows * columns));
        for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<T>(i);
        std::vector<T> to(from.size() + 1, T{-1});
        internal::Transpose(kernels, from.data(), columns, rows, columns, to.data(), rows);
        for (int64_t i = 0; i < rows; ++i) {
          for (int64_t j = 0; j < columns; ++j) {
            ASSERT_EQ(to[static_cast<size_t>(j * rows + i)], from[static_cast<size_t>(i * columns + j)])
                << rows << " x " << columns;
          }
        }
        ASSERT_EQ(to.back(), T{-1});
        // Behind a row's elements zeros, and nothing else is written.
        const int64_t stride = (rows + kernels.lanes - 1) / kernels.lanes * kernels.lanes + 1;
        std::vector<T> padded(static_cast<size_t>(columns * stride), T{-1});
        internal::TransposeWithZeros(kernels, from.data(), columns, rows, columns, padded.data(), stride);
        for (int64_t j = 0; j < columns; ++j) {
          for (int64_t i = 0; i < stride; ++i) {
            const T expected = i < rows ? from[static_cast<size_t>(i * columns + j)] : T(i + 1 < stride ? 0 : -1);
            ASSERT_EQ(padded[static_cast<size_t>(j * stride + i)], expected) << rows << " x " << columns;
          }
        }
      }
    }
  }

  // Only the announced kernels exist, and all of them do.
  template <typename T>
  void CheckTable() {
    const Kernels<T>& kernels = Tested<T>();
    ASSERT_GE(kernels.max_vectors, 1);
    ASSERT_LE(kernels.max_vectors, kMaxTileVectors);
    for (int vectors = 0; vectors <= kMaxTileVectors; ++vectors) {
      for (int rows = 0; rows <= kMaxTileRows; ++rows) {
        const bool announced = vectors >= 1 && rows >= 1 && rows <= kernels.max_rows[vectors];
        EXPECT_EQ(kernels.multiply_add[vectors][rows] != nullptr, announced) << vectors << " x " << rows;
        if (vectors != 1) continue;
        EXPECT_EQ(kernels.multiply_add_lanes[rows] != nullptr, announced) << rows;
      }
    }
  }

  SerialExecutor executor_;
};

TEST_P(KernelsTest, Float32SumsAreThoseOfPlainLoops) { CheckAll<float>(); }
TEST_P(KernelsTest, Float64SumsAreThoseOfPlainLoops) { CheckAll<double>(); }
TEST_P(KernelsTest, SumsOfLanesAreThoseOfPlainLoops) {
  CheckAllOfLanes<float>();
  CheckAllOfLanes<double>();
}
TEST_P(KernelsTest, BlocksAreTransposed) {
  CheckTransposition<float>();
  CheckTransposition<double>();
}
TEST_P(KernelsTest, MatricesAreTransposed) {
  CheckTransposedMatrices<float>();
  CheckTransposedMatrices<double>();
}
TEST_P(KernelsTest, TablesHoldWhatTheyAnnounce) {
  CheckTable<float>();
  CheckTable<double>();
}
TEST_P(KernelsTest, StartsKeepTheSignOfZero) {
  const Kernels<float>& kernels = Tested<float>();
  const float zero = -0.0F;
  std::vector<float> sums(static_cast<size_t>(kernels.lanes), 1.0F);
  const float* const left[] = {&zero};
  kernels.multiply_add[1][1]({.left = left,
                              .right = &zero,
                              .steps = nullptr,
                              .step_count = 0,
                              .start = &zero,
                              .sums = sums.data(),
                              .sums_stride = kernels.lanes});
  for (const float sum : sums) EXPECT_TRUE(std::signbit(sum));
}

INSTANTIATE_TEST_SUITE_P(Supported, KernelsTest, ::testing::ValuesIn(SupportedInstructionSets()),
                         [](const auto& tested) { return std::string(Name(tested.param)); });

TEST(InstructionSetTest, NamesChoose) {
  for (const InstructionSet set : SupportedInstructionSets()) EXPECT_EQ(*ChooseInstructionSet(Name(set)), set);
  EXPECT_EQ(*ChooseInstructionSet(""), SupportedInstructionSets().back());
}

TEST(InstructionSetTest, OtherNamesAreRefusedWithThoseThatThereAre) {
  for (const absl::string_view name : {"avx", "AVX2", "avx512 ", "none"}) {
    EXPECT_THAT(ChooseInstructionSet(name), StatusIs(absl::StatusCode::kInvalidArgument, std::string(name)));
    EXPECT_THAT(ChooseInstructionSet(name),
                StatusIs(absl::StatusCode::kInvalidArgument, std::string(Name(SupportedInstructionSets().back()))));
  }
}

TEST(InstructionSetTest, KernelsAreThoseInUseUnlessTheContextNamesOthers) {
  SerialExecutor executor;
  const InstructionSet before = InstructionSetInUse();
  for (const InstructionSet set : SupportedInstructionSets()) {
    UseInstructionSet(set);
    EXPECT_EQ(InstructionSetInUse(), set);
    EXPECT_EQ(&KernelsFor<float>({.executor = &executor}),
              &KernelsFor<float>({.executor = &executor, .instruction_set = set}));
  }
  UseInstructionSet(before);
}

}  // namespace
}  // namespace tensord::compute
