// Verdicts, points and what is told, through the public interface.
#include "tensord/grading/grader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "tests/grading/local_engine.h"

namespace tensord::grading {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

v1::Assignment Parse(const std::string& text) {
  v1::Assignment assignment;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &assignment)) << text;
  return assignment;
}

// One question on a layer of 3x3 windows, 10 channels in and 20 out, with `parts`.
v1::Assignment LayerAssignment(const std::string& parts, const std::string& more = "") {
  return Parse(absl::StrCat(R"(
      id: "test" )",
                            more, R"(
      questions {
        id: "3"
        steps {
          name: "layer"
          analyze_layer { convolution {
            input_shape { value: 48 } input_shape { value: 64 } input_shape { value: 10 }
            filter_shape { value: 3 } filter_shape { value: 3 } filter_shape { value: 10 } filter_shape { value: 20 }
          } }
        })",
                            parts, "}"));
}

class Graded {
 public:
  explicit Graded(const v1::Assignment& assignment) {
    absl::StatusOr<Grader::Made> made = Grader::Create(assignment, engine_, {.engine_version = "test"});
    EXPECT_TRUE(made.ok()) << made.status();
    if (!made.ok()) return;
    faults_ = made->faults;
    grader_ = std::move(made->grader);
  }

  v1::GradedSubmission Grade(const std::vector<std::pair<std::string, std::string>>& answers,
                             const std::string& id = "s") {
    v1::Submission submission;
    submission.set_id(id);
    for (const auto& [part, text] : answers) (*submission.mutable_answers())[part].set_text(text);
    absl::StatusOr<v1::GradedSubmission> graded = grader_->Grade(submission);
    EXPECT_TRUE(graded.ok()) << graded.status();
    return graded.ok() ? *graded : v1::GradedSubmission();
  }
  // The first part's verdict.
  v1::GradedPart Part(const std::string& part, const std::string& text) { return Grade({{part, text}}).parts(0); }

  [[nodiscard]] const std::vector<v1::AssignmentFault>& faults() const { return faults_; }
  [[nodiscard]] const Grader* grader() const { return grader_.get(); }
  [[nodiscard]] const LocalEngine& engine() const { return engine_; }

 private:
  LocalEngine engine_;
  std::vector<v1::AssignmentFault> faults_;
  std::unique_ptr<Grader> grader_;
};

std::vector<std::string> Slips(const v1::GradedPart& part) {
  std::vector<std::string> ids;
  for (const v1::SlipFound& slip : part.diagnosis()) ids.push_back(slip.id());
  return ids;
}

