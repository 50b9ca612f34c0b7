#include "client/cli/model/page.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/model/counts.h"
#include "client/cli/model/modules.h"
#include "client/cli/model/page_parts.h"
#include "client/cli/model/report.h"
#include "client/cli/model/summary.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

// A column of numbers with bars.
struct Column {
  const char* head;
  const char* style;
  CountSum ModuleSums::*sum;
  const v1::Count* (*of)(const v1::ModelLayer& layer);
  double most = 0;  // of a layer
};

const v1::Count* Written(const v1::ModelLayer& layer) {
  return layer.memory().has_written_byte_count() ? &layer.memory().written_byte_count() : nullptr;
}

std::vector<Column> ColumnsOf(const v1::AnalyzeModelResponse& model) {
  std::vector<Column> columns = {
      {"parameters", "parameters", &ModuleSums::parameters,
       [](const v1::ModelLayer& layer) { return &layer.parameter_count(); }},
      {"MACs", "macs", &ModuleSums::macs, [](const v1::ModelLayer& layer) { return MacCount(layer); }}};
  const bool has_memory =
      std::any_of(model.layers().begin(), model.layers().end(), [](const auto& layer) { return layer.has_memory(); });
  if (has_memory) columns.push_back({"bytes written", "memory", &ModuleSums::written, &Written});
  for (Column& column : columns) {
    for (const v1::ModelLayer& layer : model.layers()) column.most = std::max(column.most, Magnitude(column.of(layer)));
  }
  return columns;
}

std::string Bar(const char* style, double part) {
  return absl::StrFormat(
      R"(<svg class="bar %s" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">)"
      R"(<rect class="track" width="100" height="4"/><rect class="part" width="%.1f" height="4"/></svg>)",
      style, 100 * part);
}

std::string NumberCell(const std::string& text, double magnitude, const std::string& bar) {
  return absl::StrFormat(R"(<td class="n" data-value="%.17g">%s%s</td>)", magnitude, HtmlText(text), bar);
}

// Everything that a line's opening tag says of its place in the tree.
std::string RowTag(const ModuleRow& row, size_t number, const std::string& id) {
  const std::string parent = row.parent < 0 ? "" : absl::StrCat(R"( data-parent="module-)", row.parent, "\"");
  const std::string layer = row.layer < 0 ? "" : absl::StrCat(R"( data-layer=")", row.layer, "\"");
  return absl::StrCat("<tr id=\"", row.layer < 0 ? absl::StrCat("module-", number) : id, "\" class=\"",
                      row.layer < 0 ? "module" : "layer", R"(" data-depth=")", row.depth, "\"", parent, layer, ">");
}

std::string NameCell(const ModuleRow& row, const std::string& name) {
  return absl::StrCat(R"(<th scope="row" class="d)", row.depth, R"("><button type="button" data-label=")",
                      HtmlText(row.label), R"(" data-name=")", HtmlText(name), R"(" title=")", HtmlText(name), "\"",
                      row.layer < 0 ? R"( aria-expanded="true")" : "", ">", HtmlText(row.label), "</button></th>");
}

std::string ModuleLine(const ModuleRow& row, size_t number, const std::vector<Column>& columns, bool sees) {
  std::string html = absl::StrCat(RowTag(row, number, ""), NameCell(row, row.label), "<td></td><td></td>");
  for (const Column& column : columns) {
    const CountSum& sum = row.sums.*column.sum;
    absl::StrAppend(&html, NumberCell(sum.text(), sum.magnitude(), ""));
  }
  return absl::StrCat(html, sees ? "<td></td>" : "", "</tr>\n");
}

std::string LayerLine(const ModuleRow& row, const v1::ModelLayer& layer, const std::vector<Column>& columns,
                      bool sees) {
  std::string html = absl::StrCat(RowTag(row, 0, absl::StrCat("layer-", row.layer)), NameCell(row, layer.name()),
                                  "<td>", HtmlText(layer.operator_()), "</td><td>",
                                  HtmlText(layer.outputs().empty() ? "" : ShapeText(layer.outputs(0))), "</td>");
  for (const Column& column : columns) {
    const v1::Count* const count = column.of(layer);
    const double magnitude = Magnitude(count);
    absl::StrAppend(&html, NumberCell(CountText(count), magnitude,
                                      magnitude > 0 ? Bar(column.style, magnitude / column.most) : ""));
  }
  if (sees) absl::StrAppend(&html, "<td>", HtmlText(SeesText(layer)), "</td>");
  return absl::StrCat(html, "</tr>\n");
}

std::string LayersTable(const v1::AnalyzeModelResponse& model) {
  const std::vector<Column> columns = ColumnsOf(model);
  const bool sees = HasFields(model);
  std::string html =
      absl::StrCat(R"(<div class="scroll"><table id="layers"><caption>Each layer, in the modules of its name; )",
                   "a click on a column's head sorts, on a layer shows what it sees</caption>\n<thead><tr>");
  const auto head = [&](absl::string_view text, bool number) {
    absl::StrAppend(&html, R"(<th scope="col" aria-sort="none")", number ? R"( class="n")" : "",
                    R"(><button type="button">)", text, "</button></th>");
  };
  head("layer", false);
  head("operator", false);
  head("output", false);
  for (const Column& column : columns) head(column.head, true);
  if (sees) head("sees", false);
  absl::StrAppend(&html, "</tr></thead>\n<tbody>\n");
  const std::vector<ModuleRow> rows = ModuleRows(model);
  for (size_t i = 0; i < rows.size(); ++i) {
    const ModuleRow& row = rows[i];
    html += row.layer < 0 ? ModuleLine(row, i, columns, sees) : LayerLine(row, model.layers(row.layer), columns, sees);
  }
  return absl::StrCat(html, "</tbody></table></div>\n");
}

