// Times tensord's calls against a service that does nothing, and against one in Python where there is one, in turns,
// and says which targets are reached.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/command_line.h"
#include "bench/rpc/call.h"
#include "tensord/client/chunks.h"
#include "tensord/client/client.h"
#include "tensord/compute/status_macros.h"

namespace tensord::bench {
namespace {

struct Options {
  std::string tensord;
  std::string null;
  std::string torch;  // may be empty
  std::string transport;
  int small_calls = 20000;
  int large_calls = 60;
  int clients = 16;
  double seconds = 2;
  std::string csv;
};

// In each pair of calls the order changes.
struct Pairs {
  std::vector<double> tensord;
  std::vector<double> null;
};

double Quantile(std::vector<double> values, double share) {
  const auto place = std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(place), values.end());
  return values[place];
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options), tensord_(Connect(options.tensord)), null_(Connect(options.null)), csv_(options.csv) {}

  absl::Status Everything() {
    if (!csv_) return absl::UnavailableError(absl::StrCat(options_.csv, " cannot be written"));
    csv_ << "what,transport,service,value,unit\n";
    TENSORD_RETURN_IF_ERROR(Small());
    TENSORD_RETURN_IF_ERROR(Large());
    TENSORD_RETURN_IF_ERROR(Batch());
    TENSORD_RETURN_IF_ERROR(Throughput());
    return csv_.flush() ? absl::OkStatus() : absl::UnavailableError(absl::StrCat(options_.csv, " cannot be written"));
  }

 private:
  absl::StatusOr<Pairs> InPairs(Call& call, int count) {
    TENSORD_RETURN_IF_ERROR(call.LearnReply(tensord_).status());
    Pairs pairs;
    for (int i = -count / 10; i < count; ++i) {
      double first = 0;
      double second = 0;
      const bool swapped = i % 2 != 0;
      TENSORD_ASSIGN_OR_RETURN(first, call.Run(swapped ? null_ : tensord_));
      TENSORD_ASSIGN_OR_RETURN(second, call.Run(swapped ? tensord_ : null_));
      if (i < 0) continue;  // to warm up
      pairs.tensord.push_back(swapped ? second : first);
      pairs.null.push_back(swapped ? first : second);
    }
    return pairs;
  }

  void Tell(const std::string& what, double tensord, const char* peer, double theirs, const char* unit) {
    csv_ << absl::StrFormat("%s,%s,tensord,%.6g,%s\n%s,%s,%s,%.6g,%s\n", what, options_.transport, tensord, unit, what,
                            options_.transport, peer, theirs, unit);
    std::cout << absl::StrFormat("%-52s %-5s tensord %9.2f  %s %9.2f %-6s  ratio %.3f", what, options_.transport,
                                 tensord, peer, theirs, unit, tensord / theirs);
  }

  static void Verdict(double figure, double goal, bool at_most) {
    const bool reached = at_most ? figure <= goal : figure >= goal;
    std::cout << absl::StrFormat("  [goal %s %.2f: %s]\n", at_most ? "<=" : ">=", goal, reached ? "reached" : "MISSED");
  }

  absl::Status Small() {
    Call call(RequestOf({1, 6, 6, 2}, {3, 3, 2, 4}));
    TENSORD_ASSIGN_OR_RETURN(const Pairs pairs, InPairs(call, options_.small_calls));
    const std::string sizes = absl::StrCat(call.request_bytes(), " + ", call.reply_bytes(), " bytes");
    for (const double share : {0.5, 0.99}) {
      const double tensord = 1e6 * Quantile(pairs.tensord, share);
      const double null = 1e6 * Quantile(pairs.null, share);
      Tell(absl::StrFormat("small convolution (%s) p%.0f", sizes, 100 * share), tensord, "null", null, "us");
      if (share == 0.5) {
        Verdict(tensord / null, 1.15, true);
      } else {
        std::cout << "\n";
      }
    }
    return absl::OkStatus();
  }

  absl::Status Large() {
    // 16 MiB in, 16 MiB out.
    Call call(RequestOf({1, 512, 512, 16}, {1, 1, 16, 16}));
    TENSORD_ASSIGN_OR_RETURN(const Pairs pairs, InPairs(call, options_.large_calls));
    const auto bytes = static_cast<double>(call.request_bytes() + call.reply_bytes());
    const double tensord = bytes / Quantile(pairs.tensord, 0.5) / 1e6;
    const double null = bytes / Quantile(pairs.null, 0.5) / 1e6;
    Tell("1x1 convolution, 16 MiB tensors, median", tensord, "null", null, "MB/s");
    Verdict(tensord / null, 0.9, false);
    return absl::OkStatus();
  }

