// The parts of `tensorctl bench`: flags, the histogram's lines, the report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "client/cli/bench/flags.h"
#include "client/cli/bench/histogram_text.h"
#include "client/cli/bench/mixes.h"
#include "client/cli/bench/report.h"
#include "client/cli/printer.h"

namespace tensord::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int64_t kMillisecond = 1'000'000;

absl::StatusOr<BenchSettings> Parse(std::vector<std::string> arguments, bool has_server = true) {
  CLI::App app;
  BenchFlags flags;
  flags.Declare(app);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  app.parse(arguments);
  return flags.Settings(has_server);
}

TEST(BenchFlagsTest, Defaults) {
  const auto settings = Parse({});
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->load.concurrency, 4);
  EXPECT_EQ(settings->rate, 0);
  EXPECT_EQ(settings->seconds, 10);
  EXPECT_EQ(settings->max_calls, 0u);
  EXPECT_EQ(settings->warm_up_seconds, 0);
  EXPECT_EQ(settings->kinds.size(), 6u);
  EXPECT_EQ(settings->connections, 4);
  EXPECT_EQ(settings->load.threads, 1);
  EXPECT_EQ(settings->load.verify_every, 0);
}

TEST(BenchFlagsTest, AClosedLoop) {
  const auto settings = Parse({"--concurrency", "16", "--requests", "500", "--mix", "convolve=9,pool-max=1"}, false);
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->load.concurrency, 16);
  EXPECT_EQ(settings->max_calls, 500u);
  EXPECT_FALSE(settings->seconds.has_value());
  ASSERT_EQ(settings->kinds.size(), 2u);
  EXPECT_EQ(settings->mix, "convolve=9,pool-max=1");
  EXPECT_EQ(settings->connections, 0);
}

TEST(BenchFlagsTest, AnOpenLoop) {
  const auto settings = Parse({"--rate",    "250.5",         "--arrivals", "fixed",      "--max-outstanding",
                               "7",         "--duration",    "1m",         "--requests", "9",
                               "--warm-up", "500ms",         "--seed",     "3",          "--verify",
                               "64",        "--connections", "2",          "--threads",  "2"});
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->rate, 250.5);
  EXPECT_EQ(settings->load.concurrency, 0);
  EXPECT_EQ(settings->load.arrivals, load::Arrivals::kFixed);
  EXPECT_EQ(settings->load.max_outstanding, 7);
  EXPECT_EQ(settings->seconds, 60);
  EXPECT_EQ(settings->max_calls, 9u);
  EXPECT_EQ(settings->warm_up_seconds, 0.5);
  EXPECT_EQ(settings->load.seed, 3u);
  EXPECT_EQ(settings->load.verify_every, 64);
  EXPECT_EQ(settings->connections, 2);
  EXPECT_EQ(settings->load.threads, 2);
  EXPECT_EQ(Parse({"--rate", "1"})->load.arrivals, load::Arrivals::kPoisson);
}

TEST(BenchFlagsTest, WhatIsWrongIsNamedWithTheRemedy) {
  for (const auto& [arguments, message] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--concurrency", "4", "--rate", "1"}, "--concurrency and --rate: "},
           {{"--arrivals", "fixed"}, "--arrivals: a closed loop has no use for it\nexpected: --rate R beside it"},
           {{"--max-outstanding", "5", "--concurrency", "2"}, "--max-outstanding: a closed loop"},
           {{"--concurrency", "0"}, "--concurrency: '0' is out of range\nexpected: a whole number, 1 to 100000"},
           {{"--concurrency", "x"}, "--concurrency: 'x' is no whole number"},
           {{"--concurrency", "2.5"}, "--concurrency: '2.5' is no whole number"},
           {{"--rate", "0"}, "--rate: '0' is out of range"},
           {{"--rate", "nan"}, "--rate: 'nan' is out of range"},
           {{"--rate", "fast"}, "--rate: 'fast' is no number\nexpected: calls a second"},
           {{"--duration", "10"}, "--duration: '10' is no duration\nexpected: a number with a unit"},
           {{"--duration", "0s"}, "--duration: '0s' is out of range"},
           {{"--requests", "0"}, "--requests: '0' is out of range"},
           {{"--warm-up", "soon"}, "--warm-up: 'soon' is no duration"},
           {{"--connections", "1001"}, "--connections: '1001' is out of range"},
           {{"--threads", "0"}, "--threads: '0' is out of range"},
           {{"--seed=-1"}, "--seed: '-1' is out of range"},
           {{"--verify", "all"}, "--verify: 'all' is no whole number"},
           {{"--mix", "standrad"},
            "--mix: 'standrad' is no kind of call (did you mean standard?)\nexpected: standard, "},
           {{"--mix", "heavy,pool-mux=2"}, "'pool-mux' is no kind of call (did you mean pool-max?)"},
           {{"--mix", "heavy=0"}, "--mix: 'heavy=0' has no weight above 0"},
           {{"--mix", "\x1b[31m"}, "--mix: '\\x1b[31m' is no kind of call"},
       }) {
    const auto settings = Parse(arguments);
    ASSERT_FALSE(settings.ok()) << message;
    EXPECT_THAT(std::string(settings.status().message()), HasSubstr(message));
    EXPECT_THAT(std::string(settings.status().message()), HasSubstr("\nexpected: "));
  }
}