std::string TotalsList(const v1::AnalyzeModelResponse& model) {
  std::string html = "<dl class=\"totals\">\n";
  for (const SummaryLine& line : SummaryOf(model)) {
    absl::StrAppend(&html, "<div><dt>", HtmlText(line.name), R"(</dt><dd id="total-)", line.key, "\">",
                    HtmlText(line.value),
                    line.note.empty() ? "" : absl::StrCat(" <span class=\"soft\">", HtmlText(line.note), "</span>"),
                    "</dd></div>\n");
  }
  return absl::StrCat(html, "</dl>\n");
}

std::string SmallTable(const char* id, const SummaryTable& table) {
  if (table.rows.empty()) return "";
  std::string html =
      absl::StrCat("<h2>", table.title, "</h2>\n<div class=\"scroll\"><table id=\"", id, "\"><thead><tr>");
  for (const SummaryColumn& column : table.columns) {
    absl::StrAppend(&html, "<th scope=\"col\"", column.is_number ? " class=\"n\"" : "", ">", column.head, "</th>");
  }
  absl::StrAppend(&html, "</tr></thead>\n<tbody>\n");
  for (const std::vector<std::string>& row : table.rows) {
    html += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      const char* const tag = i == 0 ? "th" : "td";
      absl::StrAppend(&html, "<", tag, i == 0 ? " scope=\"row\"" : "", table.columns[i].is_number ? " class=\"n\"" : "",
                      ">", HtmlText(row[i]), "</", tag, ">");
    }
    html += "</tr>\n";
  }
  return absl::StrCat(html, "</tbody></table></div>\n");
}

std::string Notes(const v1::AnalyzeModelResponse& model) {
  std::string html;
  if (!model.unknown_layers().empty()) {
    absl::StrAppend(&html, "<p class=\"warning\">Totals are ", HtmlText(UnknownText(model)), "</p>\n");
  }
  for (const std::string& condition : model.conditions()) {
    absl::StrAppend(&html, "<p>Provided ", HtmlText(condition), "</p>\n");
  }
  return html;
}

std::string Head(const std::string& title) {
  return absl::StrCat("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n",
                      R"(<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ')",
                      kPageStyleHash, "'; script-src '", kPageScriptHash,
                      "'; base-uri 'none'; form-action 'none'\"/>\n",
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n",
                      "<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>", title, "</title>\n<style>",
                      kPageStyle, "</style>\n</head>\n");
}

constexpr char kTools[] = R"(<div class="tools">
<label>Search <input id="search" type="search" autocomplete="off" placeholder="name or operator"/></label>
<button type="button" id="fold">Fold modules</button><button type="button" id="unfold">Unfold</button>
<span id="found" class="soft" aria-live="polite"></span>
</div>
)";

constexpr char kAside[] = R"(<aside aria-label="The chosen layer, and the graph">
<section id="chosen" class="panel" aria-live="polite"><h3 id="chosen-name"></h3><dl id="facts" class="facts"></dl>
<div id="field"></div></section>
<section id="graph-panel" class="panel" tabindex="0" aria-label="The graph"><div id="graph"></div></section>
</aside>
)";

}  // namespace

std::string HtmlText(absl::string_view text) {
  return absl::StrReplaceAll(Escape(text),
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string ScriptJson(const v1::AnalyzeModelResponse& model) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  Report report = ModelReport(model);
  for (NamedValue& value : report.values) json[value.name] = std::move(value.value);
  const std::string text = json.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::ordered_json::error_handler_t::replace);
  return absl::StrReplaceAll(text, {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}});
}

std::string ModelHtml(const v1::AnalyzeModelResponse& model) {
  const std::string name = model.name().empty() ? "A model" : HtmlText(model.name());
  return absl::StrCat(
      Head(name), "<body>\n<a class=\"skip\" href=\"#layers\">To the layers</a>\n<header><h1>", name,
      "</h1>\n<p>takes ", HtmlText(TensorsText(model.inputs())), "; gives ", HtmlText(TensorsText(model.outputs())),
      "</p>\n", TotalsList(model), Notes(model), "</header>\n<main>\n<div class=\"columns\">\n<section>\n", kTools,
      LayersTable(model), "</section>\n", kAside, "</div>\n", SmallTable("conventions", ConventionsTable(model)),
      SmallTable("tools", ToolsTable(model)), "</main>\n<script type=\"application/json\" id=\"model\">",
      ScriptJson(model), "</script>\n<script>", kPageScript, "</script>\n</body>\n</html>\n");
}

}  // namespace tensord::cli