  // A batch of 64 MiB by the C++ client, as one message and in chunks: the seconds of each, in turns.
  absl::Status Batch() {
    const v1::ConvolveRequest request = RequestOf({64, 64, 64, 64}, {3, 3, 64, 16});
    const auto bytes = static_cast<double>(request.ByteSizeLong());
    client::Client client(tensord_);
    std::vector<double> whole;
    std::vector<double> chunks;
    for (int i = -1; i < std::max(3, options_.large_calls / 5); ++i) {
      for (const bool in_chunks : {i % 2 == 0, i % 2 != 0}) {
        v1::ConvolveRequest given = request;
        const auto begin = std::chrono::steady_clock::now();
        const absl::StatusOr<v1::ConvolveResponse> answer =
            in_chunks ? client::ConvolveInChunks(client, std::move(given)) : client.Convolve(std::move(given));
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        TENSORD_RETURN_IF_ERROR(answer.status());
        if (i >= 0) (in_chunks ? chunks : whole).push_back(took.count());
      }
    }
    Tell("3x3 convolution, batch of 64 MiB, in chunks", bytes / Quantile(chunks, 0.5) / 1e6, "whole",
         bytes / Quantile(whole, 0.5) / 1e6, "MB/s");
    std::cout << "\n";
    return absl::OkStatus();
  }

  // Calls a second of all clients together.
  absl::StatusOr<double> CallsPerSecond(const Call& call, const std::vector<std::shared_ptr<grpc::Channel>>& channels) {
    std::atomic<int64_t> calls = 0;
    std::atomic<bool> failed = false;
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(options_.seconds);
    std::vector<std::thread> clients;
    for (const std::shared_ptr<grpc::Channel>& channel : channels) {
      clients.emplace_back([&] {
        while (!failed && std::chrono::steady_clock::now() < end) {
          if (!call.Run(channel).ok()) failed = true;
          ++calls;
        }
      });
    }
    for (std::thread& client : clients) client.join();
    if (failed) return absl::UnavailableError("a client's call failed");
    return static_cast<double>(calls) / options_.seconds;
  }

  // A service that the clients call together, and what came of it round by round.
  struct Crowd {
    const char* name;
    Call call;
    std::optional<double> goal;  // tensord's rate over this one's
    std::vector<std::shared_ptr<grpc::Channel>> channels;
    std::vector<double> rates;
  };

  Crowd CrowdOf(const char* name, const std::string& address, const Call& call,
                std::optional<double> goal = std::nullopt) const {
    Crowd crowd{.name = name, .call = call, .goal = goal, .channels = {}, .rates = {}};
    for (int i = 0; i < options_.clients; ++i) crowd.channels.push_back(Connect(address));
    return crowd;
  }

  absl::Status Throughput() {
    constexpr int kRounds = 5;
    Call call(RequestOf({1, 6, 6, 2}, {3, 3, 2, 4}));
    TENSORD_ASSIGN_OR_RETURN(const v1::ConvolveResponse answer, call.LearnReply(tensord_));
    std::vector<Crowd> crowds = {CrowdOf("tensord", options_.tensord, call), CrowdOf("null", options_.null, call)};
    if (!options_.torch.empty()) {
      crowds.push_back(CrowdOf("torch", options_.torch, call, 6));
      Crowd& torch = crowds.back();
      TENSORD_ASSIGN_OR_RETURN(const v1::ConvolveResponse theirs, torch.call.LearnReply(torch.channels[0]));
      if (theirs.output().data() != answer.output().data()) {
        return absl::InternalError("the service in Python has another answer than tensord");
      }
    }
    for (int round = 0; round < kRounds; ++round) {
      for (Crowd& crowd : crowds) {
        TENSORD_ASSIGN_OR_RETURN(const double rate, CallsPerSecond(crowd.call, crowd.channels));
        crowd.rates.push_back(rate);
      }
    }
    const double tensord = Quantile(crowds[0].rates, 0.5);
    for (size_t i = 1; i < crowds.size(); ++i) {
      const double theirs = Quantile(crowds[i].rates, 0.5);
      Tell(absl::StrCat("small convolution, ", options_.clients, " clients"), tensord, crowds[i].name, theirs,
           "calls/s");
      if (crowds[i].goal.has_value()) {
        Verdict(tensord / theirs, *crowds[i].goal, false);
      } else {
        std::cout << "\n";
      }
    }
    return absl::OkStatus();
  }

  const Options& options_;
  std::shared_ptr<grpc::Channel> tensord_;
  std::shared_ptr<grpc::Channel> null_;
  std::ofstream csv_;
};

}  // namespace
}  // namespace tensord::bench

int main(int argc, char** argv) {
  CLI::App app("Times tensord's calls against those of null_service, in turns.");
  tensord::bench::Options options;
  app.add_option("--tensord", options.tensord, "tensord's address")->required();
  app.add_option("--null", options.null, "null_service's address")->required();
  app.add_option("--torch", options.torch, "torch_service.py's address: it is measured too");
  app.add_option("--transport", options.transport, "what the figures are called: tcp, unix")->required();
  app.add_option("--small-calls", options.small_calls, "pairs of small calls")->check(CLI::Range(10, 10000000));
  app.add_option("--large-calls", options.large_calls, "pairs of large calls")->check(CLI::Range(10, 100000));
  app.add_option("--clients", options.clients, "clients at once")->check(CLI::Range(1, 1000));
  app.add_option("--seconds", options.seconds, "that the clients call in each round")->check(CLI::Range(0.1, 600.0));
  app.add_option("--csv", options.csv, "where the figures go")->required();
  if (const std::optional<int> code = tensord::bench::ParseCommandLine(app, argc, argv)) return *code;
  const absl::Status status = tensord::bench::Run(options).Everything();
  if (status.ok()) return 0;
  std::cerr << "rpc_bench: " << status.message() << "\n";
  return 1;
}
