#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bench/kernels/peers.h"
#include "tensord/compute/status_macros.h"

namespace tensord::bench {
namespace {

using nlohmann::json;

json DescriptionOf(const Problem& problem) {
  const Layer& layer = problem.layer;
  return {{"operation", std::string(Name(layer.operation))},
          {"pass", std::string(Name(problem.pass))},
          {"type", problem.type == compute::DataType::kFloat32 ? "float32" : "float64"},
          {"channels_last", problem.layout == Layout::kNhwc},
          {"batch", problem.batch},
          {"groups", layer.groups},
          {"input", {layer.input_channels, layer.input_height, layer.input_width}},
          {"output", {layer.output_channels, layer.output_height, layer.output_width}},
          {"window", {layer.window_height, layer.window_width}},
          {"strides", {layer.stride_height, layer.stride_width}},
          {"padding", {layer.pad_left, layer.pad_right(), layer.pad_top, layer.pad_bottom()}}};
}

// Its poolings pad both sides alike, by half a window at most.
bool PoolsAlong(int64_t input, int64_t output, int64_t window, int64_t stride, int64_t pad) {
  return pad <= window / 2 && (input + 2 * pad - window) / stride + 1 == output;
}

bool CanPool(const Layer& layer) {
  return PoolsAlong(layer.input_height, layer.output_height, layer.window_height, layer.stride_height, layer.pad_top) &&
         PoolsAlong(layer.input_width, layer.output_width, layer.window_width, layer.stride_width, layer.pad_left);
}

class PyTorchCandidate final : public Candidate {
 public:
  PyTorchCandidate(PyTorch& process, const Problem& problem)
      : Candidate("pytorch"), process_(process), description_(DescriptionOf(problem)) {}

  absl::StatusOr<double> Run(int64_t iterations) override {
    description_["iterations"] = iterations;
    TENSORD_ASSIGN_OR_RETURN(const std::string answer, process_.Ask(description_.dump()));
    const json parsed = json::parse(answer, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("seconds")) {
      return absl::InternalError(absl::StrCat("PyTorch's process answered ", answer));
    }
    return parsed["seconds"].get<double>();
  }

 private:
  PyTorch& process_;
  json description_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PyTorch>> PyTorch::Start(const std::string& python, const std::string& worker,
                                                        int threads) {
  std::array<int, 2> to = {};
  std::array<int, 2> from = {};
  if (pipe(to.data()) != 0 || pipe(from.data()) != 0) return absl::ErrnoToStatus(errno, "no pipe to PyTorch's process");
  const int process = fork();
  if (process < 0) return absl::ErrnoToStatus(errno, "no process for PyTorch");
  if (process == 0) {
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    for (const int file : {to[0], to[1], from[0], from[1]}) close(file);
    execlp(python.c_str(), python.c_str(), "-B", worker.c_str(), std::to_string(threads).c_str(),
           static_cast<char*>(nullptr));
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  std::unique_ptr<PyTorch> torch(new PyTorch());
  torch->to_ = to[1];
  torch->from_ = from[0];
  torch->process_ = process;
  absl::StatusOr<std::string> answer = torch->Ask("version");
  if (!answer.ok()) return absl::UnavailableError(absl::StrCat(python, " has no torch: install python3-torch"));
  torch->version_ = *std::move(answer);
  return torch;
}

PyTorch::~PyTorch() {
  close(to_);
  close(from_);
  waitpid(process_, nullptr, 0);
}

void PyTorch::Add(const Problem& problem, Candidates& candidates) {
  if (problem.layer.operation != Operation::kConvolution && !CanPool(problem.layer)) return;
  candidates.push_back(std::make_unique<PyTorchCandidate>(*this, problem));
}

absl::StatusOr<std::string> PyTorch::Ask(const std::string& line) {
  const std::string sent = line + "\n";
  if (write(to_, sent.data(), sent.size()) != static_cast<ssize_t>(sent.size())) {
    return absl::UnavailableError("PyTorch's process has ended");
  }
  std::string answer;
  for (char character = 0; read(from_, &character, 1) == 1;) {
    if (character == '\n') return answer;
    answer += character;
  }
  return absl::UnavailableError("PyTorch's process has ended");
}

}  // namespace tensord::bench
