// What tensorctl grade prints.
#ifndef TENSORD_CLI_GRADING_FORMATS_H_
#define TENSORD_CLI_GRADING_FORMATS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::cli {

// How text for a terminal is laid out; other forms do not care.
struct GradeTextOptions {
  int width = 80;
  bool color = false;
};

// A form of reports. A new one is a row of the table in formats.cc.
struct GradeFormat {
  absl::string_view name;
  // Of the files that it is written to.
  absl::string_view ending;
  // Whether a report is about one submission, as platforms want it; else about all of them.
  bool is_of_one = false;
  std::string (*write)(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions,
                       const GradeTextOptions& options);
};

// The format of that name, or null.
[[nodiscard]] const GradeFormat* FindGradeFormat(absl::string_view name);
// All names but text and json, which every command has.
[[nodiscard]] std::vector<std::string> MoreGradeFormats();

}  // namespace tensord::cli

#endif  // TENSORD_CLI_GRADING_FORMATS_H_
