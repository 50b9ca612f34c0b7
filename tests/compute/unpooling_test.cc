// Unpooling: round trips, the oracle, and every index that is wrong.
#include "tensord/compute/unpooling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <tuple>

#include "tensord/compute/thread_pool.h"
#include "tests/compute/pooling_cases.h"
#include "tests/reference/reference.h"
#include "tests/support/builders.h"
#include "tests/support/calculus.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::AreAdjoint;
using test_support::Equals;
using test_support::InnerProduct;
using test_support::IntegerTensor;
using test_support::IsOk;
using test_support::MakeTensor;
using test_support::RealTensor;
using test_support::SameBits;
using test_support::StatusIs;
using test_support::ToDoubles;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr IndexBase kAllBases[] = {IndexBase::kPlane, IndexBase::kTensor, IndexBase::kTensorColumnMajor,
                                   IndexBase::kLayout, IndexBase::kLayoutPerSample};

Tensor Int64Tensor(const Shape& shape, const std::vector<int64_t>& values) {
  Tensor tensor = Tensor::Allocate(DataType::kInt64, shape).value();
  std::copy(values.begin(), values.end(), tensor.As<int64_t>());
  return tensor;
}

std::vector<int64_t> ToIntegers(const Tensor& tensor) {
  return {tensor.As<int64_t>(), tensor.As<int64_t>() + tensor.element_count()};
}

class UnpoolingTest : public ::testing::TestWithParam<TypedPoolingCase> {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};
  Violations violations_;

  const PoolingCase& Case() const { return std::get<0>(GetParam()); }
  DataType Type() const { return std::get<1>(GetParam()); }
};

TEST_P(UnpoolingTest, GoesThereAndBackInEveryIndexBase) {
  const Tensor x = IntegerTensor(Type(), Case().input, 71, 1, 9);
  PoolingConventions conventions = Case().conventions;
  for (const IndexBase base : kAllBases) {
    SCOPED_TRACE(Name(base));
    conventions.index_base = base;
    const PoolingGeometry geometry = Resolved(PoolingKind::kMax, conventions, Case().input);
    const auto pooled = Pool(geometry, x.view(), true, context_);
    ASSERT_THAT(pooled, IsOk());
    const std::vector<int64_t> indices = ToIntegers(*pooled->indices);
    for (const IndexRange range : {IndexRange::kPlane, IndexRange::kWindow}) {
      const auto unpooled =
          Unpool(geometry, pooled->output.view(), pooled->indices->view(), {.range = range}, context_, violations_);
      ASSERT_THAT(unpooled, IsOk());
      EXPECT_TRUE(
          Equals(unpooled->view(), Case().input, reference::Unpool(geometry, ToDoubles(pooled->output), indices)));
      // What pooled to a maximum pools to it again.
      const auto again = Pool(geometry, unpooled->view(), true, context_);
      EXPECT_TRUE(SameBits(again->output.view(), pooled->output.view()));
    }
    const Tensor dx = IntegerTensor(Type(), Case().input, 72);
    const auto dy = UnpoolBackward(geometry, pooled->indices->view(), dx.view(), {}, context_, violations_);
    ASSERT_THAT(dy, IsOk());
    EXPECT_TRUE(Equals(dy->view(), geometry.output_shape, reference::UnpoolBackward(geometry, indices, ToDoubles(dx))));
  }
  EXPECT_TRUE(violations_.empty());
}

TEST_P(UnpoolingTest, BackwardIsTheAdjointWhereNoIndexIsTwice) {
  // Each plane's outputs go to its first elements, in some order.
  const PoolingGeometry geometry = Resolved(PoolingKind::kMax, Case().conventions, Case().input);
  int64_t outputs = 1;
  int64_t inputs = 1;
  for (const AxisWindow& axis : geometry.axes) outputs *= axis.output, inputs *= axis.input;
  if (outputs > inputs) return;
  Tensor indices = Tensor::Allocate(DataType::kInt64, geometry.output_shape).value();
  // Counted plane by plane.
  std::vector<int64_t> next(static_cast<size_t>(geometry.batch * geometry.channels), 0);
  const std::string& letters = geometry.layout.letters();
  for (int64_t flat = 0; flat < indices.element_count(); ++flat) {
    int64_t rest = flat;
    int64_t n = 0;
    int64_t c = 0;
    for (int axis = static_cast<int>(letters.size()) - 1; axis >= 0; --axis) {
      const int64_t coordinate = rest % geometry.output_shape[axis];
      rest /= geometry.output_shape[axis];
      if (letters[static_cast<size_t>(axis)] == 'N') n = coordinate;
      if (letters[static_cast<size_t>(axis)] == 'C') c = coordinate;
    }
    indices.As<int64_t>()[flat] = next[static_cast<size_t>(n * geometry.channels + c)]++;
  }
  const Tensor y = IntegerTensor(Type(), geometry.output_shape, 75);
  const Tensor dx = IntegerTensor(Type(), Case().input, 76);
  const auto x = Unpool(geometry, y.view(), indices.view(), {}, context_, violations_);
  const auto dy = UnpoolBackward(geometry, indices.view(), dx.view(), {}, context_, violations_);
  ASSERT_THAT(x, IsOk());
  ASSERT_THAT(dy, IsOk());
  EXPECT_TRUE(AreAdjoint(InnerProduct(*dy, y), InnerProduct(dx, *x)));
}

