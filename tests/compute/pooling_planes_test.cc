// Many planes are pooled side by side, a plane alone element by element: both have to come to the same bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tensord/compute/limits.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/pooling_cases.h"
#include "tests/support/builders.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::IsOk;
using test_support::Random;
using test_support::SameBits;

// A pooling of planes of these spatial sizes; the layout's other letters get what the test wants.
struct Planes {
  PoolingKind kind;
  std::string layout;
  std::vector<int64_t> sizes;  // of D, H, W, as far as the layout has them
  PoolingConventions conventions;
  std::string text;
};

bool IsSpatial(char letter) { return letter != 'N' && letter != 'C'; }

Shape ShapeOf(const Planes& planes, int64_t batch, int64_t channels) {
  Shape shape;
  size_t spatial = 0;
  for (const char letter : planes.layout) {
    shape.Append(letter == 'N' ? batch : letter == 'C' ? channels : planes.sizes[spatial++]);
  }
  return shape;
}

std::optional<PoolingGeometry> TryResolve(const Planes& planes, const Shape& input) {
  Violations violations;
  return ResolvePooling(planes.kind, planes.conventions, Profile::kNone, input, {}, {}, violations);
}

// Copies one plane out of a tensor, or into it.
template <typename T>
void ForEachOfPlane(const std::string& layout, const Shape& shape, int64_t n, int64_t c, T* elements,
                    std::vector<T>& plane, bool into) {
  size_t place = 0;
  for (int64_t i = 0; i < SaturatingCount(shape); ++i) {
    int64_t rest = i;
    bool inside = true;
    for (int axis = shape.rank(); axis-- > 0;) {
      const int64_t index = rest % shape[axis];
      rest /= shape[axis];
      const char letter = layout[static_cast<size_t>(axis)];
      inside = inside && (letter == 'N' ? index == n : letter == 'C' ? index == c : true);
    }
    if (!inside) continue;
    if (into) {
      elements[i] = plane[place];
    } else {
      plane.push_back(elements[i]);
    }
    ++place;
  }
}

// Few values, so that there are ties, zeros of both signs, infinities and, where it says so, NaNs of different bits.
template <typename T>
void Fill(Random& random, bool nans, Tensor& tensor) {
  T* const elements = tensor.As<T>();
  for (int64_t i = 0; i < tensor.element_count(); ++i) {
    const int64_t die = random.Integer(0, 19);
    T value = static_cast<T>(random.Real(-2, 2));
    if (die < 5) value = static_cast<T>(random.Integer(-2, 2));
    if (die == 5) value = static_cast<T>(-0.0);
    if (die == 6) value = -std::numeric_limits<T>::infinity();
    if (die == 7 && nans) value = std::numeric_limits<T>::quiet_NaN();
    if (die == 8 && nans) value = -std::numeric_limits<T>::quiet_NaN();
    elements[i] = value;
  }
}

template <typename T>
class Comparison {
 public:
  Comparison(const Planes& planes, int64_t batch, int64_t channels, const ExecutionContext& context)
      : planes_(planes), batch_(batch), channels_(channels), context_(context) {}

  // Pools all planes together and each alone. False where there is no such pooling.
  bool Check(uint64_t seed) {
    const auto geometry = TryResolve(planes_, ShapeOf(planes_, batch_, channels_));
    const auto alone = TryResolve(planes_, ShapeOf(planes_, 1, 1));
    if (!geometry.has_value() || !alone.has_value()) return false;
    Random random(seed);
    const DataType type = kDataTypeOf<T>;
    Tensor x = Tensor::Allocate(type, geometry->input_shape).value();
    Tensor dy = Tensor::Allocate(type, geometry->output_shape).value();
    Fill<T>(random, random.Integer(0, 1) == 0, x);
    Fill<T>(random, false, dy);
    const bool max = planes_.kind == PoolingKind::kMax;
    auto y = Pool(*geometry, x.view(), max, context_);
    auto without = Pool(*geometry, x.view(), false, context_);
    const auto dx = PoolBackward(*geometry, x.view(), dy.view(), context_);
    EXPECT_THAT(y, IsOk());
    EXPECT_THAT(without, IsOk());
    EXPECT_THAT(dx, IsOk());
    if (!y.ok() || !without.ok() || !dx.ok()) return true;
    Tensor expected_y = Tensor::Allocate(type, geometry->output_shape).value();
    Tensor expected_without = Tensor::Allocate(type, geometry->output_shape).value();  // other bits where it is a NaN
    Tensor expected_dx = Tensor::Allocate(type, geometry->input_shape).value();
    Tensor expected_indices = Tensor::Allocate(DataType::kInt64, geometry->output_shape).value();
    for (int64_t n = 0; n < batch_; ++n) {
      for (int64_t c = 0; c < channels_; ++c) {
        const Tensor own_x = PlaneOf<T>(x, geometry->input_shape, alone->input_shape, n, c);
        const Tensor own_dy = PlaneOf<T>(dy, geometry->output_shape, alone->output_shape, n, c);
        const auto own_y = Pool(*alone, own_x.view(), max, serial_context_);
        const auto own_without = Pool(*alone, own_x.view(), false, serial_context_);
        const auto own_dx = PoolBackward(*alone, own_x.view(), own_dy.view(), serial_context_);
        EXPECT_THAT(own_y, IsOk());
        EXPECT_THAT(own_without, IsOk());
        EXPECT_THAT(own_dx, IsOk());
        if (!own_y.ok() || !own_without.ok() || !own_dx.ok()) return true;
        PutPlane<T>(own_y->output, geometry->output_shape, n, c, expected_y);
        PutPlane<T>(own_without->output, geometry->output_shape, n, c, expected_without);
        PutPlane<T>(*own_dx, geometry->input_shape, n, c, expected_dx);
        if (max) PutPlane<int64_t>(*own_y->indices, geometry->output_shape, n, c, expected_indices);
      }
    }
    if (!max) {
      // Which NaN a sum is depends on the order of an instruction's operands.
      for (Tensor* tensor :
           std::initializer_list<Tensor*>{&y->output, &without->output, &expected_y, &expected_without}) {
        MakeNansAlike(*tensor);
      }
    }
    EXPECT_TRUE(SameBits(y->output.view(), expected_y.view()));
    EXPECT_TRUE(SameBits(without->output.view(), expected_without.view()));
    EXPECT_TRUE(SameBits(dx->view(), expected_dx.view()));
    if (max) {
      EXPECT_TRUE(SameBits(y->indices->view(), expected_indices.view()));
    }
    return true;
  }

