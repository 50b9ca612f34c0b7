#include "client/cli/grading/reports.h"

#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {

absl::StatusOr<std::vector<std::string>> ReportNames(absl::Span<const std::string> submission_files,
                                                     const GradeFormat& format) {
  std::vector<std::string> names;
  std::map<std::string, std::string> seen;
  for (const std::string& file : submission_files) {
    const std::string stem = file == "-" ? "standard_input" : std::filesystem::path(file).stem().string();
    std::string name = absl::StrCat(stem, format.ending);
    const auto [other, is_new] = seen.emplace(name, file);
    if (!is_new) {
      return absl::InvalidArgumentError(absl::StrCat("SUBMISSION: ", Escape(other->second), " and ", Escape(file),
                                                     " would both be reported in ", Escape(name),
                                                     "\nexpected: files of different names"));
    }
    names.push_back(std::move(name));
  }
  return names;
}

absl::StatusOr<std::vector<NamedReport>> MakeReports(const v1::Assignment& assignment,
                                                     absl::Span<const v1::GradedSubmission> submissions,
                                                     absl::Span<const std::string> submission_files,
                                                     const GradeFormat& format, const GradeTextOptions& options) {
  std::vector<NamedReport> reports;
  if (!format.is_of_one) {
    reports.push_back({absl::StrCat("report", format.ending), format.write(assignment, submissions, options)});
    return reports;
  }
  TENSORCTL_ASSIGN_OR_RETURN(const std::vector<std::string> names, ReportNames(submission_files, format));
  for (size_t i = 0; i < submissions.size(); ++i) {
    reports.push_back({names[i], format.write(assignment, submissions.subspan(i, 1), options)});
  }
  return reports;
}

}  // namespace tensord::cli
