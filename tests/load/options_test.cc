#include "tests/load/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tensord::load {
namespace {

using ::testing::HasSubstr;

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "tensord_load");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

TEST(OptionsTest, AnOpenLoop) {
  const CommandLine parsed =
      Parse({"--target", "unix:/s", "--rate", "250", "--seconds", "3", "--arrivals", "fixed", "--warm-up", "1"});
  ASSERT_FALSE(parsed.exit_code.has_value()) << parsed.text;
  ASSERT_EQ(parsed.options.phases.size(), 2u);
  EXPECT_EQ(parsed.options.phases[0].name, "warm-up");
  EXPECT_EQ(parsed.options.phases[0].rate, 250);
  EXPECT_EQ(parsed.options.phases[0].seconds, 1);
  EXPECT_EQ(parsed.options.phases[1].name, "load");
  EXPECT_EQ(parsed.options.phases[1].seconds, 3);
  EXPECT_EQ(parsed.options.arrivals, Arrivals::kFixed);
  EXPECT_FALSE(parsed.options.tls);
}

TEST(OptionsTest, AClosedLoop) {
  const CommandLine parsed = Parse({"--target", "h:1", "--concurrency", "16", "--seconds", "2"});
  ASSERT_FALSE(parsed.exit_code.has_value()) << parsed.text;
  EXPECT_EQ(parsed.options.concurrency, 16);
  ASSERT_EQ(parsed.options.phases.size(), 1u);
  EXPECT_EQ(parsed.options.phases[0].rate, 0);
}

TEST(OptionsTest, Phases) {
  const CommandLine parsed = Parse({"--target", "h:1", "--phase", "before=100:5", "--phase", "overload=5000.5:60"});
  ASSERT_FALSE(parsed.exit_code.has_value()) << parsed.text;
  ASSERT_EQ(parsed.options.phases.size(), 2u);
  EXPECT_EQ(parsed.options.phases[1].name, "overload");
  EXPECT_EQ(parsed.options.phases[1].rate, 5000.5);
  EXPECT_EQ(parsed.options.phases[1].seconds, 60);
}

TEST(OptionsTest, AnyTlsOptionMeansTls) {
  EXPECT_TRUE(Parse({"--target", "h:1", "--rate", "1", "--tls-ca", "ca.pem"}).options.tls);
  EXPECT_TRUE(Parse({"--target", "h:1", "--rate", "1", "--tls-server-name", "tensord"}).options.tls);
}

struct Wrong {
  std::vector<const char*> arguments;
  std::string complaint;
};

TEST(OptionsTest, WhatIsWrongIsNamed) {
  const std::vector<Wrong> cases = {
      {{"--rate", "1"}, "--target"},
      {{"--target", "h:1"}, "give --concurrency, --rate or --phase"},
      {{"--target", "h:1", "--rate", "0"}, "--rate"},
      {{"--target", "h:1", "--rate", "-3"}, "--rate"},
      {{"--target", "h:1", "--rate", "1", "--concurrency", "1"}, "--concurrency"},
      {{"--target", "h:1", "--rate", "1", "--phase", "a=1:1"}, "--phase"},
      {{"--target", "h:1", "--rate", "1", "--hostile", "101"}, "--hostile"},
      {{"--target", "h:1", "--rate", "1", "--arrivals", "sometimes"}, "--arrivals"},
      {{"--target", "h:1", "--rate", "1", "--tls-certificate", "c.pem"}, "--tls-key"},
      {{"--target", "h:1", "--rate", "1", "--unknown"}, "--unknown"},
      {{"--target", "h:1", "--phase", "a=1"}, "--phase: was \"a=1\", has to be NAME=RATE:SECONDS"},
  };
  for (const Wrong& wrong : cases) {
    const CommandLine parsed = Parse(wrong.arguments);
    EXPECT_EQ(parsed.exit_code, 2) << wrong.complaint;
    EXPECT_THAT(parsed.text, HasSubstr(wrong.complaint));
  }
}

TEST(OptionsTest, PhasesThatAreNone) {
  for (const char* text :
       {"", "a", "=1:1", "a=:1", "a=1:", "a=0:1", "a=1:0", "a=-1:1", "a=nan:1", "a=1:inf", "a=1:2:3", "a=x:1"}) {
    EXPECT_FALSE(ParsePhase(text).ok()) << text;
  }
}

TEST(OptionsTest, HelpSaysWhatIsExpected) {
  const CommandLine parsed = Parse({"--help"});
  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_THAT(parsed.text, HasSubstr("What is expected:"));
}

}  // namespace
}  // namespace tensord::load
