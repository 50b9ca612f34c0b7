#include "tests/load/options.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <map>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tensord::load {
namespace {

constexpr const char kDescription[] =
    "Offers a daemon the mixes of calls of docs/ops/capacity.md, and tells what became of them.";

constexpr const char kFooter[] =
    "Closed loop (--concurrency): each answer starts the next call. Open loop (--rate or --phase): calls are due at\n"
    "moments that do not depend on the answers, and a latency counts from its call's moment, whenever it was sent.\n"
    "\n"
    "What is expected: OK of a good call; of a hostile one (--hostile) exactly the code and ErrorInfo reason of its\n"
    "kind. With --accept-refusals also RESOURCE_EXHAUSTED with the reason OVERLOADED or QUOTA and a RetryInfo; with\n"
    "--accept-deadline also DEADLINE_EXCEEDED. Everything else is unexpected, and so is an OK answer whose bytes\n"
    "differ from the first of its kind.\n"
    "\n"
    "Exit codes: 0 done; 1 something unexpected was answered, or nothing was; 2 usage.";

struct Raw {
  double rate = 0;
  double seconds = 10;
  double warm_up_seconds = 0;
  std::vector<std::string> phases;
};

void AddConnectionOptions(CLI::App& app, Options& options) {
  app.add_option("--target", options.target, "host:port or unix:/path")->required();
  app.add_flag("--tls", options.tls, "speak TLS; implied by the other --tls options");
  app.add_option("--tls-ca", options.tls_ca_file, "PEM file: who may sign the server's certificate");
  auto* certificate = app.add_option("--tls-certificate", options.tls_certificate_file, "PEM file to show");
  auto* key = app.add_option("--tls-key", options.tls_key_file, "PEM file, its key")->needs(certificate);
  certificate->needs(key);
  app.add_option("--tls-server-name", options.tls_server_name, "the name that the certificate has to have");
  app.add_option("--token-file", options.token_file, "file with a bearer token to send with every call");
  app.add_option("--connections", options.connections, "connections to open")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

void AddLoadOptions(CLI::App& app, Options& options, Raw& raw) {
  auto* concurrency = app.add_option("--concurrency", options.concurrency, "closed loop: calls in flight");
  auto* rate = app.add_option("--rate", raw.rate, "open loop: calls a second");
  auto* phase = app.add_option("--phase", raw.phases, "open loop: NAME=RATE:SECONDS; repeatable, one after the other");
  auto* seconds = app.add_option("--seconds", raw.seconds, "for how long, with --concurrency or --rate");
  concurrency->check(CLI::Range(1, 100000))->excludes(rate)->excludes(phase);
  rate->check(CLI::Range(0.001, 1e7))->excludes(phase);
  seconds->check(CLI::Range(0.1, 1e6))->excludes(phase)->capture_default_str();
  app.add_option("--warm-up", raw.warm_up_seconds, "seconds before, which are told of as a phase of their own")
      ->check(CLI::Range(0.0, 1e6));
  const std::map<std::string, Arrivals> arrivals = {{"fixed", Arrivals::kFixed}, {"poisson", Arrivals::kPoisson}};
  app.add_option("--arrivals", options.arrivals, "open loop: at fixed distances, or independent (the default)")
      ->transform(CLI::Transformer(arrivals));
  app.add_option("--max-outstanding", options.max_outstanding,
                 "open loop: calls in flight, beyond which a call is not sent, and counted as that")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "threads that take answers")->check(CLI::Range(1, 64));
}

void AddCallOptions(CLI::App& app, Options& options) {
  app.add_option("--mix", options.mix, "standard, heavy, or one kind of call (see docs/ops/capacity.md)")
      ->capture_default_str();
  app.add_option("--hostile", options.hostile_percent, "percent of calls that have to be refused")
      ->check(CLI::Range(0.0, 100.0));
  app.add_option("--deadline", options.deadline_seconds, "seconds, of each call")
      ->check(CLI::Range(0.001, 3600.0))
      ->capture_default_str();
  app.add_option("--verify", options.verify_every, "compare every N-th OK answer of a kind with its first; 0: none")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  app.add_flag("--accept-refusals", options.accept_refusals, "refusals that say when to come back are expected");
  app.add_flag("--accept-deadline", options.accept_deadline, "calls whose deadline passes are expected");
  app.add_option("--seed", options.seed, "of the calls' order and of poisson")->capture_default_str();
  app.add_option("--json", options.json_file, "write the result as JSON too; -: to standard output, instead of text");
  app.add_option("--progress", options.progress_seconds, "seconds between lines on standard error; 0: none")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
}

// Puts the phases together; what is wrong, or nothing.
std::string ResolvePhases(const Raw& raw, Options& options) {
  if (options.concurrency == 0 && raw.rate == 0 && raw.phases.empty()) return "give --concurrency, --rate or --phase";
  for (const std::string& text : raw.phases) {
    absl::StatusOr<Phase> phase = ParsePhase(text);
    if (!phase.ok()) return absl::StrCat("--phase: ", phase.status().message());
    options.phases.push_back(*std::move(phase));
  }
  if (raw.phases.empty()) options.phases.push_back({"load", raw.rate, raw.seconds});
  if (raw.warm_up_seconds > 0) {
    options.phases.insert(options.phases.begin(), {"warm-up", options.phases.front().rate, raw.warm_up_seconds});
  }
  return "";
}

}  // namespace

absl::StatusOr<Phase> ParsePhase(absl::string_view text) {
  const auto wrong = [&] {
    return absl::InvalidArgumentError(absl::StrCat("was \"", text, "\", has to be NAME=RATE:SECONDS"));
  };
  const std::vector<absl::string_view> halves = absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (halves.size() != 2 || halves[0].empty()) return wrong();
  const std::vector<absl::string_view> numbers = absl::StrSplit(halves[1], ':');
  Phase phase{.name = std::string(halves[0])};
  if (numbers.size() != 2 || !absl::SimpleAtod(numbers[0], &phase.rate) ||
      !absl::SimpleAtod(numbers[1], &phase.seconds) || !std::isfinite(phase.rate) || !std::isfinite(phase.seconds) ||
      phase.rate <= 0 || phase.seconds <= 0) {
    return wrong();
  }
  return phase;
}

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CommandLine result;
  Raw raw;
  CLI::App app(kDescription, "tensord_load");
  app.footer(kFooter);
  AddConnectionOptions(app, result.options);
  AddLoadOptions(app, result.options, raw);
  AddCallOptions(app, result.options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, complaint;
    const int code = app.exit(error, out, complaint);
    result.exit_code = code == 0 ? 0 : 2;
    result.text = code == 0 ? out.str() : complaint.str();
    return result;
  }
  if (const std::string wrong = ResolvePhases(raw, result.options); !wrong.empty()) {
    result.exit_code = 2;
    result.text = absl::StrCat("tensord_load: ", wrong, "\n");
  }
  if (!result.options.tls_ca_file.empty() || !result.options.tls_certificate_file.empty() ||
      !result.options.tls_server_name.empty()) {
    result.options.tls = true;
  }
  return result;
}

}  // namespace tensord::load
