// Every slip of the catalogue, made on purpose and found again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "grading/src/answers/kind.h"
#include "grading/src/check.h"
#include "grading/src/plan.h"
#include "grading/src/question/generated.h"
#include "grading/src/slips/slip.h"
#include "tensord/grading/grader.h"
#include "tests/grading/local_engine.h"

namespace tensord::grading {
namespace {

using testing::AnyOf;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

v1::Assignment ReadAssignment() {
  v1::Assignment assignment;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(ReadFile(TENSORD_SLIP_QUESTIONS), &assignment));
  for (v1::Question& question : *assignment.mutable_questions()) {
    for (auto& [name, datum] : *question.mutable_data()) {
      if (!datum.has_generated()) continue;
      const absl::StatusOr<v1::Tensor> tensor = Generate(datum.generated(), name, "");
      EXPECT_TRUE(tensor.ok()) << tensor.status();
      *datum.mutable_tensor() = *tensor;
    }
  }
  return assignment;
}

// One slip, made in one part, and what the grader made of it.
struct Made {
  std::string part;
  std::string slip;
  v1::Outcome verdict;
  std::vector<std::string> found;
};

class SlipsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const v1::Assignment assignment = ReadAssignment();
    LocalEngine engine;
    absl::StatusOr<Grader::Made> made = Grader::Create(assignment, engine, {.engine_version = "test"});
    ASSERT_TRUE(made.ok()) << made.status();
    for (const v1::AssignmentFault& fault : made->faults) ADD_FAILURE() << fault.DebugString();
    ASSERT_NE(made->grader, nullptr);
    made_ = new std::vector<Made>;
    for (const v1::Question& question : assignment.questions()) MakeSlips(question, engine, *made->grader);
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }

  static void MakeSlips(const v1::Question& question, Engine& engine, const Grader& grader) {
    const auto plan = Plan::Create(question, v1::CONVENTION_PROFILE_UNSPECIFIED, engine, 1 << 20);
    ASSERT_TRUE(plan.ok()) << plan.status();
    for (int k = 0; k < question.parts_size(); ++k) {
      const absl::StatusOr<std::unique_ptr<Kind>> kind = MakeKind(question.parts(k));
      ASSERT_TRUE(kind.ok()) << kind.status();
      for (size_t slip = 0; slip < Catalogue().size(); ++slip) {
        const auto slipped = (*plan)->Under(k, {slip});
        ASSERT_TRUE(slipped.ok()) << slipped.status();
        if (!(*slipped)->differs) continue;
        const absl::StatusOr<std::vector<Computed>> right = (*plan)->Values(question.parts(k));
        ASSERT_TRUE(right.ok()) << right.status();
        // A shape does not show what the elements are.
        if ((*kind)->Text((*slipped)->values) == (*kind)->Text(*right)) continue;
        v1::Submission submission;
        submission.set_id("student");
        const std::string id = PartId(question, question.parts(k));
        (*submission.mutable_answers())[id].set_text((*kind)->Text((*slipped)->values));
        const absl::StatusOr<v1::GradedSubmission> graded = grader.Grade(submission);
        ASSERT_TRUE(graded.ok()) << graded.status();
        for (const v1::GradedPart& part : graded->parts()) {
          if (part.id() != id) continue;
          Made& made = made_->emplace_back();
          made = {id, std::string(Catalogue()[slip].id), part.verdict(), {}};
          for (const v1::SlipFound& found : part.diagnosis()) made.found.push_back(found.id());
        }
      }
    }
  }

  static std::vector<Made>* made_;
};

std::vector<Made>* SlipsTest::made_ = nullptr;

// Where two slips give one answer, and where a slip's answer is right all the same.
TEST_F(SlipsTest, EveryOneIsFoundAgain) {
  for (const Made& made : *made_) {
    const std::string what = absl::StrCat(made.slip, " in ", made.part);
    if (made.verdict == v1::OUTCOME_RIGHT) {
      // Equal formulas in other words, or places some of which are right.
      EXPECT_THAT(what, AnyOf("same-for-valid in pooled.shape", "SOME"));
      continue;
    }
    EXPECT_EQ(made.verdict, v1::OUTCOME_WRONG) << what;
    EXPECT_TRUE(std::find(made.found.begin(), made.found.end(), made.slip) != made.found.end())
        << what << ": found " << absl::StrJoin(made.found, ", ");
  }
}

TEST_F(SlipsTest, EveryOneShowsSomewhere) {
  std::set<std::string> shown;
  for (const Made& made : *made_) {
    if (made.verdict == v1::OUTCOME_WRONG) shown.insert(made.slip);
  }
  for (const Slip& slip : Catalogue()) EXPECT_EQ(shown.count(std::string(slip.id)), 1U) << slip.id;
}

TEST_F(SlipsTest, IdsAndTextsAreUniqueAndThereAreFortyAtLeast) {
  std::set<std::string> ids;
  std::set<std::string> texts;
  for (const SlipDescription& slip : AllSlips()) {
    EXPECT_TRUE(ids.insert(slip.id).second) << slip.id;
    texts.insert(slip.text);
    EXPECT_FALSE(slip.text.empty() || slip.text.back() == '.') << slip.id;
  }
  EXPECT_GE(Catalogue().size(), 40U);
}

// The table that docs/grading/slips.md shows. What it says is what is measured here.
TEST_F(SlipsTest, TheDocumentedTableHolds) {
  struct Row {
    size_t made = 0;
    size_t unique = 0;
    std::map<std::string, size_t> others;
  };
  std::map<std::string, Row> rows;
  size_t unique = 0;
  size_t wrong = 0;
  for (const Made& made : *made_) {
    if (made.verdict != v1::OUTCOME_WRONG) continue;
    Row& row = rows[made.slip];
    ++row.made;
    ++wrong;
    if (made.found.size() == 1) {
      ++row.unique;
      ++unique;
    }
    for (const std::string& other : made.found) {
      if (other != made.slip) ++row.others[other];
    }
  }
  std::vector<std::string> lines = {"| slip | what it is | made | named alone | otherwise beside |",
                                    "|---|---|---|---|---|"};
  for (const Slip& slip : Catalogue()) {
    const Row& row = rows[std::string(slip.id)];
    const std::string others = absl::StrJoin(
        row.others, ", ", [](std::string* out, const auto& other) { absl::StrAppend(out, "`", other.first, "`"); });
    lines.push_back(absl::StrFormat("| `%s` | %s | %d | %d | %s |", std::string(slip.id), std::string(slip.text),
                                    row.made, row.unique, others));
  }
  const std::string summary = absl::StrFormat(
      "%d slips of %d kinds in the parts of %d questions: %d (%.1f %%) named alone, the others beside some that give "
      "the same answer.",
      wrong, Catalogue().size(), ReadAssignment().questions_size(), unique,
      100.0 * static_cast<double>(unique) / static_cast<double>(wrong));
  const std::string table = absl::StrJoin(lines, "\n");
  const std::string page = ReadFile(TENSORD_SLIPS_PAGE);
  EXPECT_TRUE(absl::StrContains(page, table)) << "docs/grading/slips.md has to have:\n" << table;
  EXPECT_TRUE(absl::StrContains(page, summary)) << "docs/grading/slips.md has to have:\n" << summary;
}

}  // namespace
}  // namespace tensord::grading
