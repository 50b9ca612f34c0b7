// ModelMarkdown and ModelCsv.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/model/counts.h"
#include "client/cli/model/modules.h"
#include "client/cli/model/report.h"
#include "client/cli/model/summary.h"
#include "client/cli/number.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

using Row = std::vector<std::string>;

std::string MarkdownCell(const std::string& text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}, {"*", "\\*"}, {"<", "&lt;"}, {"&", "&amp;"}});
}

std::string MarkdownLine(const Row& row) {
  return absl::StrCat(
      "| ", absl::StrJoin(row, " | ", [](std::string* out, const std::string& text) { *out += MarkdownCell(text); }),
      " |\n");
}

std::string MarkdownTable(const SummaryTable& table) {
  if (table.rows.empty()) return "";
  std::string text = absl::StrCat("\n## ", table.title, "\n\n|");
  for (const SummaryColumn& column : table.columns) absl::StrAppend(&text, " ", column.head, " |");
  text += "\n|";
  for (const SummaryColumn& column : table.columns) text += column.is_number ? "---:|" : "---|";
  text += "\n";
  for (const Row& row : table.rows) {
    Row cells;
    for (const std::string& cell : row) cells.push_back(Escape(cell));
    text += MarkdownLine(cells);
  }
  return text;
}

std::string MarkdownLayers(const v1::AnalyzeModelResponse& model) {
  const bool sees = HasFields(model);
  const std::string convention = ConventionName(ConventionOf(model));
  std::string text =
      absl::StrCat("| layer | operator | output | parameters | MACs ", convention == "default" ? "" : convention + " ",
                   sees ? "| sees |\n|---|---|---|---:|---:|---|\n" : "|\n|---|---|---|---:|---:|\n");
  for (const v1::ModelLayer& layer : model.layers()) {
    Row row = {Escape(layer.name()), Escape(layer.operator_()),
               layer.outputs().empty() ? "" : ShapeText(layer.outputs(0)), CountText(&layer.parameter_count()),
               CountText(MacCount(layer))};
    if (sees) row.push_back(SeesText(layer));
    text += MarkdownLine(row);
  }
  return text;
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string CsvLine(const Row& row) {
  return absl::StrCat(
      absl::StrJoin(row, ",", [](std::string* out, const std::string& text) { *out += CsvField(text); }), "\r\n");
}

std::string CsvCount(bool has, const v1::Count& count) {
  if (!has) return "";
  return count.decimal().empty() ? count.expression() : count.decimal();
}

template <typename Message>
void AddCsvCounts(const Message& message, Row& row) {
  for (const ModelCount& count : ModelCounts()) {
    const v1::Count* const value = count.of(message.parameter_count(), message.buffer_count(),
                                            message.has_operations() ? &message.operations() : nullptr);
    row.push_back(value == nullptr ? "" : CsvCount(true, *value));
  }
}

constexpr const char* kMemoryHeads[] = {"parameter_byte_count", "buffer_byte_count", "read_byte_count",
                                        "written_byte_count",   "live_byte_count",   "training_byte_count"};

void AddCsvMemory(const v1::LayerMemory& memory, Row& row) {
  row.push_back(CsvCount(memory.has_parameter_byte_count(), memory.parameter_byte_count()));
  row.push_back(CsvCount(memory.has_buffer_byte_count(), memory.buffer_byte_count()));
  row.push_back(CsvCount(memory.has_read_byte_count(), memory.read_byte_count()));
  row.push_back(CsvCount(memory.has_written_byte_count(), memory.written_byte_count()));
  row.push_back(CsvCount(memory.has_live_byte_count(), memory.live_byte_count()));
  row.push_back(CsvCount(memory.has_training_byte_count(), memory.training_byte_count()));
}

// The total has no bytes read and written, and in the column of what is alive the peak.
void AddCsvMemory(const v1::ModelMemory& memory, Row& row) {
  row.push_back(CsvCount(memory.has_parameter_byte_count(), memory.parameter_byte_count()));
  row.push_back(CsvCount(memory.has_buffer_byte_count(), memory.buffer_byte_count()));
  row.insert(row.end(), 2, "");
  row.push_back(CsvCount(memory.has_peak_activation_byte_count(), memory.peak_activation_byte_count()));
  row.push_back(CsvCount(memory.has_training_byte_count(), memory.training_byte_count()));
}

constexpr const char* kCostHeads[] = {
    "convention_mac_count", "input_gradient_mac_count", "parameter_gradient_mac_count", "arithmetic_intensity", "bound",
    "receptive_field"};

template <typename Message>
void AddCsvCost(const Message& message, const std::string& sees, Row& row) {
  const v1::Count* const macs = MacCount(message);
  row.push_back(macs == nullptr ? "" : CsvCount(true, *macs));
  const v1::OperationCounts& input = message.backward().input_gradient();
  const v1::OperationCounts& parameter = message.backward().parameter_gradient();
  row.push_back(CsvCount(message.backward().has_input_gradient(), MacsOf(input)));
  row.push_back(CsvCount(message.backward().has_parameter_gradient(), MacsOf(parameter)));
  row.push_back(message.has_roofline() ? NumberText(message.roofline().arithmetic_intensity()) : "");
  row.push_back(BoundText(message.roofline()));
  row.push_back(sees);
}

}  // namespace

std::string ModelMarkdown(const v1::AnalyzeModelResponse& model) {
  std::string text = model.name().empty() ? "" : absl::StrCat("# ", MarkdownCell(Escape(model.name())), "\n\n");
  absl::StrAppend(&text, "Takes ", MarkdownCell(TensorsText(model.inputs())), "; gives ",
                  MarkdownCell(TensorsText(model.outputs())), ".\n\n", MarkdownLayers(model));
  absl::StrAppend(&text, "\n| total | |\n|---|---:|\n");
  for (const SummaryLine& line : SummaryOf(model)) {
    text +=
        MarkdownLine({line.name, line.note.empty() ? line.value : absl::StrCat(line.value, " ", Escape(line.note))});
  }
  if (!model.unknown_layers().empty()) absl::StrAppend(&text, "\n", MarkdownCell(UnknownText(model)), "\n");
  for (const std::string& condition : model.conditions()) {
    absl::StrAppend(&text, "\nProvided ", MarkdownCell(Escape(condition)), "\n");
  }
  return absl::StrCat(text, MarkdownTable(ConventionsTable(model)), MarkdownTable(ToolsTable(model)));
}

std::string ModelCsv(const v1::AnalyzeModelResponse& model) {
  Row heads = {"name", "operator", "output_shape"};
  for (const ModelCount& count : ModelCounts()) heads.emplace_back(count.name);
  heads.insert(heads.end(), std::begin(kMemoryHeads), std::end(kMemoryHeads));
  heads.insert(heads.end(), std::begin(kCostHeads), std::end(kCostHeads));
  std::string text = CsvLine(heads);
  for (const v1::ModelLayer& layer : model.layers()) {
    Row row = {layer.name(), layer.operator_(), layer.outputs().empty() ? "" : ShapeText(layer.outputs(0))};
    AddCsvCounts(layer, row);
    AddCsvMemory(layer.memory(), row);
    AddCsvCost(layer, SeesText(layer), row);
    text += CsvLine(row);
  }
  Row total = {"total", "", model.outputs().empty() ? "" : ShapeText(model.outputs(0))};
  AddCsvCounts(model, total);
  AddCsvMemory(model.memory(), total);
  AddCsvCost(model, "", total);
  return text + CsvLine(total);
}

}  // namespace tensord::cli