TEST(GraderTest, TheRealMistakesOfALayerAreNamed) {
  Graded graded(LayerAssignment(R"(
      parts { id: "a" of: "layer.output_shape" shape {} }
      parts { id: "b" of: "layer.input_channel_count" of: "layer.output_channel_count" tuple {} }
      parts { id: "c" of: "layer.multiplication_count" integer {} }
      parts { id: "d" of: "layer.parameter_count" integer {} })"));
  ASSERT_THAT(graded.faults(), IsEmpty());
  const v1::GradedSubmission wrong = graded.Grade(
      {{"3a", "(46, 62, 10)"}, {"3b", "30720 and 28520"}, {"3c", "28520"}, {"3d", "3*3*10*20 + 10 = 1810"}});
  ASSERT_EQ(wrong.parts_size(), 4);
  EXPECT_THAT(Slips(wrong.parts(0)), ElementsAre("input-channels-for-output-channels"));
  EXPECT_THAT(Slips(wrong.parts(1)), testing::Contains("input-channels-for-output-channels+entries-for-channels"));
  EXPECT_THAT(Slips(wrong.parts(2)), testing::Contains("input-channels-for-output-channels+taps-forgotten"));
  EXPECT_THAT(Slips(wrong.parts(3)), ElementsAre("bias-per-input-channel"));
  EXPECT_EQ(wrong.score(), 0);
  const v1::GradedSubmission right =
      graded.Grade({{"3a", "46 x 62 x 20"}, {"3b", "10 and 20"}, {"3c", "5,133,600"}, {"3d", "3*3*10*20 + 20 = 1820"}});
  for (const v1::GradedPart& part : right.parts()) EXPECT_EQ(part.verdict(), v1::OUTCOME_RIGHT) << part.DebugString();
  EXPECT_EQ(right.score(), 4);
  EXPECT_EQ(right.max_score(), 4);
}

TEST(GraderTest, AHintLevelTellsNoMoreThanItSays) {
  const auto at = [](const std::string& level) {
    Graded graded(LayerAssignment(
        absl::StrCat("parts { id: 'd' of: 'layer.parameter_count' hint_level: HINT_LEVEL_", level, " integer {} }")));
    return graded.Part("3d", "1810");
  };
  const v1::GradedPart verdict = at("VERDICT");
  EXPECT_EQ(verdict.feedback(), "Wrong.");
  EXPECT_FALSE(verdict.has_difference());
  EXPECT_THAT(Slips(verdict), IsEmpty());
  const v1::GradedPart where = at("WHERE");
  EXPECT_TRUE(where.has_difference());
  EXPECT_EQ(where.difference().answered(), "1810");
  EXPECT_EQ(where.difference().expected(), "");
  EXPECT_THAT(Slips(where), IsEmpty());
  const v1::GradedPart what = at("WHAT");
  EXPECT_THAT(Slips(what), ElementsAre("bias-per-input-channel"));
  EXPECT_THAT(what.feedback(), HasSubstr("one bias per input channel"));
  const v1::GradedPart solution = at("SOLUTION");
  EXPECT_THAT(solution.feedback(), HasSubstr("Right is: 1820"));
  EXPECT_EQ(solution.difference().expected(), "1820");
  for (const v1::GradedPart* part : {&verdict, &where, &what}) {
    EXPECT_THAT(part->DebugString(), Not(HasSubstr("1820")));
  }
}

TEST(GraderTest, ACarriedErrorCostsOnce) {
  Graded graded(LayerAssignment(R"(
      parts { id: "a" of: "layer.output_shape" shape {} }
      parts { id: "c" of: "layer.multiplication_count" integer {} follow_from: "3a" points: 2 })"));
  // 46*62*10*3*3*10: right, had (46, 62, 10) been.
  const v1::GradedSubmission carried = graded.Grade({{"3a", "(46, 62, 10)"}, {"3c", "2566800"}});
  EXPECT_EQ(carried.parts(0).points(), 0);
  EXPECT_EQ(carried.parts(1).verdict(), v1::OUTCOME_WRONG);
  EXPECT_EQ(carried.parts(1).points(), 2);
  EXPECT_THAT(carried.parts(1).feedback(), HasSubstr("Given your answer to 3a"));
  // The same number beside a right shape is a mistake of its own.
  const v1::GradedSubmission own = graded.Grade({{"3a", "(46, 62, 20)"}, {"3c", "2566800"}});
  EXPECT_EQ(own.parts(1).points(), 0);
  // One more slip beside the carried one costs.
  EXPECT_EQ(graded.Grade({{"3a", "(46, 62, 10)"}, {"3c", "28520"}}).parts(1).points(), 0);
}

TEST(GraderTest, SlipsAndElementsMayHaveCredit) {
  Graded graded(LayerAssignment(R"(
      parts { id: "d" of: "layer.parameter_count" integer {} slip_credit { key: "bias-per-input-channel" value: 0.5 } points: 4 }
      parts { id: "a" of: "layer.output_shape" shape {} partial_credit: PARTIAL_CREDIT_PROPORTIONAL points: 3 }
      parts { id: "e" of: "layer.parameter_count" integer {} })",
                                R"(slip_credit { key: "bias-uncounted" value: 0.25 }
                                   slip_texts { key: "bias-uncounted" value: "ohne Bias gez\303\244hlt" })"));
  const v1::GradedSubmission submission = graded.Grade({{"3d", "1810"}, {"3a", "(46, 62, 7)"}, {"3e", "1800"}});
  EXPECT_EQ(submission.parts(0).points(), 2);
  EXPECT_EQ(submission.parts(1).points(), 2);
  EXPECT_EQ(submission.parts(2).points(), 0.25);
  EXPECT_EQ(submission.parts(2).diagnosis(0).text(), "ohne Bias gez\303\244hlt");
  EXPECT_EQ(submission.score(), 4.25);
  EXPECT_EQ(submission.max_score(), 8);
}

TEST(GraderTest, WhatCannotBeReadIsUngradableAndTheRestIsGraded) {
  Graded graded(LayerAssignment(R"(
      parts { id: "a" of: "layer.output_shape" shape {} }
      parts { id: "c" of: "layer.multiplication_count" integer {} }
      parts { id: "d" of: "layer.parameter_count" integer {} })"));
  const v1::GradedSubmission submission =
      graded.Grade({{"3a", "it has to fit \x1b[31m<script>"}, {"3d", "1820"}, {"9z", "17"}});
  EXPECT_EQ(submission.parts(0).verdict(), v1::OUTCOME_UNGRADABLE);
  EXPECT_THAT(submission.parts(0).answer(), HasSubstr("\\x1b[31m<script>"));
  EXPECT_EQ(submission.parts(1).verdict(), v1::OUTCOME_UNGRADABLE);
  EXPECT_THAT(submission.parts(1).feedback(), HasSubstr("no answer"));
  EXPECT_EQ(submission.parts(2).verdict(), v1::OUTCOME_RIGHT);
  EXPECT_THAT(submission.ignored(), ElementsAre("9z"));
}

TEST(GraderTest, NearTheRightNumber) {
  Graded graded(Parse(R"(
      id: "test"
      questions {
        id: "1"
        data { key: "x" value { tensor { data_type: DATA_TYPE_FLOAT64 shape: [3] integers { values: [1, 1, 2] } } } }
        steps { name: "y" tensors { key: "input" value: "x" }
                pool { kind: POOLING_KIND_AVERAGE conventions { window: [3] strides: [3] average_divisor: AVERAGE_DIVISOR_EXCLUDED } } }
        parts { id: "a" of: "y" tensor { slack: 0.01 } borderline_credit: 0.5 }
      })"));
  ASSERT_THAT(graded.faults(), IsEmpty());
  EXPECT_EQ(graded.Part("1a", "[1.3333333333333333]").verdict(), v1::OUTCOME_RIGHT);
  EXPECT_EQ(graded.Part("1a", "[1.3333]").verdict(), v1::OUTCOME_RIGHT);
  EXPECT_EQ(graded.Part("1a", "[4/3]").verdict(), v1::OUTCOME_RIGHT);
  EXPECT_EQ(graded.Part("1a", "[1.3]").verdict(), v1::OUTCOME_BORDERLINE);
  const v1::GradedPart close = graded.Part("1a", "[1.3400]");
  EXPECT_EQ(close.verdict(), v1::OUTCOME_BORDERLINE);
  EXPECT_EQ(close.points(), 0.5);
  EXPECT_EQ(graded.Part("1a", "[1.4000]").verdict(), v1::OUTCOME_WRONG);
  EXPECT_EQ(graded.Part("1a", "[nan]").verdict(), v1::OUTCOME_WRONG);
  EXPECT_EQ(graded.Part("1a", "[inf]").verdict(), v1::OUTCOME_WRONG);
  // No reshaping and no broadcasting.
  EXPECT_EQ(graded.Part("1a", "[[1.3333333333333333]]").verdict(), v1::OUTCOME_WRONG);
}

TEST(GraderTest, DataPerStudentDifferAndAreTheSameAgain) {
  const v1::Assignment assignment = Parse(R"(
      id: "test"
      questions {
        id: "1"
        data { key: "x" value { generated { shape: [6] seed: 1 per_student: true low: 0 high: 1000000 } } }
        parts { id: "a" of: "x" tensor {} hint_level: HINT_LEVEL_SOLUTION }
      })");
  Graded graded(assignment);
  ASSERT_THAT(graded.faults(), IsEmpty());
  const auto data_of = [&](const std::string& student) {
    const std::string feedback = graded.Grade({{"1a", "[0, 0, 0, 0, 0, 0]"}}, student).parts(0).feedback();
    return feedback.substr(feedback.find("Right is: ") + 10);
  };
  const std::string ada = data_of("ada");
  EXPECT_NE(ada, data_of("grace"));
  EXPECT_EQ(ada, data_of("ada"));
  EXPECT_EQ(graded.Grade({{"1a", ada}}, "ada").score(), 1);
  EXPECT_EQ(graded.Grade({{"1a", ada}}, "grace").score(), 0);
}

TEST(GraderTest, FaultsAreAllListedByField) {
  Graded graded(Parse(R"(
      id: "bad id"
      slip_credit { key: "no-such-slip" value: 2 }
      questions {
        id: "1"
        data { key: "x" value { file: "x.npy" } }
        data { key: "unused" value { tensor { data_type: DATA_TYPE_FLOAT32 shape: [2] integers { values: [1] } } } }
        steps { name: "y" tensors { key: "input" value: "x" } }
        parts { id: "a" points: -1 integer {} follow_from: "1z" }
        parts { id: "a" of: "y" }
      })"));
  EXPECT_EQ(graded.grader(), nullptr);
  std::vector<std::string> fields;
  for (const v1::AssignmentFault& fault : graded.faults()) fields.push_back(fault.field());
  EXPECT_THAT(fields, testing::UnorderedElementsAre("id", "slip_credit[no-such-slip]", "slip_credit[no-such-slip]",
                                                    "questions[0].data[x].file", "questions[0].data[unused].tensor",
                                                    "questions[0].steps[0]", "questions[0].parts[0].points",
                                                    "questions[0].parts[0].follow_from[0]", "questions[0].parts[0].of",
                                                    "questions[0].parts[1].id", "questions[0].data[unused]"));
}

TEST(GraderTest, WhatCannotBeComputedIsAFaultWithItsPlace) {
  const auto fault_of = [](const std::string& question) {
    Graded graded(Parse(absl::StrCat("id: 'test' questions { id: '1' ", question, "}")));
    EXPECT_EQ(graded.faults().size(), 1U) << question;
    return graded.faults().empty() ? std::string()
                                   : absl::StrCat(graded.faults()[0].field(), ": ", graded.faults()[0].description());
  };
  const std::string data =
      "data { key: 'x' value { tensor { data_type: DATA_TYPE_FLOAT32 shape: [2] integers { values: [1, 2] } } } }";
  EXPECT_THAT(
      fault_of(
          data +
          "steps { name: 'y' tensors { key: 'input' value: 'x' } tensors { key: 'filter' value: 'w' } convolve {} }"
          "parts { id: 'a' of: 'y' tensor {} }"),
      HasSubstr("questions[0].steps[0].tensors[filter]: was \"w\""));
  EXPECT_THAT(
      fault_of(
          data +
          "steps { name: 'y' tensors { key: 'image' value: 'x' } convolve {} } parts { id: 'a' of: 'y' tensor {} }"),
      HasSubstr("has to be one of input, filter, bias"));
  EXPECT_THAT(fault_of(data + "steps { name: 'y' tensors { key: 'input' value: 'x' } pool { kind: POOLING_KIND_MAX "
                              "conventions { window: [5] } } }"
                              "parts { id: 'a' of: 'y' tensor {} }"),
              HasSubstr("questions[0].steps[0].pool"));
  EXPECT_THAT(fault_of(data + "parts { id: 'a' of: 'x.shape' tensor {} }"), HasSubstr("questions[0].parts[0].of[0]"));
  EXPECT_THAT(fault_of(data + "parts { id: 'a' of: 'x' integer {} }"), HasSubstr("has to be one; ask for a tuple"));
  EXPECT_THAT(fault_of(data + "parts { id: 'a' of: 'x' element { condition: ELEMENT_CONDITION_EQUAL value: 7 } }"),
              HasSubstr("no element is 7"));
  EXPECT_THAT(fault_of(data + "parts { id: 'a' of: 'x' tensor {} check: '[1, 3]' }"),
              HasSubstr("is not what is computed: [1, 2]"));
  EXPECT_THAT(fault_of(data + "parts { id: 'a' of: 'x' }"), HasSubstr("answer: is missing"));
}

TEST(GraderTest, SubmissionsOfAnotherAssignmentAreRefused) {
  Graded graded(LayerAssignment("parts { id: 'd' of: 'layer.parameter_count' integer {} }"));
  v1::Submission submission;
  EXPECT_THAT(std::string(graded.grader()->Grade(submission).status().message()), HasSubstr("submission.id"));
  submission.set_id("s");
  submission.set_assignment("other");
  EXPECT_THAT(std::string(graded.grader()->Grade(submission).status().message()),
              HasSubstr("submission.assignment: was \"other\""));
}

TEST(GraderTest, TheSameVerdictWhateverWasGradedBeforeAndOnManyThreads) {
  const v1::Assignment assignment = LayerAssignment(R"(
      parts { id: "a" of: "layer.output_shape" shape {} }
      parts { id: "c" of: "layer.multiplication_count" integer {} }
      parts { id: "d" of: "layer.parameter_count" integer {} })");
  const std::vector<std::pair<std::string, std::string>> answers = {
      {"3a", "(46, 62, 10)"}, {"3c", "28520"}, {"3d", "1800"}};
  const std::string alone = Graded(assignment).Grade(answers).SerializeAsString();
  Graded graded(assignment);
  std::vector<std::string> texts(16);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < texts.size(); ++i) {
    threads.emplace_back([&, i] {
      v1::Submission submission;
      submission.set_id("s");
      for (const auto& [part, text] : answers) (*submission.mutable_answers())[part].set_text(text);
      texts[i] = graded.grader()->Grade(submission)->SerializeAsString();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) EXPECT_EQ(text, alone);
}

TEST(GraderTest, WhatSlipsGiveIsComputedOnce) {
  Graded graded(LayerAssignment("parts { id: 'd' of: 'layer.parameter_count' integer {} }"));
  static_cast<void>(graded.Part("3d", "17"));
  const int64_t before = graded.engine().runs();
  for (int i = 0; i < 50; ++i) static_cast<void>(graded.Part("3d", absl::StrCat(100 + i)));
  EXPECT_EQ(graded.engine().runs(), before);
}

}  // namespace
}  // namespace tensord::grading
