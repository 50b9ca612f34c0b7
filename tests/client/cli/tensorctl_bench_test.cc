// The program itself: `tensorctl bench`, against the server in its own process and against a daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/cli/files.h"
#include "tests/client/cli/process.h"
#include "tests/server/daemon_process.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::json;
using tensord::testing::DaemonProcess;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ProcessResult Bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "bench");
  return RunProcess(TENSORCTL, arguments);
}

Json Parsed(const ProcessResult& result) {
  Json json = Json::parse(result.out, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << result.out << result.err;
  return json;
}

TEST(TensorctlBenchTest, ACountOfCallsInThisProcess) {
  const ProcessResult result = Bench({"--requests", "60", "--concurrency", "2", "--verify", "1", "--format", "json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  const Json json = Parsed(result);
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_TRUE(json["server"]["address"].is_null());
  EXPECT_EQ(json["call_count"], 60);
  EXPECT_EQ(json["ok_count"], 60);
  EXPECT_EQ(json["failed_count"], 0);
  EXPECT_EQ(json["differing_count"], 0);
  EXPECT_GT(json["compared_count"], 0);
  EXPECT_EQ(json["kinds"].size(), 6U);
  EXPECT_EQ(json["answers"], Json::parse(R"([{"code":"OK","count":60}])"));
  EXPECT_EQ(json["cpu"]["of"], "client and server");
  EXPECT_GT(json["cpu"]["seconds"], 0.0);
  uint64_t kinds = 0;
  for (const Json& kind : json["kinds"]) kinds += kind["call_count"].get<uint64_t>();
  EXPECT_EQ(kinds, 60U);
  uint64_t rows = 0;
  for (const Json& row : json["histogram"]) rows += row["count"].get<uint64_t>();
  EXPECT_EQ(rows, 60U);
}

TEST(TensorctlBenchTest, AnOpenLoopAfterAWarmUp) {
  // Two calls and three: even where nothing runs for a second, one worker and its queue of four have room for all.
  const ProcessResult result = Bench({"--rate", "100", "--arrivals", "fixed", "--requests", "3", "--warm-up", "20ms",
                                      "--mix", "describe-dataset=3,pool-max", "--format", "json"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const Json json = Parsed(result);
  EXPECT_EQ(json["load"]["loop"], "open");
  EXPECT_EQ(json["load"]["arrivals"], "fixed");
  EXPECT_EQ(json["due_count"], 3);  // none of the warm-up
  EXPECT_EQ(json["call_count"].get<int>() + json["not_sent_count"].get<int>(), 3);
  EXPECT_EQ(json["kinds"][0]["kind"], "describe-dataset");
}

TEST(TensorctlBenchTest, ADurationEndsIt) {
  const Json json = Parsed(Bench({"--duration", "50ms", "--mix", "describe-dataset", "--format", "json"}));
  EXPECT_GT(json["ok_count"], 0);
}

TEST(TensorctlBenchTest, PeopleGetTablesAndAHistogram) {
  const ProcessResult result = Bench({"--requests", "30", "--concurrency", "1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(
      result.out,
      AllOf(StartsWith("tensord "), HasSubstr("closed loop, 1 call in flight; mix standard\n30 calls "),
            HasSubstr("30 done"), HasSubstr("\nconvolve-backward "), HasSubstr("\nOK "), HasSubstr("100.00 %")));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(Bench({"--requests", "3", "--color", "always"}).out, HasSubstr("\x1b[1m"));
}

class DaemonBenchTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string address() const { return "unix:" + folder_.path("s"); }

  ProcessResult BenchDaemon(const std::vector<std::string>& daemon_flags, const std::vector<std::string>& arguments) {
    std::vector<std::string> flags = {"--listen", address(), "--metrics-listen", "off", "--log-level", "info"};
    flags.insert(flags.end(), daemon_flags.begin(), daemon_flags.end());
    DaemonProcess daemon(flags);
    daemon.WaitForEvent("ready");
    std::vector<std::string> all = {"--server", address()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    ProcessResult result = Bench(all);
    daemon.Signal(SIGTERM);
    EXPECT_EQ(daemon.WaitForExit(), 0);
    return result;
  }

  TemporaryDirectory folder_;
};

TEST_F(DaemonBenchTest, ConnectionsAndThreads) {
  const ProcessResult result = BenchDaemon(
      {}, {"--requests", "40", "--concurrency", "3", "--connections", "3", "--threads", "2", "--format", "json"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const Json json = Parsed(result);
  EXPECT_EQ(json["ok_count"], 40);
  EXPECT_EQ(json["load"]["connections"], 3);
  EXPECT_EQ(json["cpu"]["of"], "client");
  EXPECT_THAT(json["server"]["address"].get<std::string>(), StartsWith("unix:"));
}

TEST_F(DaemonBenchTest, RefusalsAreCountedWithTheFirstMessage) {
  const ProcessResult result =
      BenchDaemon({"--max-tensor-bytes", "1KiB"}, {"--requests", "5", "--mix", "convolve", "--format", "json"});
  EXPECT_EQ(result.exit_code, 1);
  const Json json = Parsed(result);
  EXPECT_EQ(json["failed_count"], 5);
  EXPECT_TRUE(json["latency_ms"].is_null());
  ASSERT_EQ(json["answers"].size(), 1U);
  EXPECT_EQ(json["answers"][0]["code"], "RESOURCE_EXHAUSTED");
  EXPECT_EQ(json["answers"][0]["reason"], "TENSOR_TOO_LARGE");
  EXPECT_EQ(json["answers"][0]["count"], 5);
  EXPECT_NE(json["answers"][0]["first_message"], "");
}

TEST_F(DaemonBenchTest, NobodyListening) {
  const std::string address = "unix:" + folder_.path("none");
  const ProcessResult result = Bench({"--server", address, "--requests", "1"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("cannot reach " + address));
}

// Interrupted in the middle of a run that would take an hour, when the daemon has told of one of its calls.
TEST_F(DaemonBenchTest, WhatWasMeasuredIsToldAfterAnInterrupt) {
  DaemonProcess daemon({"--listen", address(), "--metrics-listen", "off", "--log-level", "info"});
  daemon.WaitForEvent("ready");
  const std::string pid_file = folder_.path("pid");
  std::future<ProcessResult> running = std::async(std::launch::async, [&] {
    constexpr char kScript[] = R"(echo $$ >"$3"
exec "$1" --server "$2" bench --duration 1h --rate 50 --mix describe-dataset --format json)";
    return RunProcess("/bin/sh", {"-c", kScript, "sh", TENSORCTL, address(), pid_file});
  });
  Json call;
  do {
    call = daemon.WaitForEvent("call");
  } while (call.is_object() && call.dump().find("DescribeDataset") == std::string::npos);
  ASSERT_TRUE(call.is_object());
  ASSERT_EQ(kill(std::stoi(ReadFile(pid_file)), SIGINT), 0);
  const ProcessResult result = running.get();
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const Json json = Parsed(result);
  EXPECT_EQ(json["interrupted"], true);
  EXPECT_GT(json["ok_count"], 0);
  EXPECT_EQ(json["failed_count"], 0);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.WaitForExit(), 0);
}

TEST(TensorctlBenchTest, MixesAreListedWithoutAServer) {
  const ProcessResult text = Bench({"--list-mixes", "--server", "unix:/nowhere"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.out, AllOf(HasSubstr("standard"), HasSubstr("heavy-convolve")));
  const Json json = Parsed(Bench({"--list-mixes", "--format", "json"}));
  EXPECT_EQ(json["mixes"].size(), 2U);
}

}  // namespace
}  // namespace tensord::cli
