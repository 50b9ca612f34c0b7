// The tables of ModelText, ModelMarkdown and ModelCsv.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/model/counts.h"
#include "client/cli/model/report.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

using Row = std::vector<std::string>;

constexpr size_t kNameColumn = 0;
constexpr size_t kFirstNumber = 3;
constexpr size_t kLeastName = 12;

const char* const kHeads[] = {"layer", "operator", "output", "parameters", "MACs"};

Row RowOf(const v1::ModelLayer& layer) {
  std::vector<std::string> shapes;
  for (const v1::ModelTensor& output : layer.outputs()) shapes.push_back(ShapeText(output));
  // A second output, of indices or a mask, is seldom what people look for.
  if (shapes.size() > 3) shapes.resize(1);
  return {Escape(layer.name()), Escape(layer.operator_()), absl::StrJoin(shapes, ", "),
          CountText(&layer.parameter_count()),
          CountText(layer.has_operations() ? &layer.operations().mac_count() : nullptr)};
}

std::vector<Row> RowsOf(const v1::AnalyzeModelResponse& model) {
  std::vector<Row> rows;
  for (const v1::ModelLayer& layer : model.layers()) rows.push_back(RowOf(layer));
  return rows;
}

// How many characters of UTF-8; what Escape left is that.
size_t Width(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

std::string Aligned(const std::string& text, size_t width, bool right) {
  const std::string blanks(width > Width(text) ? width - Width(text) : 0, ' ');
  return right ? blanks + text : text + blanks;
}

// Its end, which tells names apart, behind an ellipsis.
std::string EndOf(const std::string& text, size_t width) {
  if (Width(text) <= width) return text;
  size_t begin = text.size();
  for (size_t count = 0; count + 1 < width && begin > 0;) {
    --begin;
    if ((static_cast<unsigned char>(text[begin]) & 0xc0) != 0x80) ++count;
  }
  return absl::StrCat("…", text.substr(begin));
}

// Name and value of each total, those that are 0 left out.
std::vector<Row> Totals(const v1::AnalyzeModelResponse& model) {
  static const std::pair<const char*, const char*> kNames[] = {
      {"parameter_count", "parameters"},
      {"buffer_count", "buffers (running statistics)"},
      {"mac_count", "multiply-accumulates"},
      {"flop_count", "FLOPs (2 for each)"},
      {"multiplication_count", "multiplications"},
      {"addition_count", "additions"},
      {"comparison_count", "comparisons"},
      {"division_count", "divisions"},
      {"special_function_count", "special functions"},
  };
  std::vector<Row> rows;
  for (const auto& [name, text] : kNames) {
    for (const ModelCount& count : ModelCounts()) {
      if (count.name != absl::string_view(name)) continue;
      const v1::Count* const value = count.of(model.parameter_count(), model.buffer_count(), &model.operations());
      const std::string number = CountText(value);
      const bool always = name == absl::string_view("parameter_count") || name == absl::string_view("mac_count");
      if (number != "0" || always) rows.push_back({text, number});
    }
  }
  return rows;
}

std::string TensorsText(const google::protobuf::RepeatedPtrField<v1::ModelTensor>& tensors) {
  return absl::StrJoin(tensors, "; ", [](std::string* out, const v1::ModelTensor& tensor) {
    absl::StrAppend(out, Escape(tensor.name()), " ", tensor.element_type(), " ", ShapeText(tensor));
  });
}

std::string UnknownText(const v1::AnalyzeModelResponse& model) {
  constexpr int kMost = 5;
  std::vector<std::string> names;
  for (int i = 0; i < std::min(kMost, model.unknown_layers_size()); ++i) {
    names.push_back(Escape(model.unknown_layers(i)));
  }
  if (model.unknown_layers_size() > kMost) names.push_back("...");
  return absl::StrCat("at least: nothing is known of what ", model.unknown_layers_size(), " of the layers cost (",
                      absl::StrJoin(names, ", "), ")");
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

template <typename Message>
void AddCsvCounts(const Message& message, Row& row) {
  for (const ModelCount& count : ModelCounts()) {
    const v1::Count* const value = count.of(message.parameter_count(), message.buffer_count(),
                                            message.has_operations() ? &message.operations() : nullptr);
    row.push_back(value == nullptr ? "" : value->decimal().empty() ? value->expression() : value->decimal());
  }
}

std::string CsvLine(const Row& row) {
  return absl::StrCat(
      absl::StrJoin(row, ",", [](std::string* out, const std::string& text) { *out += CsvField(text); }), "\r\n");
}

std::string MarkdownCell(const std::string& text) { return absl::StrReplaceAll(text, {{"|", "\\|"}, {"*", "\\*"}}); }

}  // namespace

std::string ModelText(const v1::AnalyzeModelResponse& model, size_t width, const Style& style) {
  const std::vector<Row> rows = RowsOf(model);
  std::vector<size_t> widths;
  for (const char* head : kHeads) widths.push_back(std::string(head).size());
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  constexpr size_t kGap = 2;
  size_t others = kGap * (widths.size() - 1);
  for (size_t i = 1; i < widths.size(); ++i) others += widths[i];
  if (others + widths[kNameColumn] > width) {
    widths[kNameColumn] = std::max(kLeastName, width > others ? width - others : 0);
  }
  const auto line = [&](const Row& row) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < row.size(); ++i) {
      cells.push_back(Aligned(i == kNameColumn ? EndOf(row[i], widths[i]) : row[i], widths[i], i >= kFirstNumber));
    }
    std::string text = absl::StrJoin(cells, "  ");
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  std::string text;
  if (!model.name().empty()) absl::StrAppend(&text, style.Bold(Escape(model.name())), "\n");
  absl::StrAppend(&text, "takes  ", TensorsText(model.inputs()), "\ngives  ", TensorsText(model.outputs()), "\n\n");
  absl::StrAppend(&text, style.Bold(line(Row(std::begin(kHeads), std::end(kHeads)))), "\n");
  for (const Row& row : rows) absl::StrAppend(&text, line(row), "\n");
  absl::StrAppend(&text, "\n");
  const std::vector<Row> totals = Totals(model);
  size_t name_width = 0;
  size_t value_width = 0;
  for (const Row& row : totals) {
    name_width = std::max(name_width, Width(row[0]));
    value_width = std::max(value_width, Width(row[1]));
  }
  for (const Row& row : totals) {
    absl::StrAppend(&text, Aligned(row[0], name_width, false), "  ", Aligned(row[1], value_width, true), "\n");
  }
  if (!model.unknown_layers().empty()) absl::StrAppend(&text, UnknownText(model), "\n");
  for (const std::string& condition : model.conditions()) absl::StrAppend(&text, "provided  ", Escape(condition), "\n");
  return text;
}

