// One thread, though this program has OpenMP for oneDNN.
#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>

#include "bench/kernels/peers.h"

namespace tensord::bench {
namespace {

template <typename T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Z = W * im2col(X), sample by sample.
template <typename T>
class Im2Col final : public Candidate {
 public:
  explicit Im2Col(const Problem& problem) : Candidate("eigen"), problem_(problem) {
    const Layer& layer = problem.layer;
    depth_ = layer.input_channels * layer.window_height * layer.window_width;
    positions_ = layer.output_height * layer.output_width;
    columns_.resize(depth_, positions_);
    result_.resize(problem.batch * layer.output_channels, positions_);
  }

  absl::StatusOr<double> Run(int64_t iterations) override {
    const int64_t rows = problem_.layer.output_channels;
    const Eigen::Map<const Matrix<T>> filter(problem_.w.As<T>(), rows, depth_);
    return SecondsOf(iterations, [&] {
      for (int64_t n = 0; n < problem_.batch; ++n) {
        Gather(n);
        result_.middleRows(n * rows, rows).noalias() = filter * columns_;
      }
    });
  }

  [[nodiscard]] std::vector<double> Result() const override {
    return std::vector<double>(result_.data(), result_.data() + result_.size());
  }

 private:
  void Gather(int64_t n) {
    const Layer& layer = problem_.layer;
    const T* const sample = problem_.x.As<T>() + n * layer.input_channels * layer.input_height * layer.input_width;
    T* to = columns_.data();
    for (int64_t c = 0; c < layer.input_channels; ++c) {
      const T* const plane = sample + c * layer.input_height * layer.input_width;
      for (int64_t i = 0; i < layer.window_height; ++i) {
        for (int64_t j = 0; j < layer.window_width; ++j) {
          for (int64_t y = 0; y < layer.output_height; ++y) {
            const int64_t row = y * layer.stride_height + i - layer.pad_top;
            const bool inside = row >= 0 && row < layer.input_height;
            for (int64_t x = 0; x < layer.output_width; ++x) {
              const int64_t column = x * layer.stride_width + j - layer.pad_left;
              *to++ =
                  inside && column >= 0 && column < layer.input_width ? plane[row * layer.input_width + column] : T{0};
            }
          }
        }
      }
    }
  }

  const Problem& problem_;
  int64_t depth_;
  int64_t positions_;
  Matrix<T> columns_;
  Matrix<T> result_;
};

}  // namespace

void AddEigen(const Problem& problem, Candidates& candidates) {
  if (problem.layer.operation != Operation::kConvolution) return;
  if (problem.pass != Pass::kForward || problem.layout != Layout::kNchw || problem.layer.groups != 1) return;
  if (problem.type == compute::DataType::kFloat32) {
    candidates.push_back(std::make_unique<Im2Col<float>>(problem));
  } else {
    candidates.push_back(std::make_unique<Im2Col<double>>(problem));
  }
}

}  // namespace tensord::bench
