#include "client/cli/text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/conventions/print.h"

namespace tensord::cli {
namespace {

using Lines = std::vector<std::string>;

// No cell is wider: a list goes on in the next line.
constexpr size_t kCellWidth = 19;

std::string Padded(const std::string& text, size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

// A value on as many lines as it needs, broken after commas.
Lines CellLines(const std::string& value, bool marked) {
  Lines lines = {""};
  const std::vector<std::string> parts = absl::StrSplit(Escape(value), ", ");
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string part = parts[i] + (i + 1 < parts.size() ? "," : marked ? "*" : "");
    if (lines.back().empty()) {
      lines.back() = part;
    } else if (lines.back().size() + 1 + part.size() <= kCellWidth) {
      absl::StrAppend(&lines.back(), " ", part);
    } else {
      lines.push_back(part);
    }
  }
  return lines;
}

class TableText {
 public:
  TableText(const ConventionTable& table, const Style& style) : table_(table), style_(style) {
    widths_ = {Widest("convention", [](const ConventionRow& row) { return Escape(row.name).size(); })};
    for (size_t c = 0; c < table.columns.size(); ++c) {
      widths_.push_back(Widest(table.columns[c].title, [&](const ConventionRow& row) {
        size_t width = 0;
        for (const std::string& line : Cell(row, c)) width = std::max(width, line.size());
        return width;
      }));
    }
  }

  std::string Text() const {
    std::string head = Padded("convention", widths_[0]);
    for (size_t c = 0; c < table_.columns.size(); ++c) {
      absl::StrAppend(&head, "  ", Padded(table_.columns[c].title, widths_[c + 1]));
    }
    head.erase(head.find_last_not_of(' ') + 1);
    std::string text = style_.Bold(head) + "\n";
    for (const ConventionRow& row : table_.rows) AppendRow(row, text);
    return text;
  }

 private:
  static Lines Cell(const ConventionRow& row, size_t column) {
    return CellLines(row.values[column], row.differs(column));
  }

  template <typename Width>
  size_t Widest(const std::string& title, const Width& width) const {
    size_t widest = title.size();
    for (const ConventionRow& row : table_.rows) widest = std::max(widest, width(row));
    return widest;
  }

  void AppendRow(const ConventionRow& row, std::string& text) const {
    std::vector<Lines> cells = {{Escape(row.name)}};
    size_t height = 1;
    for (size_t c = 0; c < table_.columns.size(); ++c) {
      cells.push_back(Cell(row, c));
      height = std::max(height, cells.back().size());
    }
    for (size_t h = 0; h < height; ++h) {
      std::string line;
      std::string blanks;  // not at a line's end, and not within a colour
      for (size_t i = 0; i < cells.size(); ++i) {
        const std::string part = h < cells[i].size() ? cells[i][h] : "";
        if (!part.empty()) {
          absl::StrAppend(&line, blanks, i > 0 && row.differs(i - 1) ? style_.High(part) : part);
          blanks.clear();
        }
        blanks.append(widths_[i] - part.size() + 2, ' ');
      }
      absl::StrAppend(&text, line, "\n");
    }
    if (!row.meaning.empty()) absl::StrAppend(&text, style_.Dim("  " + row.meaning), "\n");
  }

  const ConventionTable& table_;
  const Style& style_;
  std::vector<size_t> widths_;
};

void AppendExample(const AnsweredExample& item, const ConventionTable& table, const Style& style, std::string& text) {
  absl::StrAppend(&text, "\n", style.Bold(item.example->name), "  (", item.example->convention, ")\n  ",
                  item.example->about, "\n  $ ", item.command, "\n");
  size_t width = 0;
  for (const ExampleAnswer& answer : item.answers) width = std::max(width, WhoText(answer, table.columns).size());
  for (const ExampleAnswer& answer : item.answers) {
    absl::StrAppend(&text, "    ", Padded(WhoText(answer, table.columns), width), "  ", Escape(AnswerText(answer)),
                    "\n");
  }
}

}  // namespace

std::string ConventionsText(const ConventionTable& table, const std::vector<AnsweredExample>& examples,
                            const Style& style) {
  std::string text = TableText(table, style).Text();
  absl::StrAppend(&text, "\n* differs from the default. REFUSED: a request has to say it.\n");
  if (examples.empty()) return text;
  absl::StrAppend(&text, "\n", style.Bold("Examples"),
                  ", answered just now: by the command as it stands (default), with --profile NAME, or with the flags "
                  "that are named.\n");
  for (const AnsweredExample& item : examples) AppendExample(item, table, style, text);
  return text;
}

}  // namespace tensord::cli
