// What holds for every convolution, whatever its numbers: linearity's adjoint, determinism, cancellation.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "tensord/compute/convolution.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/shape_catalogue.h"
#include "tests/support/builders.h"
#include "tests/support/calculus.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::AreAdjoint;
using test_support::ConvolutionData;
using test_support::InnerProduct;
using test_support::IsOk;
using test_support::SameBits;
using test_support::StatusIs;
using test_support::ToDoubles;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};
const TensorView kNoBias;
constexpr ConvolutionGradients kAllButZ{.input = true, .filter = true, .bias = true, .pre_activation = false};
constexpr ConvolutionGradients kAll{.input = true, .filter = true, .bias = true, .pre_activation = true};

class ConvolutionPropertiesTest : public ::testing::TestWithParam<test_support::TypedCase> {
 protected:
  const DataType type_ = std::get<0>(GetParam());
  const ConvolutionGeometry geometry_ = test_support::Resolve(std::get<1>(GetParam()));
};

TEST_P(ConvolutionPropertiesTest, GradientsAreTheAdjoints) {
  const ConvolutionData data = test_support::IntegerData(geometry_, type_);
  const auto z = Convolve(geometry_, data.x.view(), data.w.view(), kNoBias, std::nullopt, kSerially);
  ASSERT_THAT(z, IsOk());
  const auto gradients = ConvolveBackward(geometry_, data.x.view(), data.w.view(), kNoBias, std::nullopt,
                                          data.du.view(), kAllButZ, kSerially);
  ASSERT_THAT(gradients, IsOk());
  // Sums of integers: exact.
  const double forward = InnerProduct(data.du, *z);
  EXPECT_TRUE(AreAdjoint(InnerProduct(*gradients->input, data.x), forward));
  EXPECT_TRUE(AreAdjoint(InnerProduct(*gradients->filter, data.w), forward));
}

struct Results {
  Tensor u;
  ConvolutionGradientTensors gradients;
};

absl::StatusOr<Results> RunAll(const ConvolutionGeometry& geometry, const ConvolutionData& data,
                               const ExecutionContext& context) {
  const Activation activation{.kind = ActivationKind::kSigmoid};
  auto u = Convolve(geometry, data.x.view(), data.w.view(), data.b.view(), activation, context);
  if (!u.ok()) return u.status();
  auto gradients = ConvolveBackward(geometry, data.x.view(), data.w.view(), data.b.view(), activation, data.du.view(),
                                    kAll, context);
  if (!gradients.ok()) return gradients.status();
  return Results{.u = *std::move(u), .gradients = *std::move(gradients)};
}

TEST_P(ConvolutionPropertiesTest, AnyExecutorGivesTheSameBits) {
  const ConvolutionData data = test_support::RealData(geometry_, type_);
  const auto expected = RunAll(geometry_, data, kSerially);
  ASSERT_THAT(expected, IsOk());
  for (const int threads : {1, 2, 3}) {
    SCOPED_TRACE(threads);
    ThreadPool pool(threads, 0);
    const auto got = RunAll(geometry_, data, {.executor = &pool, .serial_below = 0});
    ASSERT_THAT(got, IsOk());
    EXPECT_TRUE(SameBits(got->u.view(), expected->u.view()));
    EXPECT_TRUE(SameBits(got->gradients.input->view(), expected->gradients.input->view()));
    EXPECT_TRUE(SameBits(got->gradients.filter->view(), expected->gradients.filter->view()));
    EXPECT_TRUE(SameBits(got->gradients.bias->view(), expected->gradients.bias->view()));
    EXPECT_TRUE(SameBits(got->gradients.pre_activation->view(), expected->gradients.pre_activation->view()));
  }
}

