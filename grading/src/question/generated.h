// Tensors that a seed determines.
#ifndef TENSORD_GRADING_QUESTION_GENERATED_H_
#define TENSORD_GRADING_QUESTION_GENERATED_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/grading.pb.h"

namespace tensord::grading {

// More elements than this are no data for a student.
inline constexpr int64_t kMaxGeneratedElements = int64_t{1} << 24;

// Integers from `low` to `high`, each as likely as any other, by SplitMix64 (Steele, Lea and Flood 2014, "Fast
// splittable pseudorandom number generators"), which is seeded with the seed, the datum's name and, where it is per
// student, the student's id. The numbers are part of the format: they never change.
//
// Error: kInvalidArgument - a size below 1, too many elements, low above high, or values that the type does not have.
[[nodiscard]] absl::StatusOr<v1::Tensor> Generate(const v1::GeneratedTensor& generated, absl::string_view name,
                                                  absl::string_view student_id);

// Whether the student's id has a say in the question's data.
[[nodiscard]] bool IsPerStudent(const v1::Question& question);

// The question with all its data there. Error: as Generate, `data[x].generated...`.
[[nodiscard]] absl::StatusOr<v1::Question> WithData(v1::Question question, absl::string_view student_id);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_QUESTION_GENERATED_H_
