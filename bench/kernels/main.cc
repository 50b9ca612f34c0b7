// Times tensord's kernels against its peers' in one run, and writes one CSV line for each candidate of each problem.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bench/command_line.h"
#include "bench/kernels/interleave.h"
#include "bench/kernels/layer.h"
#include "bench/kernels/machine.h"
#include "bench/kernels/peers.h"
#include "bench/kernels/problem.h"
#include "bench/kernels/tensord_candidate.h"
#include "tensord/compute/instruction_set.h"
#include "tensord/compute/status_macros.h"
#include "tensord/compute/thread_pool.h"

namespace tensord::bench {
namespace {

using compute::DataType;

struct Options {
  std::vector<std::string> shapes;
  std::vector<std::string> only;
  std::vector<Pass> passes;
  std::vector<DataType> types;
  Layout layout;
  int threads;
  bool suggested_batch;
  bool one_of_each_kind;
  TimingOptions timing;
  std::string csv;
  std::string python;
  std::string worker;
};

// What is the same for all problems.
struct Machine {
  double peak_float32;
  double peak_float64;
  double triad;
};

constexpr char kHeader[] =
    "name,operation,kind,pass,layout,type,threads,batch,flop,flop_per_byte,bytes,candidate,seconds,spread,"
    "times_of_tensord,peak_share,triad_share,bytes_beyond_tensors,details\n";

// Peers must compute what tensord does: for sums of this many numbers of that size, in their precision.
absl::Status CheckSameResult(const Problem& problem, const Candidates& candidates) {
  const std::vector<double> ours = candidates[0]->Result();
  double largest = 0;
  for (const double value : ours) largest = std::max(largest, std::fabs(value));
  const double allowed = largest * problem.Tolerance();
  for (const std::unique_ptr<Candidate>& candidate : candidates) {
    const std::vector<double> theirs = candidate->Result();
    if (theirs.empty()) continue;
    if (theirs.size() != ours.size()) {
      return absl::InternalError(absl::StrCat(candidate->name(), " has another number of results"));
    }
    for (size_t i = 0; i < ours.size(); ++i) {
      if (std::fabs(ours[i] - theirs[i]) <= allowed) continue;
      return absl::InternalError(absl::StrCat(problem.layer.name, ": ", candidate->name(), " has ", theirs[i],
                                              " where tensord has ", ours[i]));
    }
  }
  return absl::OkStatus();
}

class Run {
 public:
  explicit Run(const Options& options) : options_(options) {
    if (options.threads == 1) {
      executor_ = std::make_unique<compute::SerialExecutor>();
    } else {
      executor_ = std::make_unique<compute::ThreadPool>(options.threads, 0);
    }
  }

  absl::Status Everything() {
    TENSORD_RETURN_IF_ERROR(Begin());
    std::set<std::pair<Operation, std::string>> kinds;
    for (const std::string& path : options_.shapes) {
      TENSORD_ASSIGN_OR_RETURN(const std::vector<Layer> layers, ReadLayers(path));
      for (const Layer& layer : layers) {
        if (!Wanted(layer)) continue;
        if (options_.one_of_each_kind && !kinds.emplace(layer.operation, layer.kind).second) continue;
        for (const DataType type : options_.types) {
          for (const Pass pass : options_.passes) {
            if (HasPass(layer.operation, pass)) TENSORD_RETURN_IF_ERROR(One(layer, pass, type));
          }
        }
      }
    }
    if (problems_ == 0) return absl::NotFoundError("no problem has such a name: see bench/shapes");
    return csv_.flush() ? absl::OkStatus() : absl::UnavailableError(absl::StrCat(options_.csv, " cannot be written"));
  }

