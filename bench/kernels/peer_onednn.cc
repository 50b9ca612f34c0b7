#include <omp.h>

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bench/kernels/onednn_primitive.h"
#include "bench/kernels/peers.h"

namespace tensord::bench {
namespace {

class OneDnnCandidate final : public Candidate {
 public:
  OneDnnCandidate(std::string name, std::shared_ptr<OneDnnPrimitive> primitive, bool reorders)
      : Candidate(std::move(name)), primitive_(std::move(primitive)), reorders_(reorders) {}

  absl::StatusOr<double> Run(int64_t iterations) override {
    try {
      return primitive_->Run(iterations, reorders_);
    } catch (const dnnl::error& error) {
      return absl::InternalError(error.what());
    }
  }

  [[nodiscard]] std::vector<double> Result() const override {
    const std::vector<float>& result = primitive_->Result();
    return std::vector<double>(result.begin(), result.end());
  }

  [[nodiscard]] std::string Details() const override { return primitive_->implementation(); }

 private:
  std::shared_ptr<OneDnnPrimitive> primitive_;
  bool reorders_;
};

void Add(const char* name, const std::shared_ptr<OneDnnPrimitive>& primitive, bool reorders, Candidates& candidates) {
  candidates.push_back(std::make_unique<OneDnnCandidate>(name, primitive, reorders));
}

}  // namespace

std::string OneDnnVersion() {
  const dnnl_version_t& version = *dnnl::version();
  return absl::StrCat(version.major, ".", version.minor, ".", version.patch);
}

absl::Status AddOneDnn(const Problem& problem, int threads, Candidates& candidates) {
  if (problem.type != compute::DataType::kFloat32) return absl::OkStatus();
  omp_set_num_threads(threads);
  constexpr char kPlain[] = "onednn";
  constexpr char kOwnLayout[] = "onednn-own-layout";
  try {
    if (problem.layer.operation == Operation::kConvolution) {
      const auto convolution = OneDnnConvolution(problem, threads);
      Add(kPlain, convolution, true, candidates);
      Add(kOwnLayout, convolution, false, candidates);
    } else {
      Add(kPlain, OneDnnPooling(problem, threads, false), true, candidates);
      Add(kOwnLayout, OneDnnPooling(problem, threads, true), false, candidates);
    }
  } catch (const dnnl::error& error) {
    // A problem that it has no implementation for goes on without it.
    if (error.status != dnnl_unimplemented) return absl::InternalError(absl::StrCat("onednn: ", error.what()));
  }
  return absl::OkStatus();
}

}  // namespace tensord::bench
