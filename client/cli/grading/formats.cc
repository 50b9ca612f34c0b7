#include "client/cli/grading/formats.h"

#include "tensord/grading/formats.h"

namespace tensord::cli {
namespace {

using Assignment = v1::Assignment;
using Submissions = absl::Span<const v1::GradedSubmission>;

std::string Text(const Assignment& assignment, Submissions submissions, const GradeTextOptions& options) {
  return grading::TextReport(assignment, submissions, {.width = options.width, .colour = options.color});
}

// A report that is no text for terminals.
template <std::string (*kWrite)(const Assignment&, Submissions)>
std::string All(const Assignment& assignment, Submissions submissions, const GradeTextOptions& /*options*/) {
  return kWrite(assignment, submissions);
}

template <std::string (*kWrite)(const v1::GradedSubmission&)>
std::string One(const Assignment& /*assignment*/, Submissions submissions, const GradeTextOptions& /*options*/) {
  return kWrite(submissions.front());
}

constexpr GradeFormat kFormats[] = {
    {.name = "text", .ending = ".txt", .write = Text},
    {.name = "json", .ending = ".json", .write = All<grading::JsonReport>},
    {.name = "markdown", .ending = ".md", .write = All<grading::MarkdownReport>},
    {.name = "html", .ending = ".html", .write = All<grading::HtmlReport>},
    {.name = "class", .ending = ".html", .write = All<grading::ClassReport>},
    {.name = "csv", .ending = ".csv", .write = All<grading::CsvReport>},
    {.name = "junit", .ending = ".xml", .write = All<grading::JUnitReport>},
    {.name = "gradescope", .ending = ".json", .is_of_one = true, .write = One<grading::GradescopeReport>},
    {.name = "prairielearn", .ending = ".json", .is_of_one = true, .write = One<grading::PrairieLearnReport>},
    {.name = "autolab", .ending = ".json", .is_of_one = true, .write = One<grading::AutolabReport>},
};

}  // namespace

const GradeFormat* FindGradeFormat(absl::string_view name) {
  for (const GradeFormat& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

std::vector<std::string> MoreGradeFormats() {
  std::vector<std::string> names;
  for (const GradeFormat& format : kFormats) {
    if (format.name != "text" && format.name != "json") names.emplace_back(format.name);
  }
  return names;
}

}  // namespace tensord::cli