 private:
  absl::Status Begin() {
    const compute::InstructionSet set = compute::InstructionSetInUse();
    machine_ = {.peak_float32 = PeakFlops(set, DataType::kFloat32, *executor_),
                .peak_float64 = PeakFlops(set, DataType::kFloat64, *executor_),
                .triad = TriadBytes(*executor_)};
    if (!options_.python.empty()) {
      absl::StatusOr<std::unique_ptr<PyTorch>> torch =
          PyTorch::Start(options_.python, options_.worker, options_.threads);
      if (torch.ok()) {
        torch_ = *std::move(torch);
      } else {
        std::cerr << "Without PyTorch: " << torch.status().message() << "\n";
      }
    }
    csv_.open(options_.csv);
    if (!csv_) return absl::UnavailableError(absl::StrCat(options_.csv, " cannot be written"));
    csv_ << absl::StrFormat("# processor: %s\n# instruction set: %s\n# threads: %d\n", ProcessorName(),
                            std::string(Name(set)), options_.threads)
         << absl::StrFormat("# peak float32 GFLOP/s: %.1f\n# peak float64 GFLOP/s: %.1f\n# triad GB/s: %.2f\n",
                            machine_.peak_float32 / 1e9, machine_.peak_float64 / 1e9, machine_.triad / 1e9)
         << "# L2 bytes: " << SecondLevelCacheBytes() << "\n"
         << "# onednn: " << OneDnnVersion() << "\n"
         << "# pytorch: " << (torch_ ? torch_->version() : "not installed") << "\n"
         << kHeader;
    std::cout << absl::StrFormat("%s, %s, %d thread%s: %.1f GFLOP/s in float32, %.1f in float64, triad %.2f GB/s\n",
                                 ProcessorName(), std::string(Name(set)), options_.threads,
                                 options_.threads == 1 ? "" : "s", machine_.peak_float32 / 1e9,
                                 machine_.peak_float64 / 1e9, machine_.triad / 1e9);
    return absl::OkStatus();
  }

  [[nodiscard]] bool Wanted(const Layer& layer) const {
    return options_.only.empty() ||
           std::any_of(options_.only.begin(), options_.only.end(), [&](const std::string& text) {
             return layer.name.find(text) != std::string::npos || layer.kind.find(text) != std::string::npos ||
                    Name(layer.operation) == text;
           });
  }

  absl::Status One(const Layer& layer, Pass pass, DataType type) {
    const int64_t batch = options_.suggested_batch ? layer.suggested_batch : 1;
    TENSORD_ASSIGN_OR_RETURN(const Problem problem, MakeProblem(layer, pass, options_.layout, batch, type));
    Candidates candidates;
    candidates.push_back(TensordCandidate(problem, *executor_));
    TENSORD_RETURN_IF_ERROR(AddOneDnn(problem, options_.threads, candidates));
    if (type == DataType::kFloat64 && options_.threads == 1) AddEigen(problem, candidates);
    if (torch_) torch_->Add(problem, candidates);
    TENSORD_ASSIGN_OR_RETURN(const std::vector<Timing> timings, Measure(candidates, options_.timing));
    TENSORD_RETURN_IF_ERROR(CheckSameResult(problem, candidates));
    TENSORD_ASSIGN_OR_RETURN(const int64_t beyond, PeakBytesBeyondTensors(problem, *executor_));
    const double peak = type == DataType::kFloat32 ? machine_.peak_float32 : machine_.peak_float64;
    const auto bytes = static_cast<double>(problem.Bytes());
    // A pooling's speed is that of its bytes.
    const bool pooling = layer.operation != Operation::kConvolution;
    const double work = pooling ? bytes : problem.Flop();
    std::string line =
        absl::StrFormat("%-34s %-15s %-17s %-8s", layer.name, Name(layer.operation), Name(pass), Name(type));
    for (size_t i = 0; i < candidates.size(); ++i) {
      const Timing& timing = timings[i];
      csv_ << absl::StrFormat("%s,%s,%s,%s,%s,%s,%d,%d,%.0f,%.1f,%.0f,%s,%.9g,%.3g,%.4f,%.4f,%.4f,%d,%s\n", layer.name,
                              Name(layer.operation), layer.kind, Name(pass), Name(options_.layout), Name(type),
                              options_.threads, batch, problem.Flop(), layer.FlopPerByte(), bytes,
                              candidates[i]->name(), timing.median, timing.spread, timing.ratio_to_first,
                              problem.Flop() / timing.median / peak, bytes / timing.median / machine_.triad,
                              i == 0 ? beyond : 0, candidates[i]->Details());
      absl::StrAppendFormat(&line, "  %s %.1f", candidates[i]->name(), work / timing.median / 1e9);
      if (i > 0) absl::StrAppendFormat(&line, " (x%.2f)", timing.ratio_to_first);
    }
    csv_.flush();
    std::cout << line << std::endl;
    ++problems_;
    return absl::OkStatus();
  }

