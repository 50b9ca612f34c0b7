// ModelText.
#include "client/cli/text.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/model/columns.h"
#include "client/cli/model/counts.h"
#include "client/cli/model/modules.h"
#include "client/cli/model/report.h"
#include "client/cli/model/summary.h"

namespace tensord::cli {
namespace {

constexpr size_t kLeastName = 12;
constexpr int kIndent = 2;

// A column of the layers' table.
struct Column {
  std::string head;
  bool is_number;
  // In which order columns are left out where there is no room; 0 is never.
  int dispensable;
  std::vector<std::string> cells;
};

std::string OutputText(const v1::ModelLayer& layer) {
  std::vector<std::string> shapes;
  for (const v1::ModelTensor& output : layer.outputs()) shapes.push_back(ShapeText(output));
  // A second output, of indices or a mask, is seldom what people look for.
  if (shapes.size() > 3) shapes.resize(1);
  return absl::StrJoin(shapes, ", ");
}

bool HasBounds(const v1::AnalyzeModelResponse& model) {
  return std::any_of(model.layers().begin(), model.layers().end(),
                     [](const v1::ModelLayer& layer) { return !BoundText(layer.roofline()).empty(); });
}

void AddModule(const ModuleRow& row, std::vector<Column>& columns) {
  const std::string cells[] = {"", "", row.sums.parameters.text(), row.sums.macs.text(), "", ""};
  for (size_t i = 1; i < columns.size(); ++i) columns[i].cells.push_back(cells[i - 1]);
}

void AddLayer(const v1::ModelLayer& layer, std::vector<Column>& columns) {
  const std::string cells[] = {Escape(layer.operator_()),  OutputText(layer), CountText(&layer.parameter_count()),
                               CountText(MacCount(layer)), SeesText(layer),   BoundText(layer.roofline())};
  for (size_t i = 1; i < columns.size(); ++i) columns[i].cells.push_back(cells[i - 1]);
}

std::vector<Column> ColumnsOf(const v1::AnalyzeModelResponse& model, const std::vector<ModuleRow>& rows) {
  const std::string convention = ConventionName(ConventionOf(model));
  std::vector<Column> columns = {{"layer", false, 0, {}},
                                 {"operator", false, 2, {}},
                                 {"output", false, 3, {}},
                                 {"parameters", true, 0, {}},
                                 {convention == "default" ? "MACs" : absl::StrCat("MACs ", convention), true, 0, {}},
                                 {"sees", false, 1, {}},
                                 {"bound", false, 4, {}}};
  for (const ModuleRow& row : rows) {
    columns[0].cells.push_back(
        absl::StrCat(std::string(static_cast<size_t>(row.depth * kIndent), ' '), Escape(row.label)));
    row.layer < 0 ? AddModule(row, columns) : AddLayer(model.layers(row.layer), columns);
  }
  if (!HasBounds(model)) columns.pop_back();
  if (!HasFields(model)) columns.erase(columns.begin() + 5);
  return columns;
}

size_t WidthOf(const Column& column) {
  size_t width = TextWidth(column.head);
  for (const std::string& cell : column.cells) width = std::max(width, TextWidth(cell));
  return width;
}

size_t Sum(const std::vector<size_t>& widths) {
  size_t sum = kColumnGap * (widths.size() - 1);
  for (const size_t width : widths) sum += width;
  return sum;
}

// Cuts names, then leaves columns out, until a line fits or nothing more can go.
std::vector<size_t> Fit(std::vector<Column>& columns, size_t width) {
  std::vector<size_t> widths;
  for (const Column& column : columns) widths.push_back(WidthOf(column));
  const size_t whole_name = widths[0];
  while (true) {
    widths[0] = 0;
    const size_t others = Sum(widths);
    const size_t room = width > others ? width - others : 0;
    // Half a name tells layers apart; before less than that is left, a column goes.
    const size_t wanted = std::min(whole_name, std::max(2 * kLeastName, whole_name / 2));
    const auto next = std::min_element(columns.begin(), columns.end(), [](const Column& a, const Column& b) {
      return (a.dispensable == 0 ? 99 : a.dispensable) < (b.dispensable == 0 ? 99 : b.dispensable);
    });
    if (room >= wanted || next->dispensable == 0) {
      widths[0] = std::min(whole_name, std::max(kLeastName, room));
      return widths;
    }
    widths.erase(widths.begin() + (next - columns.begin()));
    columns.erase(next);
  }
}

// Indentation stays; of the name behind it its end does, which tells names apart.
std::string CutName(const std::string& text, size_t width) {
  if (TextWidth(text) <= width) return text;
  const size_t indent = std::min(text.find_first_not_of(' '), width > kLeastName ? width - kLeastName : 0);
  return absl::StrCat(text.substr(0, indent), EndOfText(text.substr(text.find_first_not_of(' ')), width - indent));
}

std::string LayersText(const v1::AnalyzeModelResponse& model, size_t width, const Style& style) {
  const std::vector<ModuleRow> rows = ModuleRows(model);
  std::vector<Column> columns = ColumnsOf(model, rows);
  const std::vector<size_t> widths = Fit(columns, width);
  const auto line = [&](auto cell) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < columns.size(); ++i) cells.push_back(AlignedText(cell(i), widths[i], columns[i].is_number));
    std::string text = absl::StrJoin(cells, std::string(kColumnGap, ' '));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  std::string text = absl::StrCat(style.Bold(line([&](size_t i) { return columns[i].head; })), "\n");
  for (size_t k = 0; k < rows.size(); ++k) {
    const std::string row =
        line([&](size_t i) { return i == 0 ? CutName(columns[0].cells[k], widths[0]) : columns[i].cells[k]; });
    absl::StrAppend(&text, rows[k].layer < 0 ? style.Dim(row) : row, "\n");
  }
  return text;
}

std::string TotalsText(const v1::AnalyzeModelResponse& model) {
  std::vector<SummaryLine> lines = SummaryOf(model);
  size_t name_width = 0;
  size_t value_width = 0;
  for (const SummaryLine& line : lines) {
    name_width = std::max(name_width, TextWidth(line.name));
    value_width = std::max(value_width, TextWidth(line.value));
  }
  std::string text;
  for (const SummaryLine& line : lines) {
    absl::StrAppend(&text, AlignedText(line.name, name_width, false), "  ", AlignedText(line.value, value_width, true),
                    line.note.empty() ? "" : absl::StrCat("  ", Escape(line.note)), "\n");
  }
  return text;
}

// Its first `columns` columns: rules and sources are for pages.
std::string TableText(const SummaryTable& table, size_t count, size_t width, const Style& style) {
  if (table.rows.empty()) return "";
  std::vector<size_t> widths;
  for (size_t i = 0; i < count; ++i) {
    widths.push_back(TextWidth(table.columns[i].head));
    for (const std::vector<std::string>& row : table.rows) widths[i] = std::max(widths[i], TextWidth(Escape(row[i])));
  }
  const size_t others = Sum(widths) - widths[0];
  if (others + widths[0] > width) widths[0] = std::max(kLeastName, width > others ? width - others : 0);
  const auto line = [&](auto cell) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < count; ++i) {
      cells.push_back(AlignedText(EndOfText(cell(i), widths[i]), widths[i], table.columns[i].is_number));
    }
    std::string text = absl::StrJoin(cells, std::string(kColumnGap, ' '));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  std::string text = absl::StrCat("\n", style.Bold(line([&](size_t i) { return table.columns[i].head; })), "\n");
  for (const std::vector<std::string>& row : table.rows) {
    absl::StrAppend(&text, line([&](size_t i) { return Escape(row[i]); }), "\n");
  }
  return text;
}

}  // namespace

std::string ModelText(const v1::AnalyzeModelResponse& model, size_t width, const Style& style) {
  std::string text;
  if (!model.name().empty()) absl::StrAppend(&text, style.Bold(Escape(model.name())), "\n");
  absl::StrAppend(&text, "takes  ", TensorsText(model.inputs()), "\ngives  ", TensorsText(model.outputs()), "\n\n");
  absl::StrAppend(&text, LayersText(model, width, style), "\n", TotalsText(model));
  if (!model.unknown_layers().empty()) absl::StrAppend(&text, UnknownText(model), "\n");
  for (const std::string& condition : model.conditions()) absl::StrAppend(&text, "provided  ", Escape(condition), "\n");
  absl::StrAppend(&text, TableText(ConventionsTable(model), 3, width, style),
                  TableText(ToolsTable(model), 4, width, style));
  return text;
}

}  // namespace tensord::cli
