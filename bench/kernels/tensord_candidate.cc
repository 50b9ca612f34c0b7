#include "bench/kernels/tensord_candidate.h"

#include <optional>
#include <utility>

#include "tensord/compute/buffer_pool.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/status_macros.h"
#include "tests/support/allocation_counter.h"

namespace tensord::bench {
namespace {

using compute::Tensor;

absl::StatusOr<Tensor> Compute(const Problem& problem, compute::Executor& executor) {
  const compute::ExecutionContext context{.executor = &executor};
  if (problem.pass == Pass::kForward) {
    return Convolve(problem.geometry, problem.x.view(), problem.w.view(), {}, std::nullopt, context);
  }
  const bool data = problem.pass == Pass::kBackwardData;
  TENSORD_ASSIGN_OR_RETURN(compute::ConvolutionGradientTensors gradients,
                           ConvolveBackward(problem.geometry, problem.x.view(), problem.w.view(), {}, std::nullopt,
                                            problem.du.view(), {.input = data, .filter = !data}, context));
  return *std::move(data ? gradients.input : gradients.filter);
}

class Tensord final : public Candidate {
 public:
  Tensord(const Problem& problem, compute::Executor& executor)
      : Candidate("tensord"), problem_(problem), executor_(executor) {}

  absl::StatusOr<double> Run(int64_t iterations) override {
    absl::Status status;
    const double seconds = SecondsOf(iterations, [&] {
      absl::StatusOr<Tensor> result = Compute(problem_, executor_);
      if (!result.ok()) {
        status = result.status();
      } else {
        result_ = *std::move(result);
      }
    });
    if (!status.ok()) return status;
    return seconds;
  }

  [[nodiscard]] std::vector<double> Result() const override {
    const int64_t count = result_->element_count();
    if (problem_.type == compute::DataType::kFloat32) {
      return std::vector<double>(result_->As<float>(), result_->As<float>() + count);
    }
    return std::vector<double>(result_->As<double>(), result_->As<double>() + count);
  }

 private:
  const Problem& problem_;
  compute::Executor& executor_;
  std::optional<Tensor> result_;
};

}  // namespace

std::unique_ptr<Candidate> TensordCandidate(const Problem& problem, compute::Executor& executor) {
  return std::make_unique<Tensord>(problem, executor);
}

absl::StatusOr<int64_t> PeakBytesBeyondTensors(const Problem& problem, compute::Executor& executor) {
  absl::StatusOr<Tensor> result = absl::UnknownError("not run");
  const int64_t peak = test_support::PeakOf([&] { result = Compute(problem, executor); });
  compute::BufferPool::OfProcess().SetLimit(compute::BufferPool::kDefaultLimitBytes);
  if (!result.ok()) return result.status();
  return peak - result->size_bytes();
}

}  // namespace tensord::bench
