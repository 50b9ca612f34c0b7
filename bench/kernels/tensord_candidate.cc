#include "bench/kernels/tensord_candidate.h"

#include <optional>
#include <utility>
#include <variant>

#include "tensord/compute/buffer_pool.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/status_macros.h"
#include "tests/support/allocation_counter.h"

namespace tensord::bench {
namespace {

using compute::Tensor;

struct Computed {
  Tensor result;
  std::optional<Tensor> indices = std::nullopt;
};

absl::StatusOr<Computed> Compute(const compute::ConvolutionGeometry& geometry, const Problem& problem,
                                 const compute::ExecutionContext& context) {
  if (problem.pass == Pass::kForward) {
    TENSORD_ASSIGN_OR_RETURN(Tensor u,
                             Convolve(geometry, problem.x.view(), problem.w.view(), {}, std::nullopt, context));
    return Computed{.result = std::move(u)};
  }
  const bool data = problem.pass == Pass::kBackwardData;
  TENSORD_ASSIGN_OR_RETURN(compute::ConvolutionGradientTensors gradients,
                           ConvolveBackward(geometry, problem.x.view(), problem.w.view(), {}, std::nullopt,
                                            problem.du.view(), {.input = data, .filter = !data}, context));
  return Computed{.result = *std::move(data ? gradients.input : gradients.filter)};
}

absl::StatusOr<Computed> Compute(const compute::PoolingGeometry& geometry, const Problem& problem,
                                 const compute::ExecutionContext& context) {
  if (problem.pass == Pass::kBackwardData) {
    TENSORD_ASSIGN_OR_RETURN(Tensor dx, PoolBackward(geometry, problem.x.view(), problem.du.view(), context));
    return Computed{.result = std::move(dx)};
  }
  TENSORD_ASSIGN_OR_RETURN(compute::PoolingResult pooled,
                           Pool(geometry, problem.x.view(), problem.pass == Pass::kForwardIndices, context));
  return Computed{.result = std::move(pooled.output), .indices = std::move(pooled.indices)};
}

absl::StatusOr<Computed> Compute(const Problem& problem, compute::Executor& executor) {
  const compute::ExecutionContext context{.executor = &executor};
  return std::visit([&](const auto& geometry) { return Compute(geometry, problem, context); }, problem.geometry);
}

class Tensord final : public Candidate {
 public:
  Tensord(const Problem& problem, compute::Executor& executor)
      : Candidate("tensord"), problem_(problem), executor_(executor) {}

  absl::StatusOr<double> Run(int64_t iterations) override {
    absl::Status status;
    const double seconds = SecondsOf(iterations, [&] {
      absl::StatusOr<Computed> computed = Compute(problem_, executor_);
      if (!computed.ok()) {
        status = computed.status();
      } else {
        computed_ = *std::move(computed);
      }
    });
    if (!status.ok()) return status;
    return seconds;
  }

  [[nodiscard]] std::vector<double> Result() const override {
    const Tensor& result = computed_.result;
    if (problem_.type == compute::DataType::kFloat32) {
      return std::vector<double>(result.As<float>(), result.As<float>() + result.element_count());
    }
    return std::vector<double>(result.As<double>(), result.As<double>() + result.element_count());
  }

 private:
  const Problem& problem_;
  compute::Executor& executor_;
  Computed computed_;
};

}  // namespace

std::unique_ptr<Candidate> TensordCandidate(const Problem& problem, compute::Executor& executor) {
  return std::make_unique<Tensord>(problem, executor);
}

absl::StatusOr<int64_t> PeakBytesBeyondTensors(const Problem& problem, compute::Executor& executor) {
  absl::StatusOr<Computed> computed = absl::UnknownError("not run");
  const int64_t peak = test_support::PeakOf([&] { computed = Compute(problem, executor); });
  compute::BufferPool::OfProcess().SetLimit(compute::BufferPool::kDefaultLimitBytes);
  if (!computed.ok()) return computed.status();
  return peak - computed->result.size_bytes() - (computed->indices.has_value() ? computed->indices->size_bytes() : 0);
}

}  // namespace tensord::bench
