// tensorctl grade and audit: their files, flags and exit codes.
#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/app.h"
#include "tensord/v1/grading_service.grpc.pb.h"
#include "tests/support/temporary_directory.h"

namespace tensord::cli {
namespace {

using ::testing::HasSubstr;
using testing::TemporaryDirectory;

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

Outcome RunTool(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.begin(), "tensorctl");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  std::istringstream in(input);
  std::ostringstream out, err;
  const int code = RunMain(static_cast<int>(argv.size()), argv.data(), {.in = in, .out = out, .err = err});
  return {code, out.str(), err.str()};
}

// Grades every answer `right` as right and every other one as wrong; an assignment without a title has a fault.
class FakeGrading final : public v1::GradingService::Service {
 public:
  explicit FakeGrading(const std::string& folder) : address_("unix:" + folder + "/socket") {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  [[nodiscard]] const std::string& address() const { return address_; }

  grpc::Status GradeSubmission(grpc::ServerContext* /*context*/, const v1::GradeSubmissionRequest* request,
                               v1::GradeSubmissionResponse* response) override {
    if (AddFault(request->assignment(), *response->mutable_faults())) return grpc::Status::OK;
    *response->mutable_graded() = GradedOf(request->submission());
    return grpc::Status::OK;
  }

  // The last submission is answered first.
  grpc::Status StreamGradeSubmissions(grpc::ServerContext* /*context*/,
                                      grpc::ServerReaderWriter<v1::StreamGradeSubmissionsResponse,
                                                               v1::StreamGradeSubmissionsRequest>* stream) override {
    std::vector<v1::StreamGradeSubmissionsResponse> responses;
    v1::Assignment assignment;
    for (v1::StreamGradeSubmissionsRequest request; stream->Read(&request);) {
      if (responses.empty()) assignment = request.assignment();
      v1::StreamGradeSubmissionsResponse& response = responses.emplace_back();
      response.set_index(static_cast<int64_t>(responses.size()) - 1);
      if (AddFault(assignment, *response.mutable_faults()) || !request.has_submission()) continue;
      *response.mutable_graded() = GradedOf(request.submission());
    }
    for (size_t i = responses.size(); i-- > 0;) stream->Write(responses[i]);
    return grpc::Status::OK;
  }

  grpc::Status AuditAssignment(grpc::ServerContext* /*context*/, const v1::AuditAssignmentRequest* request,
                               v1::AuditAssignmentResponse* response) override {
    if (AddFault(request->assignment(), *response->mutable_faults())) return grpc::Status::OK;
    v1::PartAudit& part = *response->add_parts();
    part.set_id("1a");
    part.set_expected("42");
    return grpc::Status::OK;
  }

 private:
  static v1::GradedSubmission GradedOf(const v1::Submission& submission) {
    v1::GradedSubmission graded;
    graded.set_id(submission.id());
    for (const auto& [id, answer] : submission.answers()) {
      v1::GradedPart& part = *graded.add_parts();
      part.set_id(id);
      part.set_verdict(answer.text().empty()      ? v1::OUTCOME_UNGRADABLE
                       : answer.text() == "right" ? v1::OUTCOME_RIGHT
                                                  : v1::OUTCOME_WRONG);
    }
    return graded;
  }

  static bool AddFault(const v1::Assignment& assignment,
                       google::protobuf::RepeatedPtrField<v1::AssignmentFault>& faults) {
    if (!assignment.title().empty()) return false;
    v1::AssignmentFault& fault = *faults.Add();
    fault.set_field("questions[0].id");
    fault.set_description("is no good");
    return true;
  }

  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

constexpr char kAssignment[] = "id: h1\ntitle: T\nquestions:\n  - id: 1\n";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(GradeCommandTest, AWrongAnswerIsNoErrorUnlessItIsAskedFor) {
  const TemporaryDirectory folder;
  const FakeGrading server(folder.path());
  const std::string assignment = folder.Write("a.yaml", kAssignment);
  const std::string right = folder.Write("right.yaml", "id: r\nanswers: {1a: right}\n");
  const std::string wrong = folder.Write("wrong.yaml", "id: w\nanswers: {1a: no}\n");
  const std::string nothing = folder.Write("nothing.yaml", "id: n\nanswers: {1a: }\n");
  const auto grade = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--server", server.address(), "grade", assignment});
    return RunTool(std::move(arguments));
  };
  EXPECT_EQ(grade({wrong}).code, 0);
  EXPECT_THAT(grade({wrong}).out, HasSubstr("1a    wrong"));
  EXPECT_EQ(grade({wrong, "--fail-on-wrong"}).code, 1);
  EXPECT_EQ(grade({nothing, "--fail-on-wrong"}).code, 1);
  EXPECT_EQ(grade({right, "--fail-on-wrong"}).code, 0);
  EXPECT_EQ(grade({right, wrong, "--fail-on-wrong"}).code, 1);
}

TEST(GradeCommandTest, ReportsAreWrittenIntoAFolder) {
  const TemporaryDirectory folder;
  const FakeGrading server(folder.path());
  const std::string assignment = folder.Write("a.yaml", kAssignment);
  const std::string x = folder.Write("x.yaml", "id: x\nanswers: {1a: right}\n");
  const std::string y = folder.Write("y.yaml", "id: y\nanswers: {1a: right}\n");
  const std::string out = folder.path("new/reports");
  const Outcome outcome =
      RunTool({"--server", server.address(), "grade", assignment, x, y, "--format", "json", "--out", out});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  const auto json = nlohmann::json::parse(ReadFile(out + "/report.json"));
  EXPECT_EQ(json["submissions"][0]["id"], "x");
  EXPECT_EQ(json["submissions"][1]["id"], "y");
}

TEST(GradeCommandTest, FaultsOfTheAssignmentComeWithTheirLine) {
  const TemporaryDirectory folder;
  const FakeGrading server(folder.path());
  const std::string assignment = folder.Write("a.yaml", "id: h1\nquestions:\n  - id: 1\n");
  const std::string answers = folder.Write("s.yaml", "id: s\nanswers: {1a: right}\n");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"grade", assignment, answers}, std::vector<std::string>{"audit", assignment}}) {
    std::vector<std::string> all = {"--server", server.address()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Outcome outcome = RunTool(all);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.err, HasSubstr(assignment + ":3: questions[0].id: is no good"));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(AuditCommandTest, PrintsEachPart) {
  const TemporaryDirectory folder;
  const FakeGrading server(folder.path());
  const std::string assignment = folder.Write("a.yaml", kAssignment);
  EXPECT_EQ(RunTool({"--server", server.address(), "audit", assignment}).out, "1a  42\n");
  const Outcome json = RunTool({"--server", server.address(), "audit", assignment, "--format", "json"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["parts"][0]["expected"], "42");
}

TEST(GradeCommandTest, MistakesInFlagsAndFilesAreUsage) {
  const TemporaryDirectory folder;
  const std::string good = folder.Write("a.yaml", "id: h1\nquestions: [{id: 1}]\n");
  const std::string bad = folder.Write("bad.yaml", "id: h1\nqestions: 3\n");
  const std::string answers = folder.Write("s.yaml", "id: s\nanswers: {1a: 3}\n");
  const std::string leaves = folder.Write("l.yaml", "id: s\nanswers: {1a: {file: /etc/hostname.txt}}\n");
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"grade"}, "ASSIGNMENT: it is missing"},
      {{"grade", good}, "SUBMISSION: it is missing"},
      {{"grade", good, folder.path("none.yaml")}, "cannot read " + folder.path("none.yaml")},
      {{"grade", bad, answers}, bad + ":2: has the unknown key \"qestions\" (did you mean questions?)"},
      {{"grade", good, answers, bad}, bad + ":2: has the unknown key \"qestions\""},
      {{"grade", good, leaves},
       leaves + ":2: answers.1a.file: names the file \"/etc/hostname.txt\", which is absolute"},
      {{"grade", "-", "-"}, "standard input is named twice"},
      {{"grade", good, "-", "-"}, "standard input is named twice"},
      {{"grade", good, answers, "--out", answers}, "--out: " + answers + " cannot be made"},
      {{"grade", good, answers, "--format", "latex"}, "--format: 'latex' is not for this command"},
      {{"audit"}, "ASSIGNMENT: it is missing"},
      {{"audit", bad}, bad + ":2: has the unknown key \"qestions\""},
  };
  for (const auto& [arguments, error] : cases) {
    const Outcome outcome = RunTool(arguments);
    EXPECT_EQ(outcome.code, 2) << error;
    EXPECT_THAT(outcome.err, HasSubstr(error));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(GradeCommandTest, StandardInputIsASubmission) {
  const TemporaryDirectory folder;
  const std::string good = folder.Write("a.yaml", "id: h1\nquestions: [{id: 1}]\n");
  const Outcome outcome = RunTool({"grade", good, "-"}, "answers: {1a: [{}]}");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("standard input:1: answers.1a[0]: was a mapping"));
}

TEST(GradeCommandTest, AServerThatCannotBeReachedIsAFailure) {
  const TemporaryDirectory folder;
  const std::string good = folder.Write("a.yaml", "id: h1\nquestions: [{id: 1}]\n");
  const std::string answers = folder.Write("s.yaml", "id: s\nanswers: {1a: 3}\n");
  const std::string address = "unix:" + folder.path("nobody");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"grade", good, answers}, std::vector<std::string>{"audit", good}}) {
    std::vector<std::string> all = {"--server", address, "--deadline", "5s"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Outcome outcome = RunTool(all);
    EXPECT_EQ(outcome.code, 1) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("cannot reach"));
  }
}

}  // namespace
}  // namespace tensord::cli
