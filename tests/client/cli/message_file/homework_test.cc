// The files of the first assignment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/message_file/read.h"
#include "tensord/v1/grading.pb.h"

namespace tensord::cli::message_file {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;

template <typename Message>
Message Read(const std::string& name) {
  std::ifstream file(absl::StrCat(TENSORD_HOMEWORK10, "/", name));
  EXPECT_TRUE(file.is_open()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  Files files(TENSORD_HOMEWORK10);
  Message message;
  const absl::Status read = ReadMessageFile(text.str(), name, message, {.files = &files});
  EXPECT_TRUE(read.ok()) << read.message();
  return message;
}

std::set<std::string> PartsOf(const v1::Assignment& assignment) {
  std::set<std::string> parts;
  for (const v1::Question& question : assignment.questions()) {
    for (const v1::Part& part : question.parts()) parts.insert(question.id() + part.id());
  }
  return parts;
}

TEST(HomeworkTest, TheAssignmentHas18PartsOfOnePoint) {
  const auto assignment = Read<v1::Assignment>("assignment.yaml");
  EXPECT_THAT(PartsOf(assignment), ElementsAre("1a", "1b", "1c", "2a", "2b", "2c", "2d", "2e", "3a", "3b", "3c", "3d",
                                               "4a", "4b", "4c", "5a", "5b", "5c"));
  for (const v1::Question& question : assignment.questions()) {
    for (const v1::Part& part : question.parts()) {
      EXPECT_EQ(part.points(), 1) << question.id() << part.id();
      EXPECT_NE(part.answer_case(), v1::Part::ANSWER_NOT_SET) << question.id() << part.id();
      EXPECT_EQ(part.of().empty(), part.has_formula()) << question.id() << part.id();
      EXPECT_FALSE(part.check().empty()) << question.id() << part.id();
    }
  }
}

TEST(HomeworkTest, TheAssignmentHasTheQuestionsData) {
  const auto assignment = Read<v1::Assignment>("assignment.yaml");
  ASSERT_EQ(assignment.questions_size(), 5);
  const v1::Question& second = assignment.questions(1);
  EXPECT_THAT(second.data().at("X").tensor().shape(), ElementsAre(6, 5));
  EXPECT_THAT(second.data().at("W").tensor().shape(), ElementsAre(2, 2));
  EXPECT_EQ(second.steps(0).tensors().at("input"), "X");
  EXPECT_EQ(second.steps(0).tensors().at("filter"), "W");
  const v1::Question& third = assignment.questions(2);
  EXPECT_EQ(third.steps(0).analyze_layer().convolution().input_shape(1).value(), 64);
  EXPECT_TRUE(third.steps(0).analyze_layer().convolution().bias());
  const v1::Question& fifth = assignment.questions(4);
  EXPECT_THAT(fifth.data().at("x").tensor().shape(), ElementsAre(8));
  EXPECT_EQ(fifth.steps(2).analyze_layer().pooling().symbolic_strides(0).symbol(), "s");
  EXPECT_EQ(assignment.questions(0).steps(1).describe_dataset().axes(2).size().value(), 2400);
  EXPECT_EQ(assignment.questions(3).parts(2).formula().indices().at("j1"), "H1 - K1 + 1");
}

TEST(HomeworkTest, TheSubmissionsAnswerEveryPart) {
  const std::set<std::string> parts = PartsOf(Read<v1::Assignment>("assignment.yaml"));
  for (const std::string name : {"student.yaml", "student_right.yaml"}) {
    const auto submission = Read<v1::Submission>(name);
    EXPECT_EQ(submission.assignment(), "homework10");
    std::set<std::string> answered;
    for (const auto& [part, answer] : submission.answers()) {
      answered.insert(part);
      EXPECT_TRUE(answer.has_tensor() || !answer.text().empty()) << name << part;
    }
    EXPECT_EQ(answered, parts) << name;
  }
}

TEST(HomeworkTest, AnswersAreAsTheStudentWroteThem) {
  const auto submission = Read<v1::Submission>("student.yaml");
  const auto text = [&](const std::string& part) { return submission.answers().at(part).text(); };
  EXPECT_EQ(text("1a"), "(1000, 3, 256, 256): image, colour, width, height");
  EXPECT_EQ(text("2d"), "-2 at (3,4)");
  EXPECT_EQ(text("3c"), "28520");
  EXPECT_EQ(text("4b"), "\\frac{\\partial J}{\\partial Z[i, j_1, j_2, m]} \\cdot X[i, j + k_1, j_2 + k_2, n]\n");
  EXPECT_EQ(text("5a"), "[2, 2, 10, 0]");
  const auto right = Read<v1::Submission>("student_right.yaml");
  EXPECT_EQ(right.answers().at("1a").text(), "image=1000, height=256, width=256, colour=3");
  EXPECT_THAT(right.answers().at("4c").text(), EndsWith("dJ/dZ[i,j1-k1,j2-k2,m] W[k1,k2,n,m]"));
  EXPECT_THAT(right.answers().at("5b").tensor().shape(), ElementsAre(4));
}

}  // namespace
}  // namespace tensord::cli::message_file
