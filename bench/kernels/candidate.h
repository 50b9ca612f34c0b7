// What computes a problem: tensord, or a peer.
#ifndef TENSORD_BENCH_KERNELS_CANDIDATE_H_
#define TENSORD_BENCH_KERNELS_CANDIDATE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/kernels/problem.h"

namespace tensord::bench {

class Candidate {
 public:
  explicit Candidate(std::string name) : name_(std::move(name)) {}
  virtual ~Candidate() = default;
  Candidate(const Candidate&) = delete;
  Candidate& operator=(const Candidate&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

  // Computes the problem `iterations` times; how many seconds that took.
  virtual absl::StatusOr<double> Run(int64_t iterations) = 0;

  // What the last run computed, in the problem's plain layout; empty where that is not to be had.
  [[nodiscard]] virtual std::vector<double> Result() const { return {}; }

  // How it did it, in the library's own words; may be empty.
  [[nodiscard]] virtual std::string Details() const { return ""; }

 private:
  std::string name_;
};

using Candidates = std::vector<std::unique_ptr<Candidate>>;

// Seconds that `body` takes, `iterations` times.
template <typename Body>
double SecondsOf(int64_t iterations, const Body& body) {
  const auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < iterations; ++i) body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace tensord::bench

#endif  // TENSORD_BENCH_KERNELS_CANDIDATE_H_