TEST_P(UnpoolingTest, AnyExecutorGivesTheSameBits) {
  ThreadPool pool(3, 4);
  const ExecutionContext parallel{.executor = &pool};
  const PoolingGeometry geometry = Resolved(PoolingKind::kMax, Case().conventions, Case().input);
  const Tensor y = RealTensor(Type(), geometry.output_shape, 77);
  const Tensor indices = IntegerTensor(DataType::kInt64, geometry.output_shape, 78, 0, 0);  // all the same
  const auto serial = Unpool(geometry, y.view(), indices.view(), {}, context_, violations_);
  ASSERT_THAT(serial, IsOk());
  EXPECT_TRUE(SameBits(Unpool(geometry, y.view(), indices.view(), {}, parallel, violations_)->view(), serial->view()));
  EXPECT_TRUE(Equals(serial->view(), Case().input, reference::Unpool(geometry, ToDoubles(y), ToIntegers(indices))));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, UnpoolingTest, AllTypedPoolingCases(), NameOfPooling);

class UnpoolingExamplesTest : public ::testing::Test {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};
  Violations violations_;

  std::optional<PoolingGeometry> Resolve(const PoolingConventions& given, const Shape& pooled,
                                         const std::optional<Shape>& unpooled) {
    violations_ = {};
    auto geometry = ResolveUnpooling(given, Profile::kNone, pooled, unpooled, {}, {}, violations_);
    EXPECT_EQ(geometry.has_value(), violations_.empty());
    return geometry;
  }

  void ExpectRefused(const PoolingConventions& given, const Shape& pooled, const std::optional<Shape>& unpooled,
                     const std::string& field, const std::string& text) {
    EXPECT_FALSE(Resolve(given, pooled, unpooled).has_value());
    ASSERT_EQ(violations_.total(), 1u) << violations_.ToStatus();
    EXPECT_EQ(violations_.kept()[0].field, field);
    EXPECT_THAT(violations_.kept()[0].description, HasSubstr(text));
  }

  // The violations of unpooling ones with those indices.
  std::vector<std::string> Wrong(const PoolingGeometry& geometry, const std::vector<int64_t>& indices,
                                 IndexRange range = IndexRange::kPlane) {
    Violations violations;
    const Tensor y = IntegerTensor(DataType::kFloat32, geometry.output_shape, 79);
    const Tensor at = Int64Tensor(geometry.output_shape, indices);
    const IndexCheck check{.range = range};
    const auto x = Unpool(geometry, y.view(), at.view(), check, context_, violations);
    EXPECT_EQ(x.ok(), violations.empty()) << x.status();
    Violations backward;
    const Tensor dx = IntegerTensor(DataType::kFloat32, geometry.input_shape, 80);
    EXPECT_EQ(UnpoolBackward(geometry, at.view(), dx.view(), check, context_, backward).ok(), x.ok());
    std::vector<std::string> texts;
    for (const Violation& violation : violations.kept()) texts.push_back(violation.field + " " + violation.description);
    EXPECT_EQ(backward.total(), violations.total());
    return texts;
  }
};

