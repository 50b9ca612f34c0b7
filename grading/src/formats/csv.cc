#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "grading/src/formats/text.h"
#include "grading/src/formats/verdict.h"
#include "tensord/grading/formats.h"

namespace tensord::grading {
namespace {

// Spreadsheets take a cell that begins so for a formula, which may send away what other cells hold. The wide forms are
// read as the narrow ones. Source: https://owasp.org/www-community/attacks/CSV_Injection
constexpr const char* kFormulaBeginnings[] = {
    "=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};

// A text, defused and quoted by RFC 4180, section 2.
std::string TextCell(absl::string_view text) {
  std::string cell = formats::OneLine(text);
  for (const char* const beginning : kFormulaBeginnings) {
    if (!absl::StartsWith(cell, beginning)) continue;
    cell.insert(0, 1, '\'');
    break;
  }
  if (cell.find_first_of(",\"") == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

std::string Row(const std::vector<std::string>& cells) { return absl::StrCat(absl::StrJoin(cells, ","), "\r\n"); }

}  // namespace

std::string CsvReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions) {
  const std::vector<std::string> ids = formats::PartIds(assignment, submissions);
  std::vector<std::string> head = {"id", "score", "max_score"};
  for (const std::string& id : ids) head.push_back(TextCell(id));
  std::string csv = Row(head);
  for (const v1::GradedSubmission& submission : submissions) {
    absl::flat_hash_map<std::string, double> points;
    for (const v1::GradedPart& part : submission.parts()) points[part.id()] = part.points();
    std::vector<std::string> cells = {TextCell(submission.id()), formats::PointsText(submission.score()),
                                      formats::PointsText(submission.max_score())};
    for (const std::string& id : ids) {
      const auto found = points.find(id);
      cells.push_back(found == points.end() ? "" : formats::PointsText(found->second));
    }
    csv += Row(cells);
  }
  return csv;
}

}  // namespace tensord::grading
