#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/formats/text.h"
#include "grading/src/formats/verdict.h"
#include "tensord/grading/formats.h"

namespace tensord::grading {
namespace {

// On one line, every ASCII punctuation character escaped, which CommonMark (section 2.4) lets any of them be; & and <
// as entities, so that no renderer sees HTML.
std::string MarkdownText(absl::string_view text) {
  std::string markdown;
  for (const char c : formats::OneLine(text)) {
    if (c == '&') {
      markdown += "&amp;";
    } else if (c == '<') {
      markdown += "&lt;";
    } else if (absl::StrContains("\\`*_{}[]()#+-!|>~:@$=\"'/", absl::string_view(&c, 1))) {
      absl::StrAppend(&markdown, "\\", absl::string_view(&c, 1));
    } else {
      markdown += c;
    }
  }
  return markdown;
}

std::string Row(const std::vector<std::string>& cells) {
  return absl::StrCat("| ", absl::StrJoin(cells, " | "), " |\n");
}

}  // namespace

std::string MarkdownReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions) {
  std::string markdown = absl::StrCat("# ", MarkdownText(formats::TitleOf(assignment)), "\n");
  for (const v1::GradedSubmission& submission : submissions) {
    absl::StrAppend(&markdown, "\n## ", MarkdownText(submission.id()), "\n\n",
                    Row({"part", "verdict", "points", "answered", "what to say of it"}), "|---|---|---|---|---|\n");
    for (const v1::GradedPart& part : submission.parts()) {
      markdown += Row({MarkdownText(part.id()), formats::VerdictWord(part.verdict()),
                       formats::PointsOf(part.points(), part.max_points()), MarkdownText(part.answer()),
                       MarkdownText(formats::FeedbackAndNotes(part))});
    }
    absl::StrAppend(&markdown, "\n**Score: ", formats::PointsOf(submission.score(), submission.max_score()), "**\n");
  }
  return markdown;
}

}  // namespace tensord::grading
