// What people would use instead of tensord. Each function adds the candidates that can compute the problem, if any; the
// problem outlives them.
#ifndef TENSORD_BENCH_KERNELS_PEERS_H_
#define TENSORD_BENCH_KERNELS_PEERS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "bench/kernels/candidate.h"
#include "bench/kernels/problem.h"

namespace tensord::bench {

// "2.6.3", or that this program was built without it.
[[nodiscard]] std::string OneDnnVersion();

// oneDNN: "onednn" from plain tensors to a plain one, a convolution with the reorders that its chosen layouts need, and
// "onednn-own-layout", the primitive alone, everything reordered before. The gradient of a maximum takes the places
// that a forward pass before has left. float32 only. kInternal - oneDNN fails, and not for want of an implementation.
[[nodiscard]] absl::Status AddOneDnn(const Problem& problem, int threads, Candidates& candidates);

// "eigen": im2col and Eigen's matrix product on one thread, the forward pass of convolutions of NCHW without groups.
void AddEigen(const Problem& problem, Candidates& candidates);

// "pytorch": a Python process that computes when it is told to. One for all problems.
class PyTorch {
 public:
  // Starts `python` with bench/kernels/torch_worker.py. kUnavailable - it has no PyTorch; the text says what to
  // install.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<PyTorch>> Start(const std::string& python,
                                                                      const std::string& worker, int threads);
  ~PyTorch();
  PyTorch(const PyTorch&) = delete;
  PyTorch& operator=(const PyTorch&) = delete;

  [[nodiscard]] const std::string& version() const { return version_; }
  void Add(const Problem& problem, Candidates& candidates);

  // Sends a line and reads the answer's.
  [[nodiscard]] absl::StatusOr<std::string> Ask(const std::string& line);

 private:
  PyTorch() = default;

  int to_ = -1;
  int from_ = -1;
  int process_ = -1;
  std::string version_;
};

}  // namespace tensord::bench

#endif  // TENSORD_BENCH_KERNELS_PEERS_H_
