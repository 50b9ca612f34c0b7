#include "client/cli/bench/flags.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/flags/parse.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

// Room for as many has the queue of a server with one processor, at its default settings: nothing is refused.
constexpr int64_t kDefaultConcurrency = 4;
constexpr int64_t kDefaultConnections = 4;
constexpr double kDefaultSeconds = 10;
constexpr double kLeastRate = 0.001;
constexpr double kMostRate = 1e7;

std::vector<std::string> MixChoices() {
  std::vector<std::string> names = load::MixNames();
  for (std::string& name : load::KindNames()) names.push_back(std::move(name));
  return names;
}

absl::Status Bad(const Flag& flag, absl::string_view what, absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(flag.name(), ": '", Escape(flag.value()), "' ", what, "\nexpected: ", expected));
}

// The flag's value, or `instead` where it was not given.
absl::StatusOr<int64_t> IntegerOf(const Flag& flag, int64_t instead, int64_t least, int64_t most) {
  if (!flag.given()) return instead;
  const std::optional<int64_t> value = ParseInteger(flag.value());
  const std::string expected = absl::StrCat("a whole number, ", least, " to ", most);
  if (!value) return Bad(flag, "is no whole number", expected);
  if (*value < least || *value > most) return Bad(flag, "is out of range", expected);
  return *value;
}

absl::StatusOr<double> SecondsOf(const Flag& flag) {
  TENSORCTL_ASSIGN_OR_RETURN(const std::chrono::milliseconds duration, ParseDuration(flag.name(), flag.value()));
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

void BenchFlags::Declare(CLI::App& app) {
  concurrency_.Declare(app, "--concurrency", "N",
                       "Closed loop: calls in flight, each answer sends the next one. Default: 4");
  rate_.Declare(app, "--rate", "R", "Open loop: calls a second, due whether or not others have been answered");
  arrivals_
      .Declare(app, "--arrivals", "poisson|fixed",
               "Open loop: calls are due at random or at even distances. Default: poisson")
      ->check(OneOf({"poisson", "fixed"}));
  max_outstanding_.Declare(app, "--max-outstanding", "N",
                           "Open loop: with so many in flight a call that is due is not sent. Default: 2000");
  duration_.Declare(app, "--duration", "DURATION", "For how long to send, e.g. 500ms, 30s, 5m. Default: 10s");
  requests_.Declare(app, "--requests", "N", "How many calls to send; with --duration: whichever is over first");
  warm_up_.Declare(app, "--warm-up", "DURATION", "Send for that long before, and leave it out of the figures");
  mix_.Declare(app, "--mix", absl::StrCat(absl::StrJoin(MixChoices(), "|"), "|NAME=WEIGHT,..."),
               "What to call: see --list-mixes. Default: standard");
  app.add_flag("--list-mixes", lists_mixes_, "Print the mixes and the kinds of calls, and call nothing");
  seed_.Declare(app, "--seed", "N", "Of the calls' order and of --arrivals poisson. Default: 1");
  verify_.Declare(app, "--verify", "N",
                  "Compare every N-th answer of a kind with its first, byte for byte. Default: 0, none");
  connections_.Declare(app, "--connections", "N", "With --server: connections to open. Default: 4");
  threads_.Declare(app, "--threads", "N",
                   "With --server: threads that send and take answers, at most one a connection. Default: 1");
}

absl::StatusOr<BenchSettings> BenchFlags::Settings(bool has_server) const {
  BenchSettings settings;
  TENSORCTL_RETURN_IF_ERROR(FillLoop(settings));
  TENSORCTL_RETURN_IF_ERROR(FillLength(settings));
  TENSORCTL_RETURN_IF_ERROR(FillMix(settings));
  TENSORCTL_RETURN_IF_ERROR(FillConnections(has_server, settings));
  return settings;
}

absl::Status BenchFlags::FillLoop(BenchSettings& settings) const {
  if (concurrency_.given() && rate_.given()) {
    return absl::InvalidArgumentError(
        "--concurrency and --rate: one makes a closed loop, the other an open one\nexpected: one of them");
  }
  if (!rate_.given()) {
    for (const Flag* flag : {&arrivals_, &max_outstanding_}) {
      if (!flag->given()) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(flag->name(), ": a closed loop has no use for it\nexpected: --rate R beside it"));
    }
    TENSORCTL_ASSIGN_OR_RETURN(const int64_t concurrency, IntegerOf(concurrency_, kDefaultConcurrency, 1, 100'000));
    settings.load.concurrency = static_cast<int>(concurrency);
    return absl::OkStatus();
  }
  const std::optional<double> rate = ParseDouble(rate_.value());
  const char* const expected = "calls a second, 0.001 to 10000000, e.g. 250";
  if (!rate) return Bad(rate_, "is no number", expected);
  if (!(*rate >= kLeastRate && *rate <= kMostRate)) return Bad(rate_, "is out of range", expected);
  settings.rate = *rate;
  if (arrivals_.given() && arrivals_.value() == "fixed") settings.load.arrivals = load::Arrivals::kFixed;
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t outstanding,
                             IntegerOf(max_outstanding_, settings.load.max_outstanding, 1, 1'000'000));
  settings.load.max_outstanding = static_cast<int>(outstanding);
  return absl::OkStatus();
}

absl::Status BenchFlags::FillLength(BenchSettings& settings) const {
  if (duration_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(settings.seconds, SecondsOf(duration_));
  }
  if (!duration_.given() && !requests_.given()) settings.seconds = kDefaultSeconds;
  if (warm_up_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(settings.warm_up_seconds, SecondsOf(warm_up_));
  }
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t requests, IntegerOf(requests_, 0, 1, 1'000'000'000'000));
  settings.max_calls = static_cast<uint64_t>(requests);
  return absl::OkStatus();
}