TEST(BenchFlagsTest, ConnectionsAreForAServer) {
  for (const char* flag : {"--connections", "--threads"}) {
    const auto settings = Parse({flag, "2"}, /*has_server=*/false);
    ASSERT_FALSE(settings.ok()) << flag;
    EXPECT_THAT(std::string(settings.status().message()),
                AllOf(StartsWith(std::string(flag) + ": "), HasSubstr("expected: --server ADDRESS beside it")));
  }
}

load::Histogram HistogramOf(const std::vector<int64_t>& values) {
  load::Histogram histogram;
  for (const int64_t value : values) histogram.Record(value);
  return histogram;
}

std::vector<std::pair<int64_t, uint64_t>> Rows(const load::Histogram& histogram) {
  std::vector<std::pair<int64_t, uint64_t>> rows;
  for (const HistogramRow& row : HistogramRows(histogram)) rows.emplace_back(row.up_to_ns, row.count);
  return rows;
}

using Row = std::pair<int64_t, uint64_t>;

TEST(HistogramRowsTest, GoFromTheFirstThatHoldsSomethingToTheLast) {
  EXPECT_THAT(
      Rows(HistogramOf({1'100'000, 1'200'000, 2'500'000, 6'900'000})),
      ElementsAre(Row{1'500'000, 2}, Row{2'000'000, 0}, Row{3'000'000, 1}, Row{5'000'000, 0}, Row{7'000'000, 1}));
  EXPECT_TRUE(HistogramRows({}).empty());
}

TEST(HistogramRowsTest, ExtremesHaveARow) {
  EXPECT_THAT(Rows(HistogramOf({0})), ElementsAre(Row{1000, 1}));
  constexpr int64_t kLongest = std::numeric_limits<int64_t>::max();
  const std::vector<Row> rows = Rows(HistogramOf({0, kLongest}));
  EXPECT_EQ(rows.front(), (Row{1000, 1}));
  EXPECT_EQ(rows.back(), (Row{kLongest, 1}));
  int64_t before = 0;
  for (const Row& row : rows) {
    EXPECT_GT(row.first, before);
    before = row.first;
  }
}

TEST(HistogramTextTest, BarsAreInProportionAndNothingIsLost) {
  load::Histogram histogram;
  for (int i = 0; i < 1000; ++i) histogram.Record(1'100'000);
  for (int i = 0; i < 500; ++i) histogram.Record(2'500'000);
  histogram.Record(4'000'000);
  const std::vector<std::string> lines = absl::StrSplit(HistogramText(histogram, Style(false)), '\n');
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[0], " up to, ms         calls     share    so far");
  EXPECT_EQ(lines[1], "       1.5          1000   66.62 %   66.62 %  " + std::string(40, '#'));
  EXPECT_EQ(lines[2], "         2             0    0.00 %   66.62 %");
  EXPECT_EQ(lines[3], "         3           500   33.31 %   99.93 %  " + std::string(20, '#'));
  EXPECT_EQ(lines[4], "         5             1    0.07 %  100.00 %  .");
}

TEST(HistogramTextTest, IsNeverWiderThanATerminal) {
  load::Histogram histogram = HistogramOf({0, 1, 1'000'000, 60'000'000'000, std::numeric_limits<int64_t>::max()});
  for (int i = 0; i < 20; ++i) histogram.Merge(load::Histogram(histogram));
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(HistogramText(histogram, Style(false)), '\n'))) {
    EXPECT_LE(line.size(), 90u) << line;
  }
}

TEST(HistogramTextTest, ColoursOnlyWhereTold) {
  const load::Histogram histogram = HistogramOf({kMillisecond});
  EXPECT_THAT(HistogramText(histogram, Style(true)), HasSubstr("\x1b[32m####"));
  EXPECT_THAT(HistogramText(histogram, Style(false)), Not(HasSubstr("\x1b")));
  EXPECT_EQ(HistogramText({}, Style(true)), "");
}

class BenchReportTest : public testing::Test {
 protected:
  BenchReportTest() {
    settings_.mix = "a=1,b=1";
    settings_.kinds.resize(2);
    settings_.kinds[0].name = "a";
    settings_.kinds[1].name = "b";
    settings_.load.concurrency = 3;
    settings_.load.verify_every = 0;
    settings_.connections = 2;
  }

