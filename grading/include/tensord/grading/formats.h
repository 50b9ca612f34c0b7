// Reports: what verdicts look like to people and to learning platforms.
//
// Every function is one of its arguments alone: no clock, locale or file; the same messages give the same bytes. None
// fails. Texts of students, authors and ids are taken as hostile: each report quotes them by its format's own rules,
// and bytes that are no UTF-8 become U+FFFD or `\xNN`. Reports say what the verdicts say and add nothing, so a verdict
// that was made with a low hint level gives away no answer here. docs/grading/reports.md shows every format.
#ifndef TENSORD_GRADING_FORMATS_H_
#define TENSORD_GRADING_FORMATS_H_

#include <string>

#include "absl/types/span.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::grading {

// For programs: one object with `schema_version` 1, `assignment` and `submissions`. Whole numbers are written as 1, not
// 1.0; what is no number (NaN, infinity) as null. Fields: docs/grading/reports.md.
std::string JsonReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions);

// How a text report is laid out.
struct TextReportOptions {
  // Columns of the terminal, 20 to 1000; what is outside is taken as the nearer of the two.
  int width = 80;
  // Verdicts in colours, by ANSI's escape sequences.
  bool colour = false;
};

// For terminals: a table of the parts of each submission, its score, and a summary where there are several. No line is
// wider than the width, a character of East Asian width counted as two.
std::string TextReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions,
                       const TextReportOptions& options = {});

// For issues and chats: a table for each submission, in GitHub's Markdown.
std::string MarkdownReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions);

// For people in a browser, students or staff: one page, without scripts and without anything from elsewhere, with the
// questions' texts, the answers, and a picture of where a tensor differs.
std::string HtmlReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions);

// For staff in a browser: a page with the scores' histogram, each part's share of right answers, and how often each
// slip was made; each chart with the table of its numbers.
std::string ClassReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions);

// A gradebook, RFC 4180: id, score, max_score, and the points of each part; one row a submission. A part that a
// submission does not have is an empty cell. A text that a spreadsheet would take for a formula gets an apostrophe
// before it.
std::string CsvReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions);

// For continuous integration: JUnit's XML, one test suite a submission, one test case a part. What is not right is a
// failure whose type is the verdict.
// Source: junit-10.xsd of Jenkins' xUnit plugin.
std::string JUnitReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions);

// Gradescope's results.json.
// Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
std::string GradescopeReport(const v1::GradedSubmission& submission);

// PrairieLearn's results.json: the score as a share of max_score, 0 to 1. Where no part can be graded the submission is
// not gradable, and costs no attempt. At most 1,000,000 bytes: texts are cut until it fits, then tests left out, and
// `message` says so.
// Source: https://prairielearn.readthedocs.io/en/latest/externalGrading/
std::string PrairieLearnReport(const v1::GradedSubmission& submission);

// Autolab's last line of output: `{"scores":{"1a":1,...}}`, by part.
// Source: https://docs.autolabproject.com/lab/
std::string AutolabReport(const v1::GradedSubmission& submission);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_FORMATS_H_
