// GradingService's answers, the same through every door.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tensord/v1/verdict.pb.h"
#include "tests/contract/door.h"
#include "tests/contract/grading_requests.h"
#include "tests/contract/raw_call.h"

namespace tensord::contract {
namespace {

using testing::HasSubstr;

constexpr char kGrade[] = "tensord.v1.GradingService/GradeSubmission";
constexpr char kAudit[] = "tensord.v1.GradingService/AuditAssignment";

class GradingContractTest : public ::testing::TestWithParam<std::string> {
 protected:
  GradingContractTest() : door_(OpenDoor(GetParam(), TestSettings())) {}

  template <typename Response>
  Response Call(const std::string& method, const google::protobuf::Message& request) {
    return CallParsed<Response>(*door_->channel(), method, request);
  }

  const std::unique_ptr<Door> door_;
};

INSTANTIATE_TEST_SUITE_P(Doors, GradingContractTest, ::testing::ValuesIn(DoorNames()),
                         [](const auto& test) { return test.param; });

TEST_P(GradingContractTest, ASubmissionIsGraded) {
  const v1::GradeSubmissionRequest request = GoodGradeSubmission();
  const auto response = Call<v1::GradeSubmissionResponse>(kGrade, request);
  EXPECT_TRUE(response.faults().empty());
  const v1::GradedSubmission& graded = response.graded();
  EXPECT_EQ(graded.id(), "ada");
  EXPECT_EQ(graded.assignment(), "week1");
  ASSERT_EQ(graded.parts_size(), 2);
  EXPECT_EQ(graded.parts(0).verdict(), v1::OUTCOME_RIGHT);
  EXPECT_EQ(graded.parts(1).verdict(), v1::OUTCOME_WRONG);
  ASSERT_EQ(graded.parts(1).diagnosis_size(), 1);
  EXPECT_EQ(graded.parts(1).diagnosis(0).id(), "bias-uncounted");
  EXPECT_EQ(graded.score(), 1);
  EXPECT_EQ(graded.max_score(), 2);
  EXPECT_EQ(graded.sha256().size(), 64U);
  EXPECT_FALSE(graded.engine_version().empty());
  ASSERT_EQ(graded.conventions_size(), 2);
  EXPECT_THAT(graded.conventions(0), HasSubstr("1.z: input_layout: \"W\""));
}

TEST_P(GradingContractTest, TheReceiptChangesWithWhatItIsAbout) {
  v1::GradeSubmissionRequest request = GoodGradeSubmission();
  const std::string first = Call<v1::GradeSubmissionResponse>(kGrade, request).graded().sha256();
  EXPECT_EQ(Call<v1::GradeSubmissionResponse>(kGrade, request).graded().sha256(), first);
  // A space that changes no verdict.
  (*request.mutable_submission()->mutable_answers())["1a"].set_text("[2, -13] ");
  EXPECT_NE(Call<v1::GradeSubmissionResponse>(kGrade, request).graded().sha256(), first);
}

TEST_P(GradingContractTest, AWrongAssignmentIsAnsweredWithItsFaults) {
  v1::GradeSubmissionRequest request = GoodGradeSubmission();
  request.mutable_assignment()->mutable_questions(0)->mutable_parts(0)->set_of(0, "y");
  request.mutable_assignment()->mutable_questions(0)->mutable_parts(1)->set_of(0, "layer.parameters");
  const auto response = Call<v1::GradeSubmissionResponse>(kGrade, request);
  EXPECT_FALSE(response.has_graded());
  ASSERT_EQ(response.faults_size(), 2);
  EXPECT_EQ(response.faults(0).field(), "questions[0].parts[0].of[0]");
  EXPECT_EQ(response.faults(0).part(), "1a");
  EXPECT_THAT(response.faults(0).description(), HasSubstr("was \"y\", has to begin with one of x, layer, z"));
  EXPECT_THAT(response.faults(1).description(), HasSubstr("has no \"parameters\""));
}

TEST_P(GradingContractTest, AnAuditTellsWhatIsAlike) {
  const auto response = Call<v1::AuditAssignmentResponse>(kAudit, GoodAuditAssignment());
  ASSERT_EQ(response.parts_size(), 2);
  EXPECT_EQ(response.parts(0).expected(), "[2, -13]");
  EXPECT_EQ(response.parts(1).expected(), "16");
  // The number of parameters does not show how many positions there are.
  EXPECT_THAT(response.parts(1).unseen_slips(), testing::Contains("plus-one-forgotten"));
  // 8: three weights or none for each of four biases, as it were.
  EXPECT_THAT(response.parts(1).alike_slips(), testing::Contains("input-channels-forgotten = halved"));
  EXPECT_THAT(response.parts(1).separate_slips(), testing::Contains("bias-uncounted"));
}

}  // namespace
}  // namespace tensord::contract
