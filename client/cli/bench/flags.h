// The flags of `tensorctl bench`, and what they ask for.
#ifndef TENSORD_CLI_BENCH_FLAGS_H_
#define TENSORD_CLI_BENCH_FLAGS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/flags/flag.h"
#include "client/load/load_options.h"
#include "client/load/mix.h"

namespace tensord::cli {

struct BenchSettings {
  load::LoadOptions load = {};  // without phases and deadline
  double rate = 0;              // of the open loop, calls a second; 0: closed loop
  std::string mix = {};
  std::vector<load::Kind> kinds = {};
  double warm_up_seconds = 0;
  std::optional<double> seconds = std::nullopt;  // absent: until max_calls
  uint64_t max_calls = 0;                        // 0: until the time is over
  int connections = 0;                           // 0: in this process, by none
};

class BenchFlags {
 public:
  void Declare(CLI::App& app);

  [[nodiscard]] bool lists_mixes() const { return lists_mixes_; }

  // Call after parsing. `has_server`: whether the calls go to a server somewhere else.
  //
  // Errors: kInvalidArgument - a value that is none, or flags at odds with each other; the message names the flag.
  [[nodiscard]] absl::StatusOr<BenchSettings> Settings(bool has_server) const;

 private:
  [[nodiscard]] absl::Status FillLoop(BenchSettings& settings) const;
  [[nodiscard]] absl::Status FillLength(BenchSettings& settings) const;
  [[nodiscard]] absl::Status FillMix(BenchSettings& settings) const;
  [[nodiscard]] absl::Status FillConnections(bool has_server, BenchSettings& settings) const;

  Flag concurrency_, rate_, arrivals_, max_outstanding_;
  Flag duration_, requests_, warm_up_;
  Flag mix_, seed_, verify_;
  Flag connections_, threads_;
  bool lists_mixes_ = false;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_BENCH_FLAGS_H_