TEST_P(ConvolutionPropertiesTest, ACancelledCallSaysSo) {
  const ConvolutionData data = test_support::IntegerData(geometry_, type_);
  CancelFlag cancel;
  const ExecutionContext context{.executor = &serial, .cancel = &cancel};
  EXPECT_THAT(RunAll(geometry_, data, context), IsOk());
  cancel.Cancel();
  EXPECT_THAT(Convolve(geometry_, data.x.view(), data.w.view(), data.b.view(), std::nullopt, context),
              StatusIs(absl::StatusCode::kCancelled));
  for (const ConvolutionGradients& wanted : {ConvolutionGradients{.input = true}, ConvolutionGradients{.filter = true},
                                             ConvolutionGradients{.bias = true}}) {
    EXPECT_THAT(ConvolveBackward(geometry_, data.x.view(), data.w.view(), data.b.view(), std::nullopt, data.du.view(),
                                 wanted, context),
                StatusIs(absl::StatusCode::kCancelled));
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, ConvolutionPropertiesTest, test_support::AllTypedCases(), test_support::NameOf);

// Two "threads" that run one after the other. Tells when the `signal_at`-th loop of a call has started.
class SignallingExecutor final : public Executor {
 public:
  explicit SignallingExecutor(int signal_at) : signal_at_(signal_at) {}

  void ParallelFor(int64_t count, absl::FunctionRef<void(int64_t)> body) override {
    if (++loop_count_ == signal_at_) {
      started_ = true;
      started_.notify_all();
    }
    for (int64_t i = 0; i < count; ++i) body(i);
  }
  [[nodiscard]] int thread_count() const override { return 2; }
  void WaitUntilStarted() const { started_.wait(false); }

 private:
  const int signal_at_;
  int loop_count_ = 0;
  std::atomic<bool> started_ = false;
};

// Two threads, one of which never comes; counts the loops.
class CountingExecutor final : public Executor {
 public:
  void ParallelFor(int64_t count, absl::FunctionRef<void(int64_t)> body) override {
    ++loops_;
    for (int64_t i = 0; i < count; ++i) body(i);
  }
  [[nodiscard]] int thread_count() const override { return 2; }
  [[nodiscard]] int loops() const { return loops_; }

 private:
  int loops_ = 0;
};

TEST(SerialBelowTest, LittleWorkStaysWithTheCallingThread) {
  // Some tiles each of Z, dX and dW; 128 * 128 * 9 * 64 multiplications.
  const ConvolutionGeometry geometry = test_support::Resolve({"blocks", {1, 130, 130, 8}, {3, 3, 8, 8}, {}});
  const auto data = test_support::IntegerData(geometry, DataType::kFloat32);
  const int64_t multiplications = int64_t{128} * 128 * 9 * 64;
  for (const int64_t serial_below : {multiplications, multiplications + 1}) {
    CountingExecutor executor;
    const ExecutionContext context{.executor = &executor, .serial_below = serial_below};
    EXPECT_THAT(Convolve(geometry, data.x.view(), data.w.view(), kNoBias, std::nullopt, context), IsOk());
    EXPECT_EQ(executor.loops() > 0, serial_below == multiplications) << "Z";
    const int before = executor.loops();
    EXPECT_THAT(ConvolveBackward(geometry, data.x.view(), data.w.view(), kNoBias, std::nullopt, data.du.view(),
                                 {.filter = true}, context),
                IsOk());
    EXPECT_EQ(executor.loops() > before, serial_below == multiplications) << "dW";
  }
}

// A convolution of 2^35 multiplications: it cannot end before the flag is set, and each of its loops takes seconds.
class CancellationTest : public ::testing::Test {
 protected:
  static Tensor Zeros(const Shape& shape) {
    auto tensor = Tensor::Zeros(DataType::kFloat32, shape);
    EXPECT_THAT(tensor, IsOk());
    return *std::move(tensor);
  }

  // Cancels `call`, which is given a context, after the start of its `loop`-th loop.
  template <typename Call>
  static absl::Status CancelIn(int loop, const Call& call) {
    SignallingExecutor executor(loop);
    CancelFlag cancel;
    std::thread canceller([&] {
      executor.WaitUntilStarted();
      cancel.Cancel();
    });
    const absl::Status status = call(ExecutionContext{.executor = &executor, .cancel = &cancel, .serial_below = 0});
    canceller.join();
    return status;
  }

  const ConvolutionGeometry geometry_ = test_support::Resolve(
      {"large", {100, 104, 512}, {5, 9, 512, 160}, {.padding = {.mode = PaddingMode::kSameUpper}}});
  const Tensor x_ = Zeros(geometry_.input_shape);
  const Tensor w_ = Zeros(geometry_.filter_shape);
  const Tensor du_ = Zeros(geometry_.output_shape);
};

TEST_F(CancellationTest, StopsAConvolutionInTheMiddle) {
  EXPECT_THAT(CancelIn(1,
                       [&](const ExecutionContext& context) {
                         return Convolve(geometry_, x_.view(), w_.view(), kNoBias, std::nullopt, context).status();
                       }),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(CancellationTest, StopsTheInputGradientInTheMiddle) {
  EXPECT_THAT(CancelIn(1,
                       [&](const ExecutionContext& context) {
                         return ConvolveBackward(geometry_, x_.view(), w_.view(), kNoBias, std::nullopt, du_.view(),
                                                 {.input = true}, context)
                             .status();
                       }),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(CancellationTest, StopsTheFilterGradientInTheMiddle) {
  EXPECT_THAT(CancelIn(1,
                       [&](const ExecutionContext& context) {
                         return ConvolveBackward(geometry_, x_.view(), w_.view(), kNoBias, std::nullopt, du_.view(),
                                                 {.filter = true}, context)
                             .status();
                       }),
              StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace tensord::compute
