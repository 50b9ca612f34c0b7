// The generator against a server in this process: what ends a run, and what is counted.
#include "client/load/generator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/local_server.h"

namespace tensord::load {
namespace {

class GeneratorTest : public testing::Test {
 protected:
  // Longer than the test may take: only its control ends a run.
  static constexpr double kEndless = 1e6;

  void SetUp() override {
    auto settings = server::LocalSettings();
    ASSERT_TRUE(settings.ok()) << settings.status();
    auto server = server::LocalServer::Start(*settings);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    options_.phases = {{.name = "load", .seconds = kEndless}};
    options_.deadline_seconds = 60;
  }

  PhaseStatistics Run(const char* mix, Control& control, const std::function<void(const Statistics&)>& look = {}) {
    auto kinds = ParseMix(mix);
    EXPECT_TRUE(kinds.ok()) << kinds.status();
    Statistics statistics(1);
    AnswerCheck answer_check(kinds->size(), options_.verify_every);
    const Plan plan{.options = &options_,
                    .kinds = *kinds,
                    .order = MakeOrder(*kinds, options_.seed),
                    .authorization = {},
                    .start = std::chrono::steady_clock::now(),
                    .statistics = &statistics,
                    .answer_check = &answer_check,
                    .control = &control};
    Generate(plan, {server_->channel()}, [&] {
      if (look) look(statistics);
    });
    return statistics.phases()[0];
  }

  std::unique_ptr<server::LocalServer> server_;
  LoadOptions options_;
};

TEST_F(GeneratorTest, AClosedLoopSendsAsManyCallsAsItMay) {
  options_.concurrency = 3;
  options_.verify_every = 1;
  Control control(200);
  const PhaseStatistics counts = Run("convolve=1,describe-dataset=1", control);
  EXPECT_EQ(counts.due, 200u);
  EXPECT_EQ(counts.sent, 200u);
  EXPECT_EQ(counts.skipped, 0u);
  EXPECT_EQ(counts.verdict(Verdict::kAccepted), 200u);
  EXPECT_EQ(counts.compared_answers, 198u);
  EXPECT_EQ(counts.differing_answers, 0u);
  ASSERT_EQ(counts.accepted_by_kind.size(), 2u);
  EXPECT_EQ(counts.accepted_by_kind.at(0).count() + counts.accepted_by_kind.at(1).count(), 200u);
  EXPECT_EQ(counts.codes.at({0, "OK"}), counts.accepted_by_kind.at(0).count());
  EXPECT_GE(counts.first_sent_ns, 0);
  EXPECT_GT(counts.last_answer_ns, counts.first_sent_ns);
}

TEST_F(GeneratorTest, FewerCallsThanTheConcurrency) {
  options_.concurrency = 50;
  Control control(7);
  EXPECT_EQ(Run("describe-dataset", control).sent, 7u);
}

TEST_F(GeneratorTest, AnOpenLoopSendsAsManyCallsAsItMay) {
  options_.phases[0].rate = 2000;
  options_.arrivals = Arrivals::kFixed;
  Control control(40);
  const PhaseStatistics counts = Run("describe-dataset", control);
  EXPECT_EQ(counts.due, 40u);
  EXPECT_EQ(counts.finished(), counts.sent);
  EXPECT_EQ(counts.lag.count(), counts.sent);
}

TEST_F(GeneratorTest, ARunThatIsStoppedAnswersWhatItSent) {
  for (const double rate : {0.0, 500.0}) {
    options_.concurrency = rate > 0 ? 0 : 2;
    options_.phases[0].rate = rate;
    Control control;
    const PhaseStatistics counts = Run("describe-dataset", control, [&control](const Statistics& so_far) {
      if (so_far.accepted_count(0) > 0) control.Stop();
    });
    EXPECT_GT(counts.sent, 0u);
    EXPECT_EQ(counts.finished(), counts.sent);
  }
}

TEST_F(GeneratorTest, NothingIsSentOnceItIsStopped) {
  options_.concurrency = 2;
  Control control;
  control.Stop();
  const PhaseStatistics counts = Run("describe-dataset", control);
  EXPECT_EQ(counts.due, 0u);
  EXPECT_EQ(counts.first_sent_ns, -1);
}

TEST(ControlTest, GivesAsManyCallsAsThereAre) {
  Control control(2);
  EXPECT_TRUE(control.TakeCall());
  EXPECT_FALSE(control.stopped());
  EXPECT_TRUE(control.TakeCall());
  EXPECT_TRUE(control.stopped());
  EXPECT_FALSE(control.TakeCall());
  Control endless;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(endless.TakeCall());
  endless.Stop();
  EXPECT_FALSE(endless.TakeCall());
}

}  // namespace
}  // namespace tensord::load
