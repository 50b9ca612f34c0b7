// Where the reports of tensorctl grade go.
#ifndef TENSORD_CLI_GRADING_REPORTS_H_
#define TENSORD_CLI_GRADING_REPORTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/cli/grading/formats.h"

namespace tensord::cli {

// The name of each submission's report, `maria.json` for `answers/maria.yaml`. By the file's name and not by what
// stands in the file: that is the student's.
//
// Errors:  kInvalidArgument - two files of the same name, whose reports would be one.
[[nodiscard]] absl::StatusOr<std::vector<std::string>> ReportNames(absl::Span<const std::string> submission_files,
                                                                   const GradeFormat& format);

struct NamedReport {
  std::string name;
  std::string text;
};

// The reports with the names of their files: one for all, called `report`, or one for each submission.
[[nodiscard]] absl::StatusOr<std::vector<NamedReport>> MakeReports(const v1::Assignment& assignment,
                                                                   absl::Span<const v1::GradedSubmission> submissions,
                                                                   absl::Span<const std::string> submission_files,
                                                                   const GradeFormat& format,
                                                                   const GradeTextOptions& options);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_GRADING_REPORTS_H_
