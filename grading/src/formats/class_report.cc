#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "grading/src/formats/page.h"
#include "grading/src/formats/summary.h"
#include "grading/src/formats/text.h"
#include "grading/src/formats/verdict.h"
#include "tensord/grading/formats.h"

namespace tensord::grading {
namespace {

using formats::HtmlText;
using formats::PartCount;

// A bar of a chart and its row in the table behind it.
struct Bar {
  std::string label;
  double share;                    // of the longest possible bar, 0 to 1
  std::string text;                // beside the bar
  std::vector<std::string> cells;  // of the table, without the label
};

struct Chart {
  const char* id;
  std::string title;
  std::vector<std::string> heads;  // the label's and the cells'
  std::vector<Bar> bars;
};

// At most 18 characters of a label stand beside a bar; the table has all.
std::string ShortLabel(absl::string_view label) {
  const std::string line = formats::OneLine(label);
  size_t end = 0;
  for (int characters = 0; end < line.size(); ++characters) {
    if (characters == 18) return absl::StrCat(line.substr(0, end), "\xe2\x80\xa6");
    end += formats::CharacterAt(line, end).length;
  }
  return line;
}

std::string BarsSvg(const Chart& chart) {
  constexpr int kLine = 22;
  constexpr int kBegin = 130;
  constexpr int kLength = 140;
  const size_t height = chart.bars.size() * kLine;
  std::string svg = absl::StrFormat(
      R"(<svg class="chart" role="img" aria-labelledby="%s-title" width="328" height="%d" viewBox="0 0 328 %d">)"
      R"(<title id="%s-title">%s</title>)",
      chart.id, height, height, chart.id, HtmlText(chart.title));
  for (size_t i = 0; i < chart.bars.size(); ++i) {
    const Bar& bar = chart.bars[i];
    const size_t top = i * kLine;
    absl::StrAppendFormat(
        &svg,
        R"(<text x="%d" y="%d" text-anchor="end">%s</text><rect class="bar-track" x="%d" y="%d" width="%d" height="14"/>)"
        R"(<rect class="bar-part" x="%d" y="%d" width="%.1f" height="14"/><text x="%d" y="%d">%s</text>)",
        kBegin - 6, top + 15, HtmlText(ShortLabel(bar.label)), kBegin, top + 4, kLength, kBegin, top + 4,
        kLength * std::clamp(bar.share, 0.0, 1.0), kBegin + kLength + 6, top + 15, HtmlText(bar.text));
  }
  return svg + "</svg>\n";
}

std::string TableHtml(const Chart& chart) {
  std::string html =
      absl::StrCat("<details><summary>The numbers</summary><table id=\"", chart.id, "-table\"><thead><tr>");
  for (const std::string& head : chart.heads) absl::StrAppend(&html, "<th scope=\"col\">", HtmlText(head), "</th>");
  html += "</tr></thead>\n<tbody>\n";
  for (const Bar& bar : chart.bars) {
    absl::StrAppend(&html, "<tr><th scope=\"row\">", HtmlText(bar.label), "</th>");
    for (const std::string& cell : bar.cells) absl::StrAppend(&html, "<td>", HtmlText(cell), "</td>");
    html += "</tr>\n";
  }
  return html + "</tbody></table></details>\n";
}

std::string ChartHtml(const Chart& chart) {
  if (chart.bars.empty()) return "";
  return absl::StrCat("<section id=\"", chart.id, "\">\n<h2>", HtmlText(chart.title), "</h2>\n", BarsSvg(chart),
                      TableHtml(chart), "</section>\n");
}

Chart Histogram(const formats::ClassSummary& summary) {
  Chart chart{
      .id = "scores", .title = "Scores, in tenths of all points", .heads = {"share", "submissions"}, .bars = {}};
  const int most = *std::max_element(summary.histogram.begin(), summary.histogram.end());
  for (size_t i = 0; i < summary.histogram.size(); ++i) {
    const int count = summary.histogram[i];
    const std::string number = absl::StrCat(count);
    chart.bars.push_back(
        {.label = absl::StrCat(10 * i, i == 9 ? " to 100 %" : absl::StrCat(" to <", 10 * (i + 1), " %")),
         .share = most == 0 ? 0 : static_cast<double>(count) / most,
         .text = number,
         .cells = {number}});
  }
  return chart;
}

Chart PartsChart(const formats::ClassSummary& summary) {
  Chart chart{.id = "parts",
              .title = "Right answers, by part",
              .heads = {"part", "right", "borderline", "wrong", "ungradable", "full points", "of"},
              .bars = {}};
  for (const PartCount& part : summary.parts) {
    const double share = part.answered == 0 ? 0 : static_cast<double>(part.right) / part.answered;
    chart.bars.push_back(
        {.label = part.id,
         .share = share,
         .text = absl::StrFormat("%.0f %%", 100 * share),
         .cells = {absl::StrCat(part.right), absl::StrCat(part.borderline), absl::StrCat(part.wrong),
                   absl::StrCat(part.ungradable), absl::StrCat(part.passed), absl::StrCat(part.answered)}});
  }
  return chart;
}

Chart SlipsChart(const formats::ClassSummary& summary) {
  constexpr size_t kMost = 30;
  Chart chart{
      .id = "slips", .title = "Slips, by how often they were found", .heads = {"slip", "what", "found"}, .bars = {}};
  for (size_t i = 0; i < summary.slips.size() && i < kMost; ++i) {
    const formats::SlipCount& slip = summary.slips[i];
    chart.bars.push_back({.label = slip.id,
                          .share = static_cast<double>(slip.count) / summary.slips.front().count,
                          .text = absl::StrCat(slip.count),
                          .cells = {slip.text, absl::StrCat(slip.count)}});
  }
  return chart;
}

}  // namespace

std::string ClassReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions) {
  const formats::ClassSummary summary = formats::Summarise(assignment, submissions);
  const std::string title = formats::TitleOf(assignment);
  const std::string facts = absl::StrFormat(
      "%d submissions; of %.4g points the mean is %.4g, the median %.4g, from %.4g to %.4g", summary.submission_count,
      summary.max_score, summary.mean, summary.median, summary.least, summary.most);
  return formats::Page(
      title, absl::StrCat("<header><h1>", HtmlText(title), "</h1>\n<p id=\"facts\">", facts, "</p></header>\n<main>\n",
                          ChartHtml(Histogram(summary)), ChartHtml(PartsChart(summary)), ChartHtml(SlipsChart(summary)),
                          "</main>\n"));
}

}  // namespace tensord::grading
