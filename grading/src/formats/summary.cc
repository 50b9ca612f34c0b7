#include "grading/src/formats/summary.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "grading/src/formats/verdict.h"

namespace tensord::grading::formats {
namespace {

void Count(const v1::GradedPart& part, PartCount& count) {
  ++count.answered;
  count.right += part.verdict() == v1::OUTCOME_RIGHT ? 1 : 0;
  count.wrong += part.verdict() == v1::OUTCOME_WRONG ? 1 : 0;
  count.borderline += part.verdict() == v1::OUTCOME_BORDERLINE ? 1 : 0;
  count.ungradable += part.verdict() == v1::OUTCOME_UNGRADABLE ? 1 : 0;
  count.passed += Passed(part) ? 1 : 0;
}

std::vector<PartCount> CountParts(const v1::Assignment& assignment,
                                  absl::Span<const v1::GradedSubmission> submissions) {
  std::vector<PartCount> counts;
  absl::flat_hash_map<std::string, size_t> places;
  for (const std::string& id : PartIds(assignment, submissions)) {
    places[id] = counts.size();
    counts.push_back({.id = id});
  }
  for (const v1::GradedSubmission& submission : submissions) {
    for (const v1::GradedPart& part : submission.parts()) Count(part, counts[places[part.id()]]);
  }
  return counts;
}

std::vector<SlipCount> CountSlips(absl::Span<const v1::GradedSubmission> submissions) {
  std::vector<SlipCount> counts;
  absl::flat_hash_map<std::string, size_t> places;
  for (const v1::GradedSubmission& submission : submissions) {
    for (const v1::GradedPart& part : submission.parts()) {
      for (const v1::SlipFound& slip : part.diagnosis()) {
        const auto [place, is_new] = places.emplace(slip.id(), counts.size());
        if (is_new) counts.push_back({.id = slip.id(), .text = slip.text()});
        ++counts[place->second].count;
      }
    }
  }
  std::sort(counts.begin(), counts.end(), [](const SlipCount& a, const SlipCount& b) {
    return a.count != b.count ? a.count > b.count : a.id < b.id;
  });
  return counts;
}

void SummariseScores(absl::Span<const v1::GradedSubmission> submissions, ClassSummary& summary) {
  std::vector<double> scores;
  double sum = 0;
  for (const v1::GradedSubmission& submission : submissions) {
    const double score = std::isfinite(submission.score()) ? submission.score() : 0;
    scores.push_back(score);
    sum += score;
    if (std::isfinite(submission.max_score())) summary.max_score = std::max(summary.max_score, submission.max_score());
    const auto tenth = static_cast<size_t>(10 * Share(score, submission.max_score()));
    ++summary.histogram[std::min<size_t>(tenth, 9)];
  }
  if (scores.empty()) return;
  std::sort(scores.begin(), scores.end());
  const size_t middle = scores.size() / 2;
  summary.mean = sum / static_cast<double>(scores.size());
  summary.median = scores.size() % 2 == 1 ? scores[middle] : (scores[middle - 1] + scores[middle]) / 2;
  summary.least = scores.front();
  summary.most = scores.back();
}

}  // namespace

ClassSummary Summarise(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions) {
  ClassSummary summary;
  summary.submission_count = static_cast<int>(submissions.size());
  SummariseScores(submissions, summary);
  summary.parts = CountParts(assignment, submissions);
  summary.slips = CountSlips(submissions);
  return summary;
}

}  // namespace tensord::grading::formats
