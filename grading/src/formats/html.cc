#include <cstddef>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/formats/heat_map.h"
#include "grading/src/formats/page.h"
#include "grading/src/formats/text.h"
#include "grading/src/formats/verdict.h"
#include "tensord/grading/formats.h"

namespace tensord::grading {
namespace {

using formats::HtmlText;

// What was asked, by a part's id.
struct Asked {
  const v1::Question* question;
  const v1::Part* part;
};
using Questions = absl::flat_hash_map<std::string, Asked>;

Questions QuestionsOf(const v1::Assignment& assignment) {
  Questions questions;
  for (const v1::Question& question : assignment.questions()) {
    for (const v1::Part& part : question.parts()) {
      questions.emplace(absl::StrCat(question.id(), part.id()), Asked{&question, &part});
    }
  }
  return questions;
}

std::string Given(absl::string_view text) {
  return text.empty() ? "" : absl::StrCat("<p class=\"given\">", HtmlText(text), "</p>\n");
}

std::string Entry(absl::string_view name, absl::string_view html) {
  return html.empty() ? "" : absl::StrCat("<dt>", name, "</dt><dd>", html, "</dd>\n");
}

std::string Preformatted(absl::string_view text) {
  return text.empty() ? "" : absl::StrCat("<pre>", HtmlText(text), "</pre>");
}

std::string DifferenceHtml(const v1::Difference& difference) {
  std::vector<std::string> said;
  if (!difference.text().empty()) said.push_back(HtmlText(difference.text()));
  if (!difference.answered().empty()) said.push_back(absl::StrCat("answered there: ", HtmlText(difference.answered())));
  if (!difference.expected().empty()) said.push_back(absl::StrCat("right there: ", HtmlText(difference.expected())));
  const std::string text = said.empty() ? "" : absl::StrCat("<p>", absl::StrJoin(said, "<br/>"), "</p>\n");
  return text + formats::HeatMaps(difference);
}

std::string DiagnosisHtml(const v1::GradedPart& part) {
  if (part.diagnosis().empty()) return "";
  std::string html = "<ul>";
  for (const v1::SlipFound& slip : part.diagnosis()) {
    absl::StrAppend(&html, "<li>", HtmlText(slip.text()), " <span class=\"soft\">(", HtmlText(slip.id()),
                    ")</span></li>");
  }
  return html + "</ul>";
}

std::string NotesHtml(const v1::GradedPart& part) {
  if (part.notes().empty()) return "";
  std::string html = "<ul>";
  for (const std::string& note : part.notes()) absl::StrAppend(&html, "<li>", HtmlText(note), "</li>");
  return html + "</ul>";
}

std::string PartHtml(const v1::GradedPart& part, const Asked* asked) {
  const char* const verdict = formats::VerdictWord(part.verdict());
  return absl::StrCat(
      "<section class=\"part ", verdict, "\">\n<div class=\"head\"><h4>", HtmlText(part.id()),
      "</h4><span class=\"verdict\">", verdict, "</span><span class=\"points\">",
      HtmlText(formats::PointsOf(part.points(), part.max_points())), " points</span></div>\n",
      asked == nullptr ? "" : Given(asked->part->text()), "<dl>\n",
      Entry("Answer", part.answer().empty() ? "<span class=\"soft\">none</span>" : Preformatted(part.answer())),
      Entry("Feedback", HtmlText(part.feedback())), Entry("Difference", DifferenceHtml(part.difference())),
      Entry("What may have happened", DiagnosisHtml(part)), Entry("Notes", NotesHtml(part)), "</dl>\n</section>\n");
}

std::string PartsHtml(const v1::GradedSubmission& submission, const Questions& questions) {
  std::string html;
  const v1::Question* current = nullptr;
  for (const v1::GradedPart& part : submission.parts()) {
    const auto found = questions.find(part.id());
    const Asked* const asked = found == questions.end() ? nullptr : &found->second;
    if (asked != nullptr && asked->question != current) {
      current = asked->question;
      absl::StrAppend(&html, "<h3>Question ", HtmlText(current->id()), "</h3>\n", Given(current->text()));
    }
    html += PartHtml(part, asked);
  }
  return html;
}

std::string ReceiptHtml(const v1::GradedSubmission& submission) {
  std::string html = absl::StrCat(
      "<details><summary>Receipt</summary><dl>\n", Entry("Engine", HtmlText(submission.engine_version())),
      Entry("SHA-256", HtmlText(submission.sha256())), Entry("Signature", HtmlText(submission.signature())));
  return absl::StrCat(html, Entry("Conventions", Preformatted(absl::StrJoin(submission.conventions(), "\n"))),
                      "</dl></details>\n");
}

std::string SubmissionHtml(const v1::GradedSubmission& submission, size_t number, const Questions& questions) {
  std::string html = absl::StrCat("<article id=\"s", number, "\">\n<h2>", HtmlText(submission.id()),
                                  "</h2>\n<p class=\"score\">Score: ",
                                  HtmlText(formats::PointsOf(submission.score(), submission.max_score())), "</p>\n");
  if (!submission.ignored().empty()) {
    absl::StrAppend(&html,
                    "<p>Answers to parts that there are not: ", HtmlText(absl::StrJoin(submission.ignored(), ", ")),
                    "</p>\n");
  }
  return absl::StrCat(html, PartsHtml(submission, questions), ReceiptHtml(submission), "</article>\n");
}

// A line for each submission, to go there.
std::string Contents(absl::Span<const v1::GradedSubmission> submissions) {
  std::string html =
      "<table id=\"contents\"><thead><tr><th scope=\"col\">submission</th><th scope=\"col\" class=\"n\">score</th></tr>"
      "</thead>\n<tbody>\n";
  for (size_t i = 0; i < submissions.size(); ++i) {
    absl::StrAppend(&html, "<tr><th scope=\"row\"><a href=\"#s", i, "\">", HtmlText(submissions[i].id()),
                    "</a></th><td class=\"n\">",
                    HtmlText(formats::PointsOf(submissions[i].score(), submissions[i].max_score())), "</td></tr>\n");
  }
  return html + "</tbody></table>\n";
}

}  // namespace

std::string HtmlReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions) {
  const Questions questions = QuestionsOf(assignment);
  const std::string title = formats::TitleOf(assignment);
  std::string body = absl::StrCat("<header><h1>", HtmlText(title), "</h1></header>\n<main>\n");
  if (submissions.size() > 1) body += Contents(submissions);
  for (size_t i = 0; i < submissions.size(); ++i) body += SubmissionHtml(submissions[i], i, questions);
  return formats::Page(title, absl::StrCat(body, "</main>\n"));
}

}  // namespace tensord::grading