  void Ok(size_t kind, int64_t latency_ns, int64_t at_ns) {
    statistics_.Sent(0, 0, at_ns - latency_ns);
    statistics_.Done({.kind = kind, .verdict = load::Verdict::kAccepted, .latency_ns = latency_ns, .at_ns = at_ns});
  }

  void Fail(size_t kind, const char* label, const char* message, int64_t at_ns) {
    statistics_.Sent(0, 0, at_ns - kMillisecond);
    statistics_.Done({.kind = kind,
                      .verdict = load::Verdict::kUnexpected,
                      .label = label,
                      .message = message,
                      .latency_ns = kMillisecond,
                      .at_ns = at_ns});
  }

  BenchResult Result() {
    return {.settings = &settings_,
            .address = "host:1",
            .version = "1.2.3",
            .counts = statistics_.phases()[0],
            .cpu_seconds = 0.002};
  }

  nlohmann::json Printed() {
    std::ostringstream out;
    EXPECT_TRUE(MakeJsonPrinter(out)->Print(BenchReport(Result())).ok());
    return nlohmann::json::parse(out.str());
  }

  BenchSettings settings_;
  load::Statistics statistics_{1};
};

TEST_F(BenchReportTest, CountsByKindAndByAnswer) {
  Ok(0, 2 * kMillisecond, 102 * kMillisecond);
  Ok(0, 4 * kMillisecond, 404 * kMillisecond);
  Ok(1, 9 * kMillisecond, 2100 * kMillisecond);
  Fail(1, "RESOURCE_EXHAUSTED OVERLOADED", "no \x1b room", 500 * kMillisecond);
  Fail(1, "RESOURCE_EXHAUSTED OVERLOADED", "later", 600 * kMillisecond);
  const nlohmann::json json = Printed();
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["server"], (nlohmann::json{{"address", "host:1"}, {"version", "1.2.3"}}));
  EXPECT_EQ(json["load"]["loop"], "closed");
  EXPECT_EQ(json["load"]["concurrency"], 3);
  EXPECT_EQ(json["load"]["connections"], 2);
  EXPECT_EQ(json["seconds"], 2.0);  // from 100 ms to 2100 ms
  EXPECT_EQ(json["call_count"], 5);
  EXPECT_EQ(json["ok_count"], 3);
  EXPECT_EQ(json["failed_count"], 2);
  EXPECT_EQ(json["ok_per_second"], 1.5);
  EXPECT_EQ(json["interrupted"], false);
  EXPECT_EQ(json["latency_ms"]["max"], 9.0);
  EXPECT_NEAR(json["latency_ms"]["p50"], 4.0, 4.0 / 64);
  EXPECT_EQ(json["kinds"][0]["kind"], "a");
  EXPECT_EQ(json["kinds"][0]["call_count"], 2);
  EXPECT_EQ(json["kinds"][0]["failed_count"], 0);
  EXPECT_EQ(json["kinds"][0]["latency_ms"]["max"], 4.0);
  EXPECT_EQ(json["kinds"][1]["call_count"], 3);
  EXPECT_EQ(json["kinds"][1]["failed_count"], 2);
  EXPECT_EQ(json["answers"][0], (nlohmann::json{{"code", "OK"}, {"count", 3}}));
  EXPECT_EQ(
      json["answers"][1],
      (nlohmann::json{
          {"code", "RESOURCE_EXHAUSTED"}, {"reason", "OVERLOADED"}, {"count", 2}, {"first_message", "no \x1b room"}}));
  EXPECT_EQ(json["cpu"], (nlohmann::json{{"of", "client"}, {"seconds", 0.002}, {"us_per_call", 400.0}}));
  uint64_t in_rows = 0;
  for (const auto& row : json["histogram"]) in_rows += row["count"].get<uint64_t>();
  EXPECT_EQ(in_rows, 3u);
  EXPECT_FALSE(json.contains("due_count"));
  EXPECT_FALSE(json.contains("compared_count"));
}

TEST_F(BenchReportTest, PeopleSeeTheSame) {
  Ok(0, 2 * kMillisecond, 102 * kMillisecond);
  Ok(0, 4 * kMillisecond, 1100 * kMillisecond);
  Fail(1, "UNAVAILABLE", "no \x1b way", 500 * kMillisecond);
  const std::string text = BenchText(Result(), Style(false));
  EXPECT_THAT(text, StartsWith("tensord 1.2.3 at host:1, 2 connections; closed loop, 3 calls in flight; mix a=1,b=1\n"
                               "3 calls in 1.0 s: 2 done (2.0/s), 1 failed\n"
                               "CPU: 0.00 s, 666.7 us a call, of this client, without the server\n"));
  EXPECT_THAT(text, HasSubstr("\na                          2         0"));
  EXPECT_THAT(text, HasSubstr("\nb                          1         1          -          -          -"));
  EXPECT_THAT(text, HasSubstr("\nall                        3         1"));
  EXPECT_THAT(text, HasSubstr("\nOK                                                            2\n"));
  EXPECT_THAT(text, HasSubstr("\nUNAVAILABLE                                                   1\n"
                              "  the first: no \\x1b way\n"));
  EXPECT_THAT(text, HasSubstr(" up to, ms "));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) EXPECT_LE(line.size(), 100u);
}

