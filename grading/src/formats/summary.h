// What is said of a class: scores, parts and slips counted.
#ifndef TENSORD_GRADING_FORMATS_SUMMARY_H_
#define TENSORD_GRADING_FORMATS_SUMMARY_H_

#include <array>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::grading::formats {

// How one part went.
struct PartCount {
  std::string id;
  int answered = 0;  // submissions that have the part
  int right = 0;
  int wrong = 0;
  int borderline = 0;
  int ungradable = 0;
  int passed = 0;  // with full points
};

// How often a slip was found: once for each part of each submission.
struct SlipCount {
  std::string id;
  std::string text;  // as it was said first
  int count = 0;
};

struct ClassSummary {
  int submission_count = 0;
  double mean = 0;    // of scores, in points
  double median = 0;  // the mean of the middle two where their number is even
  double least = 0;
  double most = 0;
  double max_score = 0;             // the largest of the submissions'
  std::array<int, 10> histogram{};  // by tenths of max_score; full points are in the last
  std::vector<PartCount> parts;     // in the assignment's order
  std::vector<SlipCount> slips;     // the most frequent first, then by id
};

ClassSummary Summarise(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions);

}  // namespace tensord::grading::formats

#endif  // TENSORD_GRADING_FORMATS_SUMMARY_H_
