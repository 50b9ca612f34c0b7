// The parts of `tensorctl batch`: lines, answers in order, how far it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "client/cli/batch/answer.h"
#include "client/cli/batch/answer_writer.h"
#include "client/cli/batch/line_reader.h"
#include "client/cli/batch/progress_bar.h"

namespace tensord::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> Read(const std::string& text, size_t max_bytes = 100) {
  std::istringstream in(text);
  LineReader reader(in, max_bytes);
  std::vector<std::string> lines;
  while (const std::optional<Line> line = reader.Next()) {
    lines.push_back(std::to_string(line->number) + ":" + line->text + (line->is_too_long ? "..." : ""));
  }
  EXPECT_EQ(reader.bytes_read(), static_cast<int64_t>(text.size()));
  EXPECT_FALSE(reader.failed());
  return lines;
}

TEST(LineReaderTest, CountsBlankLinesAndCommentsAndPassesThemOver) {
  EXPECT_THAT(Read("# a\n\n{1}\n  \t\n  # b\r\n{2}\n"), ElementsAre("3:{1}", "6:{2}"));
  EXPECT_THAT(Read(""), ElementsAre());
  EXPECT_THAT(Read("\n#\n"), ElementsAre());
}

TEST(LineReaderTest, EndsOfLinesMakeNoDifference) {
  EXPECT_THAT(Read("{1}\r\n{2}"), ElementsAre("1:{1}", "2:{2}"));
  EXPECT_THAT(Read("{1}\n{2}\n"), ElementsAre("1:{1}", "2:{2}"));
}

TEST(LineReaderTest, PassesOverTheRestOfALineThatIsTooLong) {
  EXPECT_THAT(Read("12345\n123456\n7\n", 5), ElementsAre("1:12345", "2:12345...", "3:7"));
}

v1::StreamComputeResponse PoolAnswer(int64_t size) {
  v1::StreamComputeResponse response;
  response.mutable_pool()->mutable_output()->set_data_type(v1::DATA_TYPE_FLOAT32);
  response.mutable_pool()->mutable_output()->add_shape(size);
  response.mutable_pool()->mutable_output()->add_shape(2);
  return response;
}

Origin OriginOf(int64_t line) { return {.line = line, .id = 7, .operation = "pool"}; }

TEST(ParseOperationTest, SaysWhatIsWrong) {
  const auto message = [](const char* text) { return std::string(ParseOperation(text).status().message()); };
  EXPECT_THAT(message("{"), StartsWith("the line is no StreamComputeRequest in JSON: "));
  EXPECT_THAT(message("[1]"), StartsWith("the line is no StreamComputeRequest in JSON: "));
  EXPECT_THAT(message(R"({"pol":{}})"), HasSubstr("pol"));
  EXPECT_THAT(message(R"({"id":3})"), AllOf(HasSubstr("no operation"), HasSubstr("convolve, "), HasSubstr("unpool")));
  const auto parsed = ParseOperation(R"({"id":"3","poolBackward":{}})");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->id(), 3U);
  EXPECT_EQ(OperationName(*parsed), "pool_backward");
}

