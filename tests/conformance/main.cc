// tensord_conformance: ONNX's own operator tests through a server that runs. scripts/conformance starts both.
#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <regex>
#include <string>
#include <thread>

#include "tensord/client/client.h"
#include "tests/conformance/report.h"
#include "tests/conformance/suite.h"

namespace tensord::conformance {
namespace {

struct Options {
  std::string server;
  std::string data;
  std::string filter;
  std::string format = "text";
  bool list = false;
  bool verbose = false;
};

std::string CheckRegex(const std::string& text) {
  try {
    const std::regex parsed(text);
    return "";
  } catch (const std::regex_error& error) {
    return "is no regular expression: " + std::string(error.what());
  }
}

void AddOptions(CLI::App& app, Options& options) {
  app.add_option("--server", options.server, "host:port or unix:/path of a server");
  app.add_option("--data", options.data, "the folder with GROUP/NAME/model.onnx")->required();
  app.add_option("--filter", options.filter, "only cases whose GROUP/NAME or operator has a match of this expression")
      ->check(CheckRegex);
  app.add_option("--format", options.format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_flag("--list", options.list, "print the cases and leave");
  app.add_flag("--verbose", options.verbose, "print a line for every case");
}

void Filter(const std::string& expression, Catalogue& catalogue) {
  const std::regex pattern(expression);
  std::erase_if(catalogue.entries, [&pattern](const Entry& entry) {
    return !std::regex_search(entry.name, pattern) && !std::regex_search(entry.operator_name, pattern);
  });
}

// A client of a server that is ready, or null: a daemon that was just started has ten seconds to be.
std::unique_ptr<client::Client> ConnectWhenReady(const std::string& address) {
  absl::StatusOr<std::unique_ptr<client::Client>> server = client::Client::Connect(address, client::ClientOptions());
  if (!server.ok()) {
    std::cerr << "tensord_conformance: " << server.status().message() << "\n";
    return nullptr;
  }
  absl::StatusOr<client::Health> health;
  for (int attempt = 0; attempt < 100; ++attempt) {
    health = (*server)->CheckHealth("", {.deadline = std::chrono::seconds(2)});
    if (health.ok() && *health == client::Health::kServing) return *std::move(server);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  std::cerr << "tensord_conformance: " << address << " does not serve: " << health.status() << "\n";
  return nullptr;
}

int List(const Catalogue& catalogue) {
  for (const Entry& entry : catalogue.entries) std::cout << entry.name << " " << entry.operator_name << "\n";
  return 0;
}

int Run(const Options& options, const Catalogue& catalogue) {
  const std::unique_ptr<client::Client> server = ConnectWhenReady(options.server);
  if (server == nullptr) return 1;
  const bool text = options.format == "text";
  Report report = {{}, catalogue.excluded};
  for (const Entry& entry : catalogue.entries) {
    report.results.push_back(RunEntry(entry, *server));
    const Result& result = report.results.back();
    if (text && (options.verbose || result.outcome != Outcome::kPassed)) std::cout << LineOf(result) << std::endl;
  }
  std::cout << (text ? SummaryOf(report) : JsonOf(report));
  return AllHold(report) ? 0 : 1;
}

int Main(int argc, char** argv) {
  CLI::App app("Runs ONNX's own operator tests through a server. Exit codes: 0 all passed; 1 not; 2 usage.");
  Options options;
  AddOptions(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  absl::StatusOr<Catalogue> catalogue = ReadCatalogue(options.data);
  if (!catalogue.ok()) {
    std::cerr << "tensord_conformance: " << catalogue.status().message() << "\n";
    return 2;
  }
  if (!options.filter.empty()) Filter(options.filter, *catalogue);
  if (catalogue->entries.empty()) {
    std::cerr << "tensord_conformance: no case matches --filter " << options.filter << "\n";
    return 2;
  }
  if (options.list) return List(*catalogue);
  if (options.server.empty()) {
    std::cerr << "tensord_conformance: --server is required\n";
    return 2;
  }
  return Run(options, *catalogue);
}

}  // namespace
}  // namespace tensord::conformance

int main(int argc, char** argv) { return tensord::conformance::Main(argc, argv); }
