#include "server/rpc/json_log.h"

#include <gmock/gmock.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <latch>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace tensord::server {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class JsonLogTest : public ::testing::Test {
 protected:
  // The lines written so far.
  [[nodiscard]] std::vector<std::string> lines() {
    log_.Flush();
    std::vector<std::string> result;
    std::istringstream stream(text_.str());
    for (std::string line; std::getline(stream, line);) result.push_back(line);
    return result;
  }
  // The only line's member "text", after a value went through.
  nlohmann::json Logged(const std::string& value) {
    log_.Write(LogLevel::kInfo, "event", {{"text", value}});
    EXPECT_EQ(lines().size(), 1U);
    const std::string line = lines().at(0);
    EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c < 0x7f; })) << line;
    return nlohmann::json::parse(line).at("text");
  }

  std::ostringstream text_;
  JsonLog log_{LogLevel::kInfo, std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)};
};

TEST_F(JsonLogTest, WritesOneObjectWithTimeLevelEventAndFields) {
  log_.Write(LogLevel::kWarning, "some_event",
             {{"count", int64_t{-7}}, {"ratio", 0.5}, {"on", true}, {"name", std::string("x")}});
  ASSERT_EQ(lines().size(), 1U);
  const auto object = nlohmann::ordered_json::parse(lines()[0]);
  EXPECT_THAT(object["time"].get<std::string>(),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"));
  nlohmann::ordered_json rest = object;
  rest.erase("time");
  EXPECT_EQ(rest.dump(), R"({"level":"warning","event":"some_event","count":-7,"ratio":0.5,"on":true,"name":"x"})");
}

TEST_F(JsonLogTest, EscapesControlCharacters) {
  std::string value;
  for (char c = 0; c < 0x20; ++c) value.push_back(c);
  value += "\x7f\"\\{}%s";
  EXPECT_EQ(Logged(value).get<std::string>(), value);
}

TEST_F(JsonLogTest, ForgedLineStaysInsideItsValue) {
  const std::string forged = "x\"}\n{\"time\":\"now\",\"level\":\"info\",\"event\":\"forged\"}";
  EXPECT_EQ(Logged(forged).get<std::string>(), forged);
}

TEST_F(JsonLogTest, EscapesLineSeparatorsAndTerminalSequencesBeyondAscii) {
  const std::string value = "\xe2\x80\xa8|\xc2\x9b|\xc3\xa9";  // U+2028, CSI, e acute
  EXPECT_EQ(Logged(value).get<std::string>(), value);
  EXPECT_THAT(lines()[0], HasSubstr("\\u2028|\\u009b|\\u00e9"));
}

TEST_F(JsonLogTest, InvalidUtf8BecomesReplacementCharacters) {
  EXPECT_EQ(Logged("a\xff\xc3(b\xed\xa0\x80").get<std::string>().substr(0, 4), "a\xef\xbf\xbd");
}

TEST_F(JsonLogTest, CutsLongValuesAt256Bytes) {
  const std::string logged = Logged(std::string(10 << 10, 'a')).get<std::string>();
  EXPECT_EQ(logged, std::string(253, 'a') + "...");
  EXPECT_LT(lines()[0].size(), 400U);
}

TEST_F(JsonLogTest, KeepsValueOf256Bytes) {
  EXPECT_EQ(Logged(std::string(256, 'a')).get<std::string>(), std::string(256, 'a'));
}

TEST_F(JsonLogTest, CutsBetweenCharacters) {
  std::string value = "a";
  for (int i = 0; i < 200; ++i) value += "\xe2\x82\xac";  // euro signs: byte 253 lies inside one
  std::string expected = "a";
  for (int i = 0; i < 84; ++i) expected += "\xe2\x82\xac";
  EXPECT_EQ(Logged(value).get<std::string>(), expected + "...");
}

TEST_F(JsonLogTest, FieldCannotReplaceTheHead) {
  log_.Write(LogLevel::kInfo, "real", {{"event", std::string("forged")}, {"level", int64_t{9}}});
  const auto object = nlohmann::json::parse(lines().at(0));
  EXPECT_EQ(object["event"], "real");
  EXPECT_EQ(object["level"], "info");
}

TEST_F(JsonLogTest, NumberWithoutJsonFormIsNull) {
  log_.Write(LogLevel::kInfo, "event", {{"x", std::nan("")}});
  EXPECT_THAT(lines().at(0), EndsWith("\"x\":null}"));
}

TEST_F(JsonLogTest, DropsEventsBelowItsLevel) {
  log_.Write(LogLevel::kDebug, "quiet", {});
  EXPECT_TRUE(lines().empty());
  log_.Write(LogLevel::kError, "loud", {});
  EXPECT_EQ(lines().size(), 1U);
}

TEST(JsonLogLevelTest, OffDropsEverything) {
  std::ostringstream text;
  JsonLog log(LogLevel::kOff, std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
  log.Write(LogLevel::kError, "event", {});
  log.Flush();
  EXPECT_EQ(text.str(), "");
}

TEST_F(JsonLogTest, LinesOfManyThreadsStayWhole) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 200; ++i) log_.Write(LogLevel::kInfo, "event", {{"text", std::string(100, 'x')}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(lines().size(), 800U);
  for (const std::string& line : lines()) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST_F(JsonLogTest, GrpcErrorsBecomeWarningsAndTheRestIsDropped) {
  const GrpcLogRedirect redirect(&log_);
  gpr_log("src/core/lib/a.cc", 12, GPR_LOG_SEVERITY_INFO, "quiet");
  gpr_log("src/core/lib/a.cc", 12, GPR_LOG_SEVERITY_ERROR, "client sent %s", "\n\x01");
  ASSERT_EQ(lines().size(), 1U);
  const auto object = nlohmann::json::parse(lines()[0]);
  EXPECT_EQ(object["level"], "warning");
  EXPECT_EQ(object["event"], "grpc");
  EXPECT_EQ(object["message"], "client sent \n\x01");
  EXPECT_EQ(object["source"], "a.cc:12");
}

TEST_F(JsonLogTest, FloodFromGrpcIsLimited) {
  const GrpcLogRedirect redirect(&log_);
  for (int i = 0; i < 100'000; ++i) gpr_log("a.cc", 1, GPR_LOG_SEVERITY_ERROR, "again");
  // Ten a second: even a slow machine does not take a minute for this.
  EXPECT_GE(lines().size(), 10U);
  EXPECT_LT(lines().size(), 610U);
}

TEST_F(JsonLogTest, NothingFromGrpcArrivesAfterTheRedirect) {
  { const GrpcLogRedirect redirect(&log_); }
  gpr_log("a.cc", 1, GPR_LOG_SEVERITY_ERROR, "late");
  EXPECT_TRUE(lines().empty());
}

// A sink that lets nothing pass until it is opened.
class BlockedSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void Open() { open_.count_down(); }
  int line_count() const { return line_count_; }

 private:
  void sink_it_(const spdlog::details::log_msg& /*message*/) override {
    open_.wait();
    ++line_count_;
  }
  void flush_() override {}

  std::latch open_{1};
  std::atomic<int> line_count_ = 0;
};

TEST(JsonLogReaderTest, NobodyWaitsForAReaderThatHangs) {
  const auto sink = std::make_shared<BlockedSink>();
  JsonLog log(LogLevel::kInfo, sink);
  for (int i = 0; i < 20'000; ++i) log.Write(LogLevel::kInfo, "event", {});
  EXPECT_GE(log.dropped_count(), 20'000 - 8192 - 1);
  sink->Open();
  log.Flush();
  EXPECT_EQ(sink->line_count() + log.dropped_count(), 20'000);
}

TEST_F(JsonLogTest, LevelCanChange) {
  log_.Write(LogLevel::kDebug, "before", {});
  log_.SetLevel(LogLevel::kDebug);
  log_.Write(LogLevel::kDebug, "after", {});
  ASSERT_EQ(lines().size(), 1U);
  EXPECT_EQ(nlohmann::json::parse(lines()[0])["event"], "after");
}

}  // namespace
}  // namespace tensord::server