 private:
  static void MakeNansAlike(Tensor& tensor) {
    T* const elements = tensor.As<T>();
    std::replace_if(
        elements, elements + tensor.element_count(), [](T value) { return std::isnan(value); },
        std::numeric_limits<T>::quiet_NaN());
  }
  template <typename U>
  Tensor PlaneOf(Tensor& tensor, const Shape& shape, const Shape& plane_shape, int64_t n, int64_t c) const {
    std::vector<U> elements;
    ForEachOfPlane<U>(planes_.layout, shape, n, c, tensor.As<U>(), elements, false);
    Tensor plane = Tensor::Allocate(kDataTypeOf<U>, plane_shape).value();
    std::copy(elements.begin(), elements.end(), plane.As<U>());
    return plane;
  }
  template <typename U>
  void PutPlane(const Tensor& plane, const Shape& shape, int64_t n, int64_t c, Tensor& tensor) const {
    const U* const first = plane.view().As<U>();
    std::vector<U> elements(first, first + plane.element_count());
    ForEachOfPlane<U>(planes_.layout, shape, n, c, tensor.As<U>(), elements, true);
  }

  const Planes& planes_;
  const int64_t batch_;
  const int64_t channels_;
  const ExecutionContext& context_;
  SerialExecutor serial_;
  ExecutionContext serial_context_{.executor = &serial_};
};

Planes RandomPlanes(Random& random) {
  static const std::vector<std::string> kLayouts = {"NCW",  "NWC",  "NCHW",  "NHWC",  "CHWN",
                                                    "HWCN", "CNHW", "NCDHW", "NDHWC", "WNHC"};
  Planes planes;
  const int64_t kind = random.Integer(0, 8);
  planes.kind = kind == 0 ? PoolingKind::kSubsample : kind < 5 ? PoolingKind::kMax : PoolingKind::kAverage;
  planes.layout = kLayouts[static_cast<size_t>(random.Integer(0, static_cast<int64_t>(kLayouts.size()) - 1))];
  const auto rank = std::count_if(planes.layout.begin(), planes.layout.end(), IsSpatial);
  PoolingConventions& conventions = planes.conventions;
  conventions.input_layout = planes.layout;
  planes.text = std::string(Name(planes.kind)) + " " + planes.layout;
  for (int64_t i = 0; i < rank; ++i) {
    const int64_t window = random.Integer(1, 4);
    const int64_t longest = rank == 1 ? 900 : rank == 2 ? 40 : 9;
    planes.sizes.push_back(random.Integer(1, random.Integer(0, 3) == 0 ? longest : 9));
    conventions.strides.push_back(random.Integer(1, 4));
    if (planes.kind != PoolingKind::kSubsample) {
      conventions.window.push_back(window);
      conventions.dilations.push_back(random.Integer(0, 3) == 0 ? 2 : 1);
      conventions.padding.begin.push_back(random.Integer(0, 1) == 0 ? 0 : random.Integer(0, 3));
      conventions.padding.end.push_back(random.Integer(0, 1) == 0 ? 0 : random.Integer(0, 3));
    }
    planes.text += ", size " + std::to_string(planes.sizes.back()) + " window " + std::to_string(window) + " stride " +
                   std::to_string(conventions.strides.back());
  }
  if (planes.kind == PoolingKind::kMax) {
    conventions.index_base = IndexBase::kPlane;
    conventions.nan_rule = random.Integer(0, 1) == 0 ? NanRule::kFirst : NanRule::kLast;
    conventions.empty_window = EmptyWindow::kNegativeInfinity;
  }
  if (planes.kind == PoolingKind::kAverage) {
    const int64_t divisor = random.Integer(0, 2);
    conventions.average_divisor = divisor == 0   ? AverageDivisor::kExcluded
                                  : divisor == 1 ? AverageDivisor::kIncluded
                                                 : AverageDivisor::kFixed;
    if (divisor == 2) conventions.fixed_divisor = 7;
  }
  return planes;
}

