#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/conventions/print.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

constexpr char kHead[] =
    R"(# Conventions

Printed by `tensorctl conventions --format markdown`, which asks the system itself: nothing here is written by hand.

What a request leaves out is what its profile says, or the default where it names none. **Bold** differs from the
default. REFUSED: a request has to say it.

)";

constexpr char kExamples[] = R"(
## Examples

Each was answered when this page was printed: by the command as it stands (default), with `--profile NAME`, or with the
flags that are named.
)";

// Text within a cell of a table.
std::string CellText(const std::string& text) { return absl::StrReplaceAll(Escape(text), {{"|", "\\|"}}); }

std::string RowText(const std::vector<std::string>& cells) {
  return absl::StrCat("| ", absl::StrJoin(cells, " | "), " |\n");
}

void AppendTable(const ConventionTable& table, std::string& text) {
  std::vector<std::string> head = {"convention", "what it is"};
  for (const ProfileColumn& column : table.columns) head.push_back(column.title);
  absl::StrAppend(&text, RowText(head), "|", absl::StrJoin(std::vector<std::string>(head.size(), "---"), "|"), "|\n");
  for (const ConventionRow& row : table.rows) {
    std::vector<std::string> cells = {absl::StrCat("`", CellText(row.name), "`"), CellText(row.meaning)};
    for (size_t c = 0; c < table.columns.size(); ++c) {
      const std::string value = CellText(row.values[c]);
      cells.push_back(row.differs(c) ? absl::StrCat("**", value, "**") : value);
    }
    text += RowText(cells);
  }
}

void AppendExample(const AnsweredExample& item, const ConventionTable& table, std::string& text) {
  absl::StrAppend(&text, "\n### ", item.example->name, "\n\n`", item.example->convention, "`: ", item.example->about,
                  "\n\n    ", item.command, "\n\n| | answer |\n|---|---|\n");
  for (const ExampleAnswer& answer : item.answers) {
    const std::string who = WhoText(answer, table.columns);
    text +=
        RowText({answer.profiles.empty() ? absl::StrCat("`", who, "`") : who,
                 answer.refusal.empty() ? absl::StrCat("`", AnswerText(answer), "`") : CellText(AnswerText(answer))});
  }
}

}  // namespace

std::string ConventionsMarkdown(const ConventionTable& table, const std::vector<AnsweredExample>& examples) {
  std::string text = kHead;
  AppendTable(table, text);
  if (!examples.empty()) text += kExamples;
  for (const AnsweredExample& item : examples) AppendExample(item, table, text);
  return text;
}

}  // namespace tensord::cli