absl::Status BenchFlags::FillMix(BenchSettings& settings) const {
  settings.mix = mix_.given() ? mix_.value() : "standard";
  absl::StatusOr<std::vector<load::Kind>> kinds = load::ParseMix(settings.mix);
  if (!kinds.ok()) {
    const std::vector<std::string> names = MixChoices();
    std::string meant;
    for (const absl::string_view item : absl::StrSplit(settings.mix, ',')) {
      const absl::string_view name = item.substr(0, item.find('='));
      const bool is_known = std::find(names.begin(), names.end(), std::string(name)) != names.end();
      if (meant.empty() && !is_known) meant = DidYouMean(name, names);
    }
    return absl::InvalidArgumentError(absl::StrCat("--mix: ", Escape(kinds.status().message()), meant,
                                                   "\nexpected: ", absl::StrJoin(names, ", "),
                                                   "; or some of them with weights, e.g. convolve=9,pool-max=1"));
  }
  settings.kinds = *std::move(kinds);
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t seed, IntegerOf(seed_, 1, 0, std::numeric_limits<int64_t>::max()));
  settings.load.seed = static_cast<uint64_t>(seed);
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t verify, IntegerOf(verify_, 0, 0, 1'000'000));
  settings.load.verify_every = static_cast<int>(verify);
  return absl::OkStatus();
}

absl::Status BenchFlags::FillConnections(bool has_server, BenchSettings& settings) const {
  if (!has_server) {
    for (const Flag* flag : {&connections_, &threads_}) {
      if (!flag->given()) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(flag->name(), ": there is no connection to open\nexpected: --server ADDRESS beside it"));
    }
    return absl::OkStatus();
  }
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t connections, IntegerOf(connections_, kDefaultConnections, 1, 1000));
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t threads, IntegerOf(threads_, 1, 1, 64));
  settings.connections = static_cast<int>(connections);
  settings.load.threads = static_cast<int>(threads);
  return absl::OkStatus();
}

}  // namespace tensord::cli
