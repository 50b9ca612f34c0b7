#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "grading/src/formats/summary.h"
#include "grading/src/formats/text.h"
#include "grading/src/formats/verdict.h"
#include "tensord/grading/formats.h"

namespace tensord::grading {
namespace {

using formats::DisplayWidth;
using formats::Wrap;

constexpr char kBold[] = "\x1b[1m";
constexpr char kReset[] = "\x1b[0m";
constexpr int kGap = 2;
// Below so many columns for answers and feedback they stand below each other.
constexpr int kLeastForTexts = 30;

const char* ColourOf(v1::Outcome verdict) {
  switch (verdict) {
    case v1::OUTCOME_RIGHT:
      return "\x1b[32m";
    case v1::OUTCOME_BORDERLINE:
      return "\x1b[33m";
    case v1::OUTCOME_UNGRADABLE:
      return "\x1b[35m";
    default:
      return "\x1b[31m";
  }
}

// The columns of a table: part, verdict, points, what was answered, what went wrong.
struct Layout {
  int width;
  bool colour;
  int widths[5];
  bool is_stacked;
};

// A line of a table's row, one text a column.
using Row = std::vector<std::string>;

Layout LayoutFor(const v1::GradedSubmission& submission, const TextReportOptions& options) {
  Layout layout{.width = std::clamp(options.width, 20, 1000),
                .colour = options.colour,
                .widths = {4, 10, 6, 0, 0},
                .is_stacked = false};
  for (const v1::GradedPart& part : submission.parts()) {
    layout.widths[0] = std::max(layout.widths[0], std::min(DisplayWidth(formats::OneLine(part.id())), 12));
    const std::string points = formats::PointsOf(part.points(), part.max_points());
    layout.widths[2] = std::max(layout.widths[2], std::min(DisplayWidth(points), 15));
  }
  const int left = layout.width - layout.widths[0] - layout.widths[1] - layout.widths[2] - 4 * kGap;
  layout.is_stacked = left < kLeastForTexts;
  layout.widths[3] = left * 2 / 5;
  layout.widths[4] = left - layout.widths[3];
  return layout;
}

// The cells wrapped in their columns, line by line. `style` is for the second column's text.
std::string Cells(const Layout& layout, const Row& cells, absl::string_view style) {
  std::vector<std::vector<std::string>> wrapped;
  size_t height = 1;
  for (size_t i = 0; i < cells.size(); ++i) {
    wrapped.push_back(Wrap(cells[i], layout.widths[i]));
    height = std::max(height, wrapped.back().size());
  }
  std::string text;
  for (size_t line = 0; line < height; ++line) {
    std::string row;
    int padding = 0;  // written before the next text only: no line ends in spaces
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string cell = line < wrapped[i].size() ? wrapped[i][line] : "";
      const bool styled = i == 1 && !style.empty() && !cell.empty();
      if (!cell.empty()) {
        absl::StrAppend(&row, std::string(static_cast<size_t>(padding), ' '), styled ? style : "", cell,
                        styled ? kReset : "");
        padding = 0;
      }
      padding += layout.widths[i] - DisplayWidth(cell) + kGap;
    }
    absl::StrAppend(&text, row, "\n");
  }
  return text;
}

std::string Indented(const Layout& layout, absl::string_view text) {
  std::string indented;
  for (const std::string& line : Wrap(text, layout.width - kGap)) {
    absl::StrAppend(&indented, line.empty() ? "" : "  ", line, "\n");
  }
  return indented;
}

std::string PartText(const Layout& layout, const v1::GradedPart& part) {
  const Row fixed = {formats::OneLine(part.id()), formats::VerdictWord(part.verdict()),
                     formats::PointsOf(part.points(), part.max_points())};
  const std::string answer = formats::PlainText(part.answer());
  const std::string wrong = part.verdict() == v1::OUTCOME_RIGHT && part.notes().empty()
                                ? ""
                                : formats::PlainText(formats::FeedbackAndNotes(part));
  const absl::string_view style = layout.colour ? ColourOf(part.verdict()) : "";
  if (!layout.is_stacked) return Cells(layout, {fixed[0], fixed[1], fixed[2], answer, wrong}, style);
  Layout narrow = layout;
  narrow.widths[2] = std::max(2, layout.width - layout.widths[0] - layout.widths[1] - 2 * kGap);
  return absl::StrCat(Cells(narrow, fixed, style), answer.empty() ? "" : Indented(layout, answer),
                      wrong.empty() ? "" : Indented(layout, wrong));
}

std::string Heading(const Layout& layout, const std::string& text) {
  std::string heading;
  for (const std::string& line : Wrap(text, layout.width)) {
    absl::StrAppend(&heading, layout.colour ? kBold : "", line, layout.colour ? kReset : "", "\n");
  }
  return heading;
}

std::string SubmissionText(const v1::GradedSubmission& submission, const TextReportOptions& options) {
  const Layout layout = LayoutFor(submission, options);
  std::string text = Heading(layout, formats::OneLine(submission.id()));
  if (!layout.is_stacked) {
    text += Cells(layout, {"part", "verdict", "points", "answered", "what to say of it"}, "");
    absl::StrAppend(&text, std::string(static_cast<size_t>(layout.width), '-'), "\n");
  }
  for (const v1::GradedPart& part : submission.parts()) text += PartText(layout, part);
  for (const std::string& ignored : submission.ignored()) {
    for (const std::string& line : Wrap("ignored: there is no part " + formats::OneLine(ignored), layout.width)) {
      absl::StrAppend(&text, line, "\n");
    }
  }
  return absl::StrCat(text, Heading(layout, "score: " + formats::PointsOf(submission.score(), submission.max_score())));
}

std::string ClassText(const formats::ClassSummary& summary, const TextReportOptions& options) {
  const Layout layout = LayoutFor({}, options);
  std::string said = absl::StrFormat("%d submissions: mean %.4g, median %.4g, from %.4g to %.4g of %.4g points\n",
                                     summary.submission_count, summary.mean, summary.median, summary.least,
                                     summary.most, summary.max_score);
  for (const formats::PartCount& part : summary.parts) {
    absl::StrAppend(&said, formats::OneLine(part.id), ": ", part.right, " of ", part.answered, " right\n");
  }
  constexpr size_t kMostSlips = 10;
  for (size_t i = 0; i < summary.slips.size() && i < kMostSlips; ++i) {
    absl::StrAppend(&said, summary.slips[i].count, " x ", formats::OneLine(summary.slips[i].id), "\n");
  }
  std::string text = Heading(layout, "the class");
  said.pop_back();
  for (const std::string& line : Wrap(said, layout.width)) absl::StrAppend(&text, line, "\n");
  return text;
}

}  // namespace

std::string TextReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions,
                       const TextReportOptions& options) {
  std::string text;
  for (const v1::GradedSubmission& submission : submissions) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", SubmissionText(submission, options));
  }
  if (submissions.size() > 1) {
    absl::StrAppend(&text, "\n", ClassText(formats::Summarise(assignment, submissions), options));
  }
  return text;
}

}  // namespace tensord::grading