  const Options& options_;
  std::unique_ptr<compute::Executor> executor_;
  std::unique_ptr<PyTorch> torch_;
  Machine machine_{};
  std::ofstream csv_;
  int problems_ = 0;
};

}  // namespace
}  // namespace tensord::bench

int main(int argc, char** argv) {
  using tensord::bench::Layout;
  using tensord::bench::Pass;
  using tensord::compute::DataType;
  CLI::App app(
      "Times the kernels of convolution and pooling against oneDNN's, PyTorch's and Eigen's, interleaved, from plain\n"
      "tensors to plain tensors. Prints GFLOP/s of each convolution and GB/s of each pooling, of what tensord has to "
      "read\n"
      "and write, and how many times tensord's time a peer takes.");
  tensord::bench::Options options;
  const std::map<std::string, Pass> passes = {{"forward", Pass::kForward},
                                              {"forward-indices", Pass::kForwardIndices},
                                              {"backward-data", Pass::kBackwardData},
                                              {"backward-weights", Pass::kBackwardWeights}};
  const std::map<std::string, DataType> types = {{"float32", DataType::kFloat32}, {"float64", DataType::kFloat64}};
  const std::map<std::string, Layout> layouts = {{"NCHW", Layout::kNchw}, {"NHWC", Layout::kNhwc}};
  std::string batch = "one";
  app.add_option("--shapes", options.shapes, "CSV files of shapes")->required()->check(CLI::ExistingFile);
  app.add_option("--only", options.only,
                 "only layers whose name or kind contains this, or of this operation (repeatable)");
  options.passes = {Pass::kForward, Pass::kForwardIndices, Pass::kBackwardData, Pass::kBackwardWeights};
  app.add_option("--pass", options.passes, "passes, where a layer has them")
      ->transform(CLI::CheckedTransformer(passes))
      ->delimiter(',');
  options.types = {DataType::kFloat32};
  app.add_option("--type", options.types, "element types")->transform(CLI::CheckedTransformer(types))->delimiter(',');
  options.layout = Layout::kNchw;
  app.add_option("--layout", options.layout, "of the plain tensors")->transform(CLI::CheckedTransformer(layouts));
  options.threads = 1;
  app.add_option("--threads", options.threads, "threads of each candidate")->check(CLI::Range(1, 256));
  app.add_option("--batch", batch, "samples: one, or what the shapes suggest")
      ->check(CLI::IsMember({"one", "suggested"}));
  app.add_flag("--one-of-each-kind", options.one_of_each_kind, "only the first layer of each kind");
  options.timing = {.rounds = 9, .least_seconds = 5e-3};
  app.add_option("--rounds", options.timing.rounds, "how often each candidate is timed")->check(CLI::Range(1, 1000));
  app.add_option("--seconds", options.timing.least_seconds, "of what is timed at once")->check(CLI::Range(1e-6, 100.0));
  app.add_option("--csv", options.csv, "where the figures go")->required();
  app.add_option("--python", options.python, "a Python that has PyTorch");
  app.add_option("--worker", options.worker, "bench/kernels/torch_worker.py");
  if (const std::optional<int> code = tensord::bench::ParseCommandLine(app, argc, argv)) return *code;
  options.suggested_batch = batch == "suggested";
  if (options.threads > 1) options.timing.pause_seconds = 5e-3;
  const absl::Status status = tensord::bench::Run(options).Everything();
  if (status.ok()) return 0;
  std::cerr << "kernels_bench: " << status.message() << "\n";
  return 1;
}
