// The program itself: grading, the same through every door.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/config.h"
#include "server/metrics/metrics.h"
#include "server/rpc/log.h"
#include "server/server.h"
#include "tests/client/cli/process.h"
#include "tests/support/temporary_directory.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using testing::TemporaryDirectory;

const std::string kHomework = TENSORD_EXAMPLES_FOLDER "/homework10/";

ProcessResult Grade(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "grade");
  return RunProcess(TENSORCTL, arguments);
}

std::vector<std::string> Slips(const Json& part) {
  std::vector<std::string> ids;
  for (const Json& slip : part["diagnosis"]) ids.push_back(slip["id"]);
  return ids;
}

// By part: the verdict and what explains it.
using Expected = std::map<std::string, std::pair<std::string, std::vector<std::string>>>;

void ExpectVerdicts(const Json& submission, const Expected& expected) {
  EXPECT_EQ(submission["parts"].size(), expected.size());
  for (const Json& part : submission["parts"]) {
    const auto found = expected.find(part["id"]);
    ASSERT_NE(found, expected.end()) << part["id"];
    EXPECT_EQ(part["verdict"], found->second.first) << part["id"];
    EXPECT_EQ(Slips(part), found->second.second) << part["id"];
    EXPECT_EQ(part["points"], found->second.first == "right" ? 1 : 0) << part["id"];
  }
}

TEST(GradeTest, ARealStudentsMistakesAreNamed) {
  const ProcessResult result = Grade({kHomework + "assignment.yaml", kHomework + "student.yaml", "--format", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json report = Json::parse(result.out);
  EXPECT_EQ(report["schema_version"], 1);
  EXPECT_EQ(report["assignment"], "homework10");
  ASSERT_EQ(report["submissions"].size(), 1U);
  const Json& student = report["submissions"][0];
  EXPECT_EQ(student["score"], 8);
  EXPECT_EQ(student["max_score"], 18);
  const std::string channels = "input-channels-for-output-channels";
  ExpectVerdicts(student, {{"1a", {"right", {}}},
                           {"1b", {"right", {}}},
                           {"1c", {"right", {}}},
                           {"2a", {"ungradable", {}}},
                           {"2b", {"right", {}}},
                           {"2c", {"right", {}}},
                           {"2d", {"wrong", {}}},
                           {"2e", {"right", {}}},
                           {"3a", {"wrong", {channels}}},
                           {"3b", {"wrong", {channels + "+entries-for-channels"}}},
                           {"3c", {"wrong", {channels + "+taps-forgotten"}}},
                           {"3d", {"wrong", {"bias-per-input-channel"}}},
                           {"4a", {"right", {}}},
                           {"4b", {"wrong", {"sum-forgotten", "unknown-index"}}},
                           {"4c", {"wrong", {"sum-forgotten"}}},
                           {"5a", {"wrong", {"start-at-one"}}},
                           {"5b", {"right", {}}},
                           {"5c", {"wrong", {"channels-pooled"}}}});
  const auto feedback = [&](int part) {
    return student["parts"][static_cast<size_t>(part)]["feedback"].get<std::string>();
  };
  EXPECT_THAT(feedback(6), HasSubstr("-6 at (1, 0), (2, 0), (3, 0)"));
  EXPECT_THAT(feedback(13), HasSubstr("Left out the sum over i, j1, j2"));
  EXPECT_THAT(feedback(14), HasSubstr("dJ/dZ has to be read at [i,j1-k1,j2-k2,m]"));
}

TEST(GradeTest, RightAnswersInAnyStyleGetAllPoints) {
  const ProcessResult result =
      Grade({kHomework + "assignment.yaml", kHomework + "student_right.yaml", "--format", "json", "--fail-on-wrong"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out)["submissions"][0]["score"], 18);
  EXPECT_EQ(Grade({kHomework + "assignment.yaml", kHomework + "student.yaml", "--fail-on-wrong"}).exit_code, 1);
}

TEST(GradeTest, TheGeometryExample) {
  const std::string folder = TENSORD_EXAMPLES_FOLDER "/geometry/";
  const ProcessResult result = Grade({folder + "assignment.yaml", folder + "student.yaml", "--format", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json student = Json::parse(result.out)["submissions"][0];
  std::map<std::string, std::vector<std::string>> wrong;
  for (const Json& part : student["parts"]) {
    if (part["verdict"] != "right") wrong[part["id"]] = Slips(part);
  }
  const std::map<std::string, std::vector<std::string>> expected = {{"1b", {"kernel-reversed"}},
                                                                    {"2a", {"dilation-ignored"}},
                                                                    {"2b", {"groups-uncounted"}},
                                                                    {"2c", {"dilation-ignored"}},
                                                                    {"4a", {}},
                                                                    {"5a", {"ties-to-all"}}};
  EXPECT_EQ(wrong, expected);
  // 2c is right, given 2a.
  EXPECT_EQ(student["parts"][4]["points"], 1);
}

TEST(GradeTest, TheSameBytesThroughEveryDoor) {
  const TemporaryDirectory directory;
  const std::string socket = "unix:" + directory.path("s");
  server::Settings settings;
  settings.metrics_listen = "off";
  settings.listen = {"127.0.0.1:0", socket};
  server::NullLog log;
  server::NoopMetrics metrics;
  const auto server = server::Server::Create(settings, &metrics, &log);
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string assignment = kHomework + "assignment.yaml";
  for (const std::string format : {"json", "text", "html", "gradescope"}) {
    const std::string alone = Grade({assignment, kHomework + "student.yaml", "--format", format}).out;
    EXPECT_FALSE(alone.empty());
    for (const server::Listener& listener : (*server)->listeners()) {
      EXPECT_EQ(Grade({assignment, kHomework + "student.yaml", "--format", format, "--server", listener.address}).out,
                alone);
    }
  }
  // A class goes on a stream.
  const std::vector<std::string> both = {assignment, kHomework + "student.yaml", kHomework + "student_right.yaml",
                                         "--format", "json"};
  const Json report = Json::parse(Grade(both).out);
  for (const std::string name : {"student", "student_right"}) {
    const Json one = Json::parse(
        Grade({assignment, absl::StrCat(kHomework, name, ".yaml"), "--format", "json"}).out)["submissions"][0];
    EXPECT_EQ(report["submissions"][name == "student" ? 0 : 1], one);
  }
}

TEST(GradeTest, WhatIsWrongWithFilesIsSaidWithItsLine) {
  const TemporaryDirectory directory;
  std::ofstream(directory.path("a.yaml"))
      << "id: a\nquestions:\n  - id: \"1\"\n    parts:\n      - {id: a, of: Z, tensor: }\n";
  std::ofstream(directory.path("s.yaml")) << "id: s\nanswers: {1a: \"[1]\"}\n";
  const ProcessResult faulty = Grade({directory.path("a.yaml"), directory.path("s.yaml")});
  EXPECT_EQ(faulty.exit_code, 1);
  EXPECT_EQ(faulty.out, "");
  EXPECT_THAT(faulty.err, HasSubstr("a.yaml:5: questions[0].parts[0].of[0] (1a): was \"Z\""));
  std::ofstream(directory.path("s.yaml")) << "id: s\nassignment: other\nanswers: {1a: \"[1]\"}\n";
  const ProcessResult other = Grade({kHomework + "assignment.yaml", directory.path("s.yaml")});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("submission.assignment"));
  EXPECT_EQ(Grade({kHomework + "assignment.yaml"}).exit_code, 2);
}

}  // namespace
}  // namespace tensord::cli