TEST_F(UnpoolingExamplesTest, ByHand) {
  const auto geometry = Resolve({.window = {2}}, {3}, std::nullopt);
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(geometry->input_shape, (Shape{6}));
  const Tensor y = MakeTensor(DataType::kFloat32, {3}, {7, kNaN, -0.0});
  const auto x = Unpool(*geometry, y.view(), Int64Tensor({3}, {1, 2, 5}).view(), {}, context_, violations_);
  ASSERT_THAT(x, IsOk());
  EXPECT_TRUE(SameBits(x->view(), MakeTensor(DataType::kFloat32, {6}, {0, 7, kNaN, 0, 0, -0.0}).view()));
  const Tensor dx = MakeTensor(DataType::kFloat32, {6}, {1, 2, 3, 4, 5, 6});
  const auto dy = UnpoolBackward(*geometry, Int64Tensor({3}, {1, 2, 5}).view(), dx.view(), {}, context_, violations_);
  EXPECT_THAT(ToDoubles(*dy), ElementsAre(2, 3, 6));
}

TEST_F(UnpoolingExamplesTest, OfEqualIndicesTheLastWinsAndEachGathers) {
  const auto geometry = Resolve({.window = {2}, .strides = {1}}, {3}, std::nullopt);
  const Tensor y = MakeTensor(DataType::kFloat32, {3}, {7, 8, 9});
  const Tensor indices = Int64Tensor({3}, {1, 1, 3});
  EXPECT_THAT(ToDoubles(*Unpool(*geometry, y.view(), indices.view(), {}, context_, violations_)),
              ElementsAre(0, 8, 0, 9));
  const Tensor dx = MakeTensor(DataType::kFloat32, {4}, {1, 2, 3, 4});
  EXPECT_THAT(ToDoubles(*UnpoolBackward(*geometry, indices.view(), dx.view(), {}, context_, violations_)),
              ElementsAre(2, 2, 4));
}

TEST_F(UnpoolingExamplesTest, WrongIndicesAreNamedWithTheirRange) {
  const auto g = *Resolve({.input_layout = "CW", .window = {2}}, {2, 2}, Shape{2, 4});
  EXPECT_TRUE(Wrong(g, {0, 3, 0, 3}).empty());
  EXPECT_THAT(Wrong(g, {0, 4, -1, 3}), ElementsAre("indices[1] was 4, has to be 0..3, an element of its own plane",
                                                   "indices[2] was -1, has to be 0..3, an element of its own plane"));
  // At 64 bits: 2^32 + 3 is no 3.
  EXPECT_THAT(
      Wrong(g, {0, (int64_t{1} << 32) + 3, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}),
      ElementsAre(HasSubstr("was 4294967299"), HasSubstr("was -9223372036854775808"),
                  HasSubstr("was 9223372036854775807")));
  EXPECT_THAT(Wrong(g, {2, 2, 1, 0}, IndexRange::kWindow),
              ElementsAre("indices[0] was 2, has to be 0..1, an element of its own window",
                          "indices[3] was 0, has to be 2..3, an element of its own window"));
}

TEST_F(UnpoolingExamplesTest, AnotherPlanesElementIsWrongInEveryBase) {
  // The element after a plane's last one belongs to somebody else, whatever the base.
  const Shape pooled = {2, 1, 1, 2};    // NHWC
  const Shape unpooled = {2, 2, 3, 2};  // 2 samples, 2 channels, planes of 6
  const auto at = [&](IndexBase base) {
    return *Resolve({.input_layout = "NHWC", .index_base = base, .window_mode = WindowMode::kGlobal}, pooled, unpooled);
  };
  EXPECT_TRUE(Wrong(at(IndexBase::kPlane), {5, 5, 5, 5}).empty());
  EXPECT_TRUE(Wrong(at(IndexBase::kTensor), {5, 11, 17, 23}).empty());
  EXPECT_EQ(Wrong(at(IndexBase::kTensor), {6, 5, 24, 12}).size(), 4u);
  EXPECT_TRUE(Wrong(at(IndexBase::kTensorColumnMajor), {5, 6, 12, 18}).empty());
  EXPECT_EQ(Wrong(at(IndexBase::kTensorColumnMajor), {6, 12, 18, 17}).size(), 4u);
  EXPECT_TRUE(Wrong(at(IndexBase::kLayout), {10, 11, 22, 23}).empty());
  EXPECT_EQ(Wrong(at(IndexBase::kLayout), {11, 10, 23, 24}).size(), 4u);  // the neighbouring channel's
  EXPECT_TRUE(Wrong(at(IndexBase::kLayoutPerSample), {10, 11, 0, 1}).empty());
  EXPECT_EQ(Wrong(at(IndexBase::kLayoutPerSample), {12, 0, 1, 2}).size(), 4u);
}

