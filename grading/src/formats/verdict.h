// What all reports say alike of a verdict.
#ifndef TENSORD_GRADING_FORMATS_VERDICT_H_
#define TENSORD_GRADING_FORMATS_VERDICT_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::grading::formats {

// `right`, `wrong`, `borderline`, `ungradable`; `unknown` for what is none of these.
const char* VerdictWord(v1::Outcome verdict);

// Right, or with full points all the same, as where an error was carried on.
bool Passed(const v1::GradedPart& part);

// The feedback; without one, the difference and the slips.
std::string WentWrong(const v1::GradedPart& part);

// The feedback with the notes below it, one a line.
std::string FeedbackAndNotes(const v1::GradedPart& part);

// `2/3`, in points.
std::string PointsOf(double points, double max_points);

// The share that points are of max_points, 0 to 1; 0 where that is no number or max_points is 0.
double Share(double points, double max_points);

// The title of an assignment, or its id where it has none.
std::string TitleOf(const v1::Assignment& assignment);

// Every part's id: the assignment's in its order, then those that submissions have besides, as they come.
std::vector<std::string> PartIds(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions);

}  // namespace tensord::grading::formats

#endif  // TENSORD_GRADING_FORMATS_VERDICT_H_