std::string ModelMarkdown(const v1::AnalyzeModelResponse& model) {
  std::string text = model.name().empty() ? "" : absl::StrCat("# ", MarkdownCell(Escape(model.name())), "\n\n");
  absl::StrAppend(&text, "Takes ", MarkdownCell(TensorsText(model.inputs())), "; gives ",
                  MarkdownCell(TensorsText(model.outputs())), ".\n\n");
  absl::StrAppend(&text, "| ", absl::StrJoin(kHeads, " | "), " |\n|---|---|---|---:|---:|\n");
  for (const Row& row : RowsOf(model)) {
    std::vector<std::string> cells;
    for (const std::string& cell : row) cells.push_back(MarkdownCell(cell));
    absl::StrAppend(&text, "| ", absl::StrJoin(cells, " | "), " |\n");
  }
  absl::StrAppend(&text, "\n| total | |\n|---|---:|\n");
  for (const Row& row : Totals(model)) absl::StrAppend(&text, "| ", row[0], " | ", MarkdownCell(row[1]), " |\n");
  if (!model.unknown_layers().empty()) absl::StrAppend(&text, "\n", MarkdownCell(UnknownText(model)), "\n");
  for (const std::string& condition : model.conditions()) {
    absl::StrAppend(&text, "\nProvided ", MarkdownCell(Escape(condition)), "\n");
  }
  return text;
}

std::string ModelCsv(const v1::AnalyzeModelResponse& model) {
  Row heads = {"name", "operator", "output_shape"};
  for (const ModelCount& count : ModelCounts()) heads.emplace_back(count.name);
  std::string text = CsvLine(heads);
  for (const v1::ModelLayer& layer : model.layers()) {
    Row row = {layer.name(), layer.operator_(), layer.outputs().empty() ? "" : ShapeText(layer.outputs(0))};
    AddCsvCounts(layer, row);
    text += CsvLine(row);
  }
  Row total = {"total", "", model.outputs().empty() ? "" : ShapeText(model.outputs(0))};
  AddCsvCounts(model, total);
  return text + CsvLine(total);
}

}  // namespace tensord::cli