TEST(AnswerTest, IsALineOfJson) {
  EXPECT_EQ(AnswerJson({OriginOf(3), PoolAnswer(5)}),
            R"({"line":3,"id":"7","pool":{"output":{"data_type":"DATA_TYPE_FLOAT32","shape":["5","2"]}}})");
  const auto error = nlohmann::json::parse(AnswerJson(ErrorAnswer({4, 0, ""}, absl::InvalidArgumentError("a \xff\n"))));
  EXPECT_EQ(error["line"], 4);
  EXPECT_FALSE(error.contains("id"));
  EXPECT_EQ(error["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(error["error"]["message"], "a \xef\xbf\xbd\n");
}

TEST(AnswerTest, IsALineOfText) {
  EXPECT_EQ(AnswerText({OriginOf(3), PoolAnswer(5)}), "     3       7  pool  output 5x2 float32");
  EXPECT_EQ(AnswerText(ErrorAnswer({4, 0, ""}, absl::InvalidArgumentError("a\nb"))),
            "     4       -  INVALID_ARGUMENT: a\\x0ab");
}

// Waits until `condition` holds, for as long as a starved machine may take.
template <typename Condition>
void WaitUntil(Condition condition) {
  for (int i = 0; i < 6000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(condition());
}

// Delivers the answers of `places` in that order, and returns the lines as they were written.
std::vector<int64_t> Written(const AnswerWriterOptions& options, const std::vector<uint64_t>& places) {
  std::vector<int64_t> lines;
  std::atomic<size_t> written = 0;
  AnswerWriter writer(
      options, [&](const Answer& answer) { return lines.push_back(answer.origin.line), ++written, true; },
      [](const BatchCounts&) {});
  for (size_t i = 0; i < places.size(); ++i) EXPECT_EQ(writer.Expect(OriginOf(static_cast<int64_t>(10 + i))), i);
  size_t delivered = 0;
  for (const uint64_t place : places) {
    writer.Deliver(place, PoolAnswer(1));
    ++delivered;
    if (!options.is_ordered) WaitUntil([&] { return written.load() == delivered; });
  }
  EXPECT_EQ(writer.Finish().done, static_cast<int64_t>(places.size()));
  return lines;
}

TEST(AnswerWriterTest, WritesInOrder) { EXPECT_THAT(Written({}, {2, 1, 3, 0}), ElementsAre(10, 11, 12, 13)); }

TEST(AnswerWriterTest, WritesAsTheyCome) {
  EXPECT_THAT(Written({.is_ordered = false}, {2, 1, 3, 0}), ElementsAre(12, 11, 13, 10));
}

TEST(AnswerWriterTest, CountsErrorsAndIgnoresASecondAnswer) {
  int written = 0;
  AnswerWriter writer(
      {}, [&](const Answer&) { return ++written, true; }, [](const BatchCounts&) {});
  for (int i = 0; i < 3; ++i) static_cast<void>(writer.Expect(OriginOf(i)));
  writer.Deliver(1, PoolAnswer(1));
  writer.Deliver(1, PoolAnswer(1));
  writer.DeliverError(0, absl::UnavailableError("gone"));
  writer.Deliver(2, PoolAnswer(1));
  const BatchCounts counts = writer.Finish();
  EXPECT_EQ(counts.done, 3);
  EXPECT_EQ(counts.failed, 1);
  EXPECT_EQ(written, 3);
}

// One slow operation, then many fast ones: no more than the window are taken until it is answered.
void ExpectHeldBack(const AnswerWriterOptions& options, int64_t size, int taken_before) {
  AnswerWriter writer(
      options, [](const Answer&) { return true; }, [](const BatchCounts&) {});
  ASSERT_EQ(writer.Expect(OriginOf(1)), 0U);
  std::atomic<int> taken = 1;
  std::thread rest([&] {
    for (uint64_t i = 1; i < 50; ++i) {
      EXPECT_EQ(writer.Expect(OriginOf(1)), i);
      ++taken;
      v1::StreamComputeResponse answer = PoolAnswer(1);
      answer.mutable_pool()->mutable_output()->set_data(std::string(static_cast<size_t>(size), 'x'));
      writer.Deliver(i, std::move(answer));
    }
  });
  WaitUntil([&] { return taken.load() == taken_before; });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(taken.load(), taken_before);
  writer.Deliver(0, PoolAnswer(1));
  rest.join();
  EXPECT_EQ(writer.Finish().done, 50);
}

TEST(AnswerWriterTest, HoldsBackAtTheWindow) { ExpectHeldBack({.window = 8}, 1, 8); }

TEST(AnswerWriterTest, HoldsBackAtTheBytes) { ExpectHeldBack({.window = 1000, .max_waiting_bytes = 10000}, 3000, 5); }

TEST(AnswerWriterTest, NothingWaitsOnceNothingCanBeWritten) {
  AnswerWriter writer(
      {.window = 2}, [](const Answer&) { return false; }, [](const BatchCounts&) {});
  for (int i = 0; i < 2; ++i) static_cast<void>(writer.Expect(OriginOf(i)));
  writer.Deliver(0, PoolAnswer(1));
  static_cast<void>(writer.Expect(OriginOf(2)));
  static_cast<void>(writer.Finish());
  EXPECT_TRUE(writer.failed());
}

TEST(ProgressTextTest, SaysHowFarItIs) {
  EXPECT_EQ(ProgressText({.done = 520, .failed = 3}, 0.5, 4.0),
            "[============>           ]  50 %  517 done, 3 failed, 130/s, 4 s left");
  EXPECT_EQ(ProgressText({.done = 10, .failed = 0}, 1.0, 2.0),
            "[========================] 100 %  10 done, 0 failed, 5/s");
  EXPECT_EQ(ProgressText({.done = 10, .failed = 0}, std::nullopt, 2.0), "10 done, 0 failed, 5/s");
  EXPECT_THAT(ProgressText({}, 0.0, 0.0), Not(HasSubstr("left")));
}

TEST(ProgressTextTest, SumsUp) {
  EXPECT_EQ(SummaryText({.done = 1, .failed = 0}, 0.5), "1 operation in 0.5 s (2/s): 1 done, 0 failed");
  EXPECT_EQ(SummaryText({.done = 300, .failed = 20}, 2), "300 operations in 2.0 s (150/s): 280 done, 20 failed");
}

}  // namespace
}  // namespace tensord::cli