TEST_F(UnpoolingExamplesTest, EveryIndexIsJudgedAsTheOracleWould) {
  // All indices around the legal ones, for every base: legal are exactly those that some pooling could have given.
  for (const char* layout : {"NHWC", "CHWN", "NCHW", "WNHC"}) {
    for (const IndexBase base : kAllBases) {
      PoolingConventions conventions{.input_layout = layout, .index_base = base, .window_mode = WindowMode::kGlobal};
      const Shape shape = {2, 3, 2, 3};
      const auto geometry = Resolved(PoolingKind::kMax, conventions, shape);
      const int64_t outputs = geometry.batch * geometry.channels;
      // From one-hot inputs: the index of each element, and whose it is.
      std::vector<std::set<int64_t>> legal(static_cast<size_t>(outputs));
      for (size_t hot = 0; hot < 36; ++hot) {
        std::vector<double> x(36, 0);
        x[hot] = 1;
        const reference::Pooled pooled = reference::Pool(geometry, x);
        for (size_t i = 0; i < legal.size(); ++i) {
          if (pooled.sums.values[i] == 1) legal[i].insert(pooled.indices[i]);
        }
      }
      std::vector<int64_t> good;
      for (const std::set<int64_t>& plane : legal) good.push_back(*plane.begin());
      for (size_t i = 0; i < legal.size(); ++i) {
        for (int64_t index = -2; index <= 40; ++index) {
          std::vector<int64_t> indices = good;
          indices[i] = index;
          ASSERT_EQ(Wrong(geometry, indices).empty(), legal[i].contains(index))
              << layout << " " << Name(base) << " output " << i << " index " << index;
        }
      }
    }
  }
}

TEST_F(UnpoolingExamplesTest, WindowsAreJudgedElementByElement) {
  const PoolingConventions conventions{
      .input_layout = "W", .window = {3}, .strides = {2}, .dilations = {2}, .padding = {.begin = {2}, .end = {2}}};
  const auto geometry = Resolved(PoolingKind::kMax, conventions, {6});
  for (int64_t o = 0; o < geometry.axes[0].output; ++o) {
    for (int64_t index = 0; index < 6; ++index) {
      std::vector<int64_t> indices;
      for (int64_t k = 0; k < geometry.axes[0].output; ++k) indices.push_back(std::max<int64_t>(k * 2 - 2, 0));
      indices[static_cast<size_t>(o)] = index;
      bool inside = false;
      for (int64_t k = 0; k < 3; ++k) inside = inside || o * 2 + k * 2 - 2 == index;
      EXPECT_EQ(Wrong(geometry, indices, IndexRange::kWindow).empty(), inside) << o << " " << index;
    }
  }
}

TEST_F(UnpoolingExamplesTest, AnEmptyWindowIsSkippedWhereSuchWindowsAreAllowed) {
  const PoolingConventions conventions{
      .window = {1}, .padding = {.begin = {1}}, .empty_window = EmptyWindow::kNegativeInfinity};
  const auto geometry = *Resolve(conventions, {4}, Shape{2});
  const Tensor y = MakeTensor(DataType::kFloat32, {4}, {9, -7, 3, 9});
  const Tensor indices = Int64Tensor({4}, {-1, 0, 1, -1});
  for (const IndexRange range : {IndexRange::kPlane, IndexRange::kWindow}) {
    const auto x = Unpool(geometry, y.view(), indices.view(), {.range = range}, context_, violations_);
    ASSERT_THAT(x, IsOk());
    EXPECT_THAT(ToDoubles(*x), ElementsAre(-7, 3));
  }
  const auto dy = UnpoolBackward(geometry, indices.view(), MakeTensor(DataType::kFloat32, {2}, {5, 6}).view(), {},
                                 context_, violations_);
  EXPECT_THAT(ToDoubles(*dy), ElementsAre(0, 5, 6, 0));
  EXPECT_EQ(Wrong(geometry, {-1, -1, 1, -1}).size(), 1u);  // a window that holds something
  EXPECT_THAT(Wrong(geometry, {0, 0, 1, -1}, IndexRange::kWindow),
              ElementsAre("indices[0] was 0, has to be -1: its window holds no element"));
}

