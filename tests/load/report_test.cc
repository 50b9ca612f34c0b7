#include "tests/load/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/load/answer_check.h"

namespace tensord::load {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;

class ReportTest : public testing::Test {
 protected:
  ReportTest() {
    options_.phases = {{"before", 10, 1}, {"overload", 50, 2}};
    kinds_ = {{.name = "good", .expected = {"OK"}}, {.name = "bad", .hostile = true, .expected = {"UNIMPLEMENTED"}}};
  }

  void Accept(size_t phase, int64_t latency_ns, int64_t at_ns) {
    statistics_.Sent(phase, 0, at_ns - latency_ns);
    statistics_.Done({.phase = phase, .verdict = Verdict::kAccepted, .latency_ns = latency_ns, .at_ns = at_ns});
  }

  Result MakeResult() {
    return {.options = &options_,
            .kinds = &kinds_,
            .phases = statistics_.phases(),
            .seconds = statistics_.seconds(),
            .elapsed_seconds = 3,
            .cpu_seconds = 0.5};
  }

  Options options_;
  std::vector<Kind> kinds_;
  Statistics statistics_{2};
};

TEST_F(ReportTest, CountsByPhaseAndBySecond) {
  Accept(0, 2 * kMillisecond, 5 * kMillisecond);
  Accept(0, 3 * kMillisecond, 6 * kMillisecond);
  Accept(1, 9 * kMillisecond, kSecond + 20 * kMillisecond);
  statistics_.Done({.phase = 1,
                    .verdict = Verdict::kRefused,
                    .label = "RESOURCE_EXHAUSTED OVERLOADED",
                    .latency_ns = kMillisecond,
                    .at_ns = 2 * kSecond,
                    .has_retry_info = true});
  statistics_.Done({.phase = 1, .kind = 1, .verdict = Verdict::kHostile, .label = "UNIMPLEMENTED", .at_ns = kSecond});
  statistics_.Skipped(1, 7);
  const auto json = nlohmann::json::parse(ToJson(MakeResult()));
  EXPECT_EQ(json["phases"][0]["goodput"], 2.0);
  EXPECT_EQ(json["phases"][1]["goodput"], 0.5);
  EXPECT_EQ(json["phases"][1]["due"], 8);
  EXPECT_EQ(json["phases"][1]["skipped"], 7);
  EXPECT_EQ(json["phases"][1]["refusals_with_retry_info"], 1);
  EXPECT_EQ(json["phases"][1]["refusals_with_pushback"], 0);
  EXPECT_EQ(json["unexpected"], 0);
  ASSERT_EQ(json["seconds"].size(), 3u);
  EXPECT_EQ(json["seconds"][0]["accepted"], 2);
  EXPECT_EQ(json["seconds"][0]["p99_ms"], 3.0);
  EXPECT_EQ(json["seconds"][1]["p99_ms"], 9.0);
  EXPECT_EQ(json["seconds"][2]["refused"], 1);
  EXPECT_THAT(ToText(MakeResult()), HasSubstr("unexpected: 0\n"));
}

TEST_F(ReportTest, UnexpectedCodesAndDifferingAnswersCount) {
  statistics_.Done({.phase = 0, .verdict = Verdict::kUnexpected, .label = "INTERNAL", .message = "line\nbreak"});
  statistics_.Done({.phase = 0, .verdict = Verdict::kUnexpected, .label = "INTERNAL", .message = "later"});
  statistics_.Done({.phase = 0, .verdict = Verdict::kAccepted, .compared = true, .differs = true});
  const Result result = MakeResult();
  EXPECT_EQ(UnexpectedCount(result), 3u);
  EXPECT_EQ(AcceptedCount(result), 1u);
  EXPECT_THAT(ToText(result), HasSubstr("INTERNAL"));
  EXPECT_THAT(ToText(result), HasSubstr("(not its own answer)"));
  EXPECT_THAT(ToText(result), HasSubstr("unexpected INTERNAL, for example: \"line\\nbreak\""));
  EXPECT_THAT(ToText(result), HasSubstr("unexpected: 3\n"));
}

TEST(AnswerCheckTest, EveryNthAnswerIsComparedWithTheFirst) {
  AnswerCheck check(2, 2);
  const auto look = [&](size_t kind, const std::string& bytes) { return check.Look(kind, ToBuffer(bytes)); };
  EXPECT_FALSE(look(0, "same").compared);  // the first
  EXPECT_FALSE(look(0, "other").compared);
  EXPECT_TRUE(look(0, "same").compared);
  EXPECT_FALSE(look(0, "same").compared);
  EXPECT_TRUE(look(0, "another").differs);
  EXPECT_FALSE(look(1, "another").compared);  // the first of its kind
}

TEST(AnswerCheckTest, NoneIsComparedWhereThatIsOff) {
  AnswerCheck check(1, 0);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(check.Look(0, ToBuffer(std::to_string(i))).compared);
}

}  // namespace
}  // namespace tensord::load
