// StreamGradeSubmissions grades as GradeSubmission does, through every door.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/v1/grading_service.grpc.pb.h"
#include "tests/contract/door.h"
#include "tests/contract/grading_requests.h"
#include "tests/contract/raw_call.h"

namespace tensord::contract {
namespace {

using testing::HasSubstr;
using Request = v1::StreamGradeSubmissionsRequest;
using Response = v1::StreamGradeSubmissionsResponse;

class GradingStreamTest : public ::testing::TestWithParam<std::string> {
 protected:
  GradingStreamTest() : door_(OpenDoor(GetParam(), TestSettings())) {}

  // The answers by the number of their message.
  std::map<int64_t, Response> Exchange(const std::vector<Request>& requests) {
    const auto stub = v1::GradingService::NewStub(door_->channel());
    grpc::ClientContext context;
    const auto stream = stub->StreamGradeSubmissions(&context);
    std::thread sender([&] {
      for (const Request& request : requests) stream->Write(request);
      stream->WritesDone();
    });
    std::map<int64_t, Response> answers;
    Response answer;
    while (stream->Read(&answer)) EXPECT_TRUE(answers.emplace(answer.index(), answer).second) << answer.index();
    sender.join();
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(answers.size(), requests.size());
    return answers;
  }

  const std::unique_ptr<Door> door_;
};

INSTANTIATE_TEST_SUITE_P(Doors, GradingStreamTest, ::testing::ValuesIn(DoorNames()),
                         [](const auto& test) { return test.param; });

// One of 97 submissions, of which no two neighbours answer alike.
v1::Submission SubmissionOf(int i) {
  v1::Submission submission;
  submission.set_id(absl::StrCat("student", i));
  (*submission.mutable_answers())["1a"].set_text(i % 3 == 0 ? "[2, -13]" : i % 3 == 1 ? "[1, -2]" : "no idea");
  (*submission.mutable_answers())["1b"].set_text(absl::StrCat(10 + i % 7));
  return submission;
}

std::vector<Request> Class(int size) {
  std::vector<Request> requests(static_cast<size_t>(size));
  *requests[0].mutable_assignment() = GoodGradeSubmission().assignment();
  for (int i = 0; i < size; ++i) *requests[static_cast<size_t>(i)].mutable_submission() = SubmissionOf(i);
  return requests;
}

TEST_P(GradingStreamTest, EverySubmissionGetsTheVerdictThatItWouldGetAlone) {
  const std::map<int64_t, Response> answers = Exchange(Class(97));
  for (const auto& [index, answer] : answers) {
    ASSERT_EQ(answer.error(), "");
    if (index % 10 != 0) continue;
    v1::GradeSubmissionRequest alone = GoodGradeSubmission();
    *alone.mutable_submission() = SubmissionOf(static_cast<int>(index));
    const auto response =
        CallParsed<v1::GradeSubmissionResponse>(*door_->channel(), "tensord.v1.GradingService/GradeSubmission", alone);
    EXPECT_EQ(answer.graded().SerializeAsString(), response.graded().SerializeAsString()) << index;
    EXPECT_EQ(answer.graded().id(), absl::StrCat("student", index));
  }
}

TEST_P(GradingStreamTest, ABadSubmissionEndsNothing) {
  std::vector<Request> requests = Class(5);
  requests[1].mutable_submission()->clear_id();
  requests[2].mutable_submission()->set_assignment("week2");
  *requests[3].mutable_assignment() = requests[0].assignment();
  const std::map<int64_t, Response> answers = Exchange(requests);
  EXPECT_TRUE(answers.at(0).has_graded());
  EXPECT_THAT(answers.at(1).error(), HasSubstr("submission.id"));
  EXPECT_THAT(answers.at(2).error(), HasSubstr("was \"week2\", has to be \"week1\""));
  EXPECT_THAT(answers.at(3).error(), HasSubstr("has to be in the first message only"));
  EXPECT_TRUE(answers.at(4).has_graded());
}

TEST_P(GradingStreamTest, AWrongAssignmentIsToldWithEverySubmission) {
  std::vector<Request> requests = Class(3);
  requests[0].mutable_assignment()->mutable_questions(0)->mutable_parts(0)->set_of(0, "y");
  for (const auto& [index, answer] : Exchange(requests)) {
    EXPECT_FALSE(answer.has_graded());
    ASSERT_EQ(answer.faults_size(), 1) << index;
    EXPECT_EQ(answer.faults(0).field(), "questions[0].parts[0].of[0]");
  }
}

TEST_P(GradingStreamTest, WithoutAnAssignmentNothingIsGraded) {
  std::vector<Request> requests = Class(3);
  requests[0].clear_assignment();
  const std::map<int64_t, Response> answers = Exchange(requests);
  EXPECT_THAT(answers.at(0).error(), HasSubstr("is required in the first message"));
  for (const int64_t index : {1, 2}) {
    EXPECT_FALSE(answers.at(index).has_graded());
    EXPECT_THAT(answers.at(index).error(), HasSubstr("first message has no assignment that can be used"));
  }
}

TEST_P(GradingStreamTest, TheFirstMessageMayHaveTheAssignmentAlone) {
  std::vector<Request> requests = Class(2);
  requests[0].clear_submission();
  const std::map<int64_t, Response> answers = Exchange(requests);
  EXPECT_FALSE(answers.at(0).has_graded());
  EXPECT_EQ(answers.at(0).error(), "");
  EXPECT_TRUE(answers.at(1).has_graded());
}

}  // namespace
}  // namespace tensord::contract
