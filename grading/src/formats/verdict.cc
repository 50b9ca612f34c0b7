#include "grading/src/formats/verdict.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/formats/text.h"

namespace tensord::grading::formats {

const char* VerdictWord(v1::Outcome verdict) {
  switch (verdict) {
    case v1::OUTCOME_RIGHT:
      return "right";
    case v1::OUTCOME_WRONG:
      return "wrong";
    case v1::OUTCOME_BORDERLINE:
      return "borderline";
    case v1::OUTCOME_UNGRADABLE:
      return "ungradable";
    default:
      return "unknown";
  }
}

bool Passed(const v1::GradedPart& part) {
  return part.verdict() == v1::OUTCOME_RIGHT || (part.max_points() > 0 && part.points() >= part.max_points());
}

std::string WentWrong(const v1::GradedPart& part) {
  if (!part.feedback().empty()) return part.feedback();
  std::vector<std::string> said;
  if (!part.difference().text().empty()) said.push_back(part.difference().text());
  for (const v1::SlipFound& slip : part.diagnosis()) said.push_back(slip.text());
  return absl::StrJoin(said, "; ");
}

std::string FeedbackAndNotes(const v1::GradedPart& part) {
  std::vector<std::string> lines;
  if (std::string wrong = WentWrong(part); !wrong.empty()) lines.push_back(std::move(wrong));
  lines.insert(lines.end(), part.notes().begin(), part.notes().end());
  return absl::StrJoin(lines, "\n");
}

std::string PointsOf(double points, double max_points) {
  return absl::StrCat(PointsText(points), "/", PointsText(max_points));
}

double Share(double points, double max_points) {
  const double share = points / max_points;
  return std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
}

std::string TitleOf(const v1::Assignment& assignment) {
  if (!assignment.title().empty()) return assignment.title();
  return assignment.id().empty() ? "Grading" : assignment.id();
}

std::vector<std::string> PartIds(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions) {
  std::vector<std::string> ids;
  absl::flat_hash_set<std::string> seen;
  const auto add = [&](const std::string& id) {
    if (seen.insert(id).second) ids.push_back(id);
  };
  for (const v1::Question& question : assignment.questions()) {
    for (const v1::Part& part : question.parts()) add(absl::StrCat(question.id(), part.id()));
  }
  for (const v1::GradedSubmission& submission : submissions) {
    for (const v1::GradedPart& part : submission.parts()) add(part.id());
  }
  return ids;
}

}  // namespace tensord::grading::formats
