// The tests of a replay. A binary includes this once and instantiates ReplayTest with its targets.
#ifndef TENSORD_TESTS_FUZZ_REPLAY_SUITE_H_
#define TENSORD_TESTS_FUZZ_REPLAY_SUITE_H_

#include <gtest/gtest.h>

#include <string>

#include "tests/fuzz/replay.h"

namespace tensord::fuzz {

// A broken rule ends the process: there is nothing to expect here.
class ReplayTest : public testing::TestWithParam<Replay> {};

inline std::string ReplayName(const testing::TestParamInfo<Replay>& info) { return info.param.name; }

TEST_P(ReplayTest, TheCorpusBreaksNothing) {
  const auto inputs = Inputs(GetParam());
  ASSERT_GE(inputs.size(), 5u) << "no corpus";
  RunOn(GetParam().target, "");
  for (const std::string& input : inputs) {
    EXPECT_LE(input.size(), 4096u) << "a seed is small";
    RunOn(GetParam().target, input);
  }
}

TEST_P(ReplayTest, CutShortAnywhereItBreaksNothing) {
  for (const std::string& input : Inputs(GetParam())) RunTruncated(GetParam().target, input);
}

TEST_P(ReplayTest, WithAnyByteBentItBreaksNothing) {
  for (const std::string& input : Inputs(GetParam())) RunBent(GetParam().target, input);
}

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_REPLAY_SUITE_H_