TEST(PoolingPlanesTest, EachPlaneIsWhatItIsAlone) {
  ThreadPool pool(3, 0);
  const ExecutionContext context{.executor = &pool, .serial_below = 0};
  Random random(20261128);
  int checked = 0;
  for (int i = 0; i < 400; ++i) {
    const Planes planes = RandomPlanes(random);
    const int64_t batch = random.Integer(1, 3);
    const int64_t channels = random.Integer(8, 19);
    SCOPED_TRACE(testing::Message() << i << ": " << planes.text << ", batch " << batch << ", channels " << channels);
    const auto seed = static_cast<uint64_t>(i);
    const bool done = i % 2 == 0 ? Comparison<float>(planes, batch, channels, context).Check(seed)
                                 : Comparison<double>(planes, batch, channels, context).Check(seed);
    checked += done ? 1 : 0;
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GE(checked, 200);
}

// Planes of several blocks, whose windows overlap from one to the next.
TEST(PoolingPlanesTest, LargePlanesToo) {
  ThreadPool pool(3, 0);
  const ExecutionContext context{.executor = &pool, .serial_below = 0};
  const Padding padding{.begin = {1, 2}, .end = {2, 1}};
  const std::vector<Planes> cases = {
      {PoolingKind::kMax, "NCHW", {71, 67}, {.window = {3}, .strides = {2}}, "stride 2"},
      {PoolingKind::kMax, "NCHW", {71, 67}, {.window = {3, 4}, .strides = {1}, .padding = padding}, "stride 1"},
      {PoolingKind::kMax, "NHWC", {71, 67}, {.window = {3}, .strides = {1}, .padding = padding}, "channels last"},
      {PoolingKind::kMax, "NCHW", {60, 61}, {.window = {2}, .strides = {5, 3}}, "gaps"},
      {PoolingKind::kMax, "NCDHW", {5, 24, 27}, {.window = {3}, .strides = {1}}, "volume"},
      {PoolingKind::kMax, "NCW", {3001}, {.window = {5}, .strides = {2}}, "signal"},
      {PoolingKind::kMax, "NCHW", {2, 1200}, {.window = {2, 3}, .strides = {1}}, "wide"},
      {PoolingKind::kMax, "NCHW", {31, 33}, {.window = {31, 33}, .strides = {1}}, "one window"},
      {PoolingKind::kMax, "NCHW", {40, 40}, {.window = {40}, .strides = {1}}, "too large a window"},
      {PoolingKind::kMax, "NCHW", {200, 150}, {.window = {9}, .strides = {4}}, "large windows"},
  };
  for (Planes planes : cases) {
    planes.conventions.input_layout = planes.layout;
    planes.conventions.empty_window = EmptyWindow::kNegativeInfinity;
    planes.conventions.nan_rule = NanRule::kFirst;
    planes.conventions.index_base = IndexBase::kPlane;
    SCOPED_TRACE(planes.text);
    EXPECT_TRUE(Comparison<float>(planes, 2, 17, context).Check(1));
    EXPECT_TRUE(Comparison<double>(planes, 1, 9, context).Check(2));
    planes.kind = PoolingKind::kAverage;
    planes.conventions.nan_rule.reset();
    planes.conventions.index_base.reset();
    planes.conventions.empty_window.reset();
    planes.conventions.average_divisor = AverageDivisor::kExcluded;
    EXPECT_TRUE(Comparison<float>(planes, 2, 17, context).Check(3));
    EXPECT_TRUE(Comparison<double>(planes, 1, 9, context).Check(4));
  }
}

// The largest strides, dilations and padding.
TEST(PoolingPlanesTest, HugeNumbersToo) {
  SerialExecutor serial;
  const ExecutionContext context{.executor = &serial};
  constexpr int64_t kHuge = (int64_t{1} << 31) - 1;  // the most that there may be
  for (const std::string layout : {"NHWC", "NCHW"}) {
    SCOPED_TRACE(layout);
    const Planes planes{.kind = PoolingKind::kMax,
                        .layout = layout,
                        .sizes = {7, 6},
                        .conventions = {.input_layout = layout,
                                        .window = {2, 2},
                                        .strides = {kHuge},
                                        .dilations = {kHuge},
                                        .padding = {.begin = {kHuge}, .end = {kHuge}},
                                        .nan_rule = NanRule::kFirst,
                                        .index_base = IndexBase::kPlane,
                                        .empty_window = EmptyWindow::kNegativeInfinity},
                        .text = "huge"};
    EXPECT_TRUE(Comparison<float>(planes, 2, 33, context).Check(5));
    EXPECT_TRUE(Comparison<double>(planes, 2, 33, context).Check(6));
  }
}

}  // namespace
}  // namespace tensord::compute