TEST_F(UnpoolingExamplesTest, ShapesAreDerivedWhereTheyFollow) {
  EXPECT_EQ(Resolve({.window = {3}, .strides = {2}}, {4}, std::nullopt)->input_shape, (Shape{9}));
  EXPECT_EQ(Resolve({.window = {3}, .strides = {2}, .padding = {.begin = {1}}}, {4}, std::nullopt)->input_shape,
            (Shape{7}));
  EXPECT_EQ(Resolve({.window = {2}, .dilations = {3}}, {2}, std::nullopt)->input_shape, (Shape{6}));
  EXPECT_EQ(Resolve({.window = {3}, .strides = {2}, .padding = {.mode = PaddingMode::kSameUpper}}, {4}, std::nullopt)
                ->input_shape,
            (Shape{8}));
  EXPECT_EQ(
      Resolve({.window = {3}, .strides = {1}, .padding = {.mode = PaddingMode::kFull}}, {4}, std::nullopt)->input_shape,
      (Shape{2}));
  EXPECT_EQ(Resolve({.window = {2}}, {2, 3, 3, 5}, std::nullopt)->input_shape, (Shape{2, 6, 6, 5}));
  // A given shape wins.
  EXPECT_EQ(Resolve({.window = {2}}, {3}, Shape{7})->input_shape, (Shape{7}));
}

TEST_F(UnpoolingExamplesTest, ShapesThatCannotBeAreRefused) {
  ExpectRefused({.window = {2}}, {3}, Shape{8}, "output_shape",
                "is pooled to [4]; has to be a shape that is pooled to [3]");
  ExpectRefused({.window = {2}}, {3}, Shape{6, 6}, "output_shape", "had rank 2, has to have rank 1");
  ExpectRefused({.window_mode = WindowMode::kGlobal}, {1}, std::nullopt, "output_shape", "is required where");
  ExpectRefused({.window_mode = WindowMode::kAdaptive, .output_size = {2}}, {2}, std::nullopt, "output_shape",
                "is required where");
  ExpectRefused({.window = {1}, .padding = {.begin = {5}}}, {3}, std::nullopt, "output_shape",
                "is below 1 along axis W");
  ExpectRefused({.window = {5}, .strides = {1}, .length_rule = LengthRule::kStartInside}, {3}, std::nullopt,
                "output_shape", "what follows, [7], is pooled to [7]");
  ExpectRefused({.window = {kMaxSize}, .strides = {kMaxSize}}, {kMaxSize}, std::nullopt, "output_shape", "is above");
  ExpectRefused({.window = {2}}, {0}, std::nullopt, "input.shape[0]", "was 0");
  ExpectRefused({.window = {2}, .average_divisor = AverageDivisor::kExcluded}, {3}, std::nullopt,
                "conventions.average_divisor", "only AVERAGE");
}

TEST_F(UnpoolingExamplesTest, ErrorsAreTold) {
  const auto geometry = *Resolve({.window = {2}}, {3}, std::nullopt);
  const Tensor y = MakeTensor(DataType::kFloat32, {3}, {1, 2, 3});
  const Tensor indices = Int64Tensor({3}, {0, 2, 4});
  EXPECT_THAT(
      Unpool(geometry, MakeTensor(DataType::kFloat32, {2}, {1, 2}).view(), indices.view(), {}, context_, violations_),
      StatusIs(absl::StatusCode::kInvalidArgument, "[2], has to be [3]"));
  EXPECT_THAT(Unpool(geometry, y.view(), y.view(), {}, context_, violations_),
              StatusIs(absl::StatusCode::kInvalidArgument, "indices are float32"));
  EXPECT_THAT(Unpool(geometry, indices.view(), indices.view(), {}, context_, violations_),
              StatusIs(absl::StatusCode::kUnimplemented, "int64"));
  CancelFlag flag;
  flag.Cancel();
  const ExecutionContext cancelled{.executor = &serial_, .cancel = &flag};
  EXPECT_THAT(Unpool(geometry, y.view(), indices.view(), {}, cancelled, violations_),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(UnpoolingCost(geometry, DataType::kFloat32).result_bytes, 24);
  EXPECT_EQ(UnpoolingBackwardCost(geometry, DataType::kFloat64).result_bytes, 24);
}

TEST_F(UnpoolingExamplesTest, AnEmptyBatchIsEmpty) {
  const auto geometry = *Resolve({.window = {2}}, {0, 2, 2, 3}, std::nullopt);
  const Tensor y = MakeTensor(DataType::kFloat32, {0, 2, 2, 3}, {});
  const auto x = Unpool(geometry, y.view(), Int64Tensor({0, 2, 2, 3}, {}).view(), {}, context_, violations_);
  ASSERT_THAT(x, IsOk());
  EXPECT_EQ(x->shape(), (Shape{0, 4, 4, 3}));
}

}  // namespace
}  // namespace tensord::compute