TEST_F(BenchReportTest, AnOpenLoopTellsWhatItDidNotSend) {
  settings_.rate = 50;
  settings_.load.concurrency = 0;
  settings_.load.max_outstanding = 7;
  Ok(0, 2 * kMillisecond, 102 * kMillisecond);
  statistics_.Skipped(0, 5);
  const nlohmann::json json = Printed();
  EXPECT_EQ(json["load"]["loop"], "open");
  EXPECT_EQ(json["load"]["rate"], 50.0);
  EXPECT_EQ(json["load"]["arrivals"], "poisson");
  EXPECT_FALSE(json["load"].contains("concurrency"));
  EXPECT_EQ(json["due_count"], 6);
  EXPECT_EQ(json["not_sent_count"], 5);
  EXPECT_EQ(json["send_lag_ms"]["max"], 0.0);
  EXPECT_THAT(BenchText(Result(), Style(false)), AllOf(HasSubstr("open loop, 50 calls/s at random distances"),
                                                       HasSubstr("6 due, sent late by p99 0.000 ms; "),
                                                       HasSubstr("5 not sent: 7 were in flight already")));
}

TEST_F(BenchReportTest, NothingAnsweredIsNoLatency) {
  Fail(0, "UNAVAILABLE", "gone", 500 * kMillisecond);
  const nlohmann::json json = Printed();
  EXPECT_TRUE(json["latency_ms"].is_null());
  EXPECT_TRUE(json["kinds"][1]["latency_ms"].is_null());
  EXPECT_TRUE(json["histogram"].empty());
  EXPECT_THAT(BenchText(Result(), Style(false)), Not(HasSubstr("up to, ms")));
}

TEST_F(BenchReportTest, InThisProcessTheCpuIsOfBoth) {
  Ok(0, kMillisecond, 2 * kMillisecond);
  BenchResult result = Result();
  result.address = "";
  EXPECT_THAT(BenchText(result, Style(false)),
              AllOf(StartsWith("tensord 1.2.3 in this process; "), HasSubstr("of client and server")));
  EXPECT_TRUE(FindValue(BenchReport(result), "server.address")->is_null());
  EXPECT_EQ(*FindValue(BenchReport(result), "cpu.of"), "client and server");
}

TEST_F(BenchReportTest, SuccessIsThatEveryCallWasRight) {
  EXPECT_FALSE(Result().is_success());  // nothing was answered
  Ok(0, kMillisecond, 2 * kMillisecond);
  EXPECT_TRUE(Result().is_success());
  BenchResult interrupted = Result();
  interrupted.is_interrupted = true;
  EXPECT_FALSE(interrupted.is_success());
  EXPECT_THAT(BenchText(interrupted, Style(false)), HasSubstr(" s, interrupted: "));
  BenchResult differing = Result();
  differing.counts.compared_answers = 2;
  differing.counts.differing_answers = 1;
  EXPECT_FALSE(differing.is_success());
  settings_.load.verify_every = 1;
  EXPECT_THAT(BenchText(differing, Style(false)),
              HasSubstr("2 answers compared with the first of their kind, 1 differ"));
  EXPECT_EQ(*FindValue(BenchReport(differing), "differing_count"), 1);
  Fail(0, "INTERNAL", "bug", 3 * kMillisecond);
  EXPECT_FALSE(Result().is_success());
}

TEST(MixesTest, AreListedWithTheirShares) {
  std::ostringstream out;
  ASSERT_TRUE(MakeJsonPrinter(out)->Print(MixesReport()).ok());
  const nlohmann::json json = nlohmann::json::parse(out.str());
  for (const auto& mix : json["mixes"]) {
    double percent = 0;
    for (const auto& kind : mix["kinds"]) {
      percent += kind["percent"].get<double>();
      EXPECT_GT(kind["request_bytes"], 0);
    }
    EXPECT_DOUBLE_EQ(percent, 100) << mix["mix"];
  }
  const std::string text = MixesText(Style(false));
  for (const std::string& name : load::KindNames()) EXPECT_THAT(text, HasSubstr(" " + name + " "));
  EXPECT_THAT(text, HasSubstr("standard      70 %  convolve           /tensord.v1.TensorService/Convolve"));
}

}  // namespace
}  // namespace tensord::cli
