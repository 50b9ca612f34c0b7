// Verdicts to write reports of: made by hand, with hostile texts in every field that strangers fill.
#ifndef TENSORD_TESTS_GRADING_FORMATS_SAMPLE_H_
#define TENSORD_TESTS_GRADING_FORMATS_SAMPLE_H_

#include <string>
#include <vector>

#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::grading::sample {

// What a student may write to break a page.
inline constexpr char kHostile[] = "<script>alert(1)</script>\"'&";

// Two questions, three parts: 1a, 1b, 2a.
v1::Assignment AnAssignment();

// A part with one point that is wrong.
v1::GradedPart WrongPart(const std::string& id, const std::string& answer);

// 1a right, 1b wrong with a difference and a slip, 2a ungradable; 1 of 4 points.
v1::GradedSubmission ASubmission(const std::string& id);

// All right: 4 of 4 points.
v1::GradedSubmission ARightSubmission(const std::string& id);

// Nothing of it can be graded.
v1::GradedSubmission AnUngradableSubmission(const std::string& id);

// The three, the first with a hostile id and answer.
std::vector<v1::GradedSubmission> AClass();

}  // namespace tensord::grading::sample

#endif  // TENSORD_TESTS_GRADING_FORMATS_SAMPLE_H_
