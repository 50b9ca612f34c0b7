// DiffText, DiffMarkdown and DiffReport.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/model/columns.h"
#include "client/cli/model/counts.h"
#include "client/cli/model/diff.h"
#include "client/cli/model/modules.h"
#include "client/cli/proto_json.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

std::string SignedText(const CountSum& difference) {
  const std::string text = difference.text();
  const bool is_plain = text == "0" || text == "?" || text[0] == '-';
  return is_plain ? text : absl::StrCat("+", text);
}

// What is 0 in both is left out.
std::vector<Row> TotalRows(const ModelDifference& difference) {
  std::vector<Row> rows;
  for (const TotalDifference& total : difference.totals) {
    const Row row = {total.name, CountText(&total.a), CountText(&total.b), SignedText(total.difference),
                     total.ratio.has_value() ? absl::StrFormat("%.4g", *total.ratio) : ""};
    if (row[1] != "0" || row[2] != "0") rows.push_back(row);
  }
  return rows;
}

std::string LayersText(int count) { return absl::StrCat(count, count == 1 ? " layer" : " layers"); }

std::string SummaryText(const ModelDifference& difference) {
  const auto count = [&](bool in_a, bool in_b) {
    return std::count_if(difference.layers.begin(), difference.layers.end(), [&](const LayerDifference& layer) {
      return (layer.a != nullptr) == in_a && (layer.b != nullptr) == in_b;
    });
  };
  return absl::StrCat(
      LayersText(difference.same_count), " alike, ", count(true, true), " changed, ", count(false, true), " added, ",
      count(true, false), " removed",
      difference.renamed_count == 0 ? "" : absl::StrCat("; ", difference.renamed_count, " in both have another name"));
}

// Of a layer that is in one model only.
std::string OneText(const v1::ModelLayer& layer) {
  return absl::StrCat(Escape(layer.operator_()), ", output ",
                      layer.outputs().empty() ? "none" : ShapeText(layer.outputs(0)), ", parameters ",
                      CountText(&layer.parameter_count()), ", MACs ", CountText(MacCount(layer)));
}

std::string ChangesText(const LayerDifference& layer) {
  return absl::StrJoin(layer.fields, "; ", [](std::string* out, const FieldDifference& field) {
    absl::StrAppend(out, field.name, " ", Escape(field.a), " -> ", Escape(field.b));
  });
}

std::string NamesText(const LayerDifference& layer) {
  if (layer.a == nullptr) return Escape(layer.b->name());
  if (layer.b == nullptr || layer.a->name() == layer.b->name()) return Escape(layer.a->name());
  return absl::StrCat(Escape(layer.a->name()), " -> ", Escape(layer.b->name()));
}

std::string DetailText(const LayerDifference& layer) {
  if (layer.a == nullptr) return OneText(*layer.b);
  return layer.b == nullptr ? OneText(*layer.a) : ChangesText(layer);
}

std::string LineText(const LayerDifference& layer, const Style& style) {
  if (layer.a == nullptr) return style.High(absl::StrCat("+ ", NamesText(layer), "  ", DetailText(layer)));
  if (layer.b == nullptr) return style.Low(absl::StrCat("- ", NamesText(layer), "  ", DetailText(layer)));
  return absl::StrCat("~ ", NamesText(layer), "  ", DetailText(layer));
}

std::string MarkdownCell(const std::string& text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}, {"*", "\\*"}, {"<", "&lt;"}, {"&", "&amp;"}});
}

Json LayerJson(const v1::ModelLayer& layer) {
  const v1::Count* const macs = MacCount(layer);
  return {{"name", layer.name()},
          {"operator", layer.operator_()},
          {"output_shape", layer.outputs().empty() ? "" : ShapeText(layer.outputs(0))},
          {"parameter_count", CountJson(layer.parameter_count())},
          {"mac_count", macs == nullptr ? Json(nullptr) : CountJson(*macs)}};
}

Json ChangedJson(const LayerDifference& layer) {
  Json changes = Json::object();
  for (const FieldDifference& field : layer.fields) changes[field.key] = {{"a", field.a}, {"b", field.b}};
  return {{"name_a", layer.a->name()}, {"name_b", layer.b->name()}, {"changes", std::move(changes)}};
}

Json TotalsJson(const ModelDifference& difference) {
  Json totals = Json::object();
  for (const TotalDifference& total : difference.totals) {
    totals[total.key] = {{"a", CountJson(total.a)},
                         {"b", CountJson(total.b)},
                         {"difference", total.difference.known() ? CountJson(total.difference.count()) : Json(nullptr)},
                         {"ratio", total.ratio.has_value() ? Json(*total.ratio) : Json(nullptr)}};
  }
  return totals;
}

Json ModelJson(const std::string& file, const v1::AnalyzeModelResponse& model) {
  return {{"file", file},
          {"name", model.name()},
          {"layer_count", model.layers_size()},
          {"is_lower_bound", !model.unknown_layers().empty()}};
}

std::string LowerBoundNote(const ComparedModels& models) {
  const bool in_a = !models.a.unknown_layers().empty();
  const bool in_b = !models.b.unknown_layers().empty();
  if (!in_a && !in_b) return "";
  return absl::StrCat("Numbers of ",
                      in_a && in_b ? "both"
                      : in_a       ? "A"
                                   : "B",
                      " are at least: there are operators that are not known.\n");
}

}  // namespace

std::string DiffText(const ComparedModels& models, const Style& style) {
  const ModelDifference difference = CompareModels(models.a, models.b);
  std::vector<Row> rows = {{"", "A", "B", "difference", "ratio"}};
  for (Row& row : TotalRows(difference)) rows.push_back(std::move(row));
  std::vector<size_t> widths(5, 0);
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], TextWidth(row[i]));
  }
  const auto title = [](const char* letter, const std::string& file, const v1::AnalyzeModelResponse& model) {
    return absl::StrCat(letter, "  ", Escape(file), "  ", LayersText(model.layers_size()), "\n");
  };
  std::string text = absl::StrCat(title("A", models.name_a, models.a), title("B", models.name_b, models.b), "\n");
  for (size_t k = 0; k < rows.size(); ++k) {
    std::string line;
    for (size_t i = 0; i < rows[k].size(); ++i) {
      absl::StrAppend(&line, i == 0 ? "" : "  ", AlignedText(rows[k][i], widths[i], i > 0));
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, k == 0 ? style.Bold(line) : line, "\n");
  }
  absl::StrAppend(&text, LowerBoundNote(models), "\n", SummaryText(difference), "\n");
  for (const LayerDifference& layer : difference.layers) absl::StrAppend(&text, LineText(layer, style), "\n");
  return text;
}

std::string DiffMarkdown(const ComparedModels& models) {
  const ModelDifference difference = CompareModels(models.a, models.b);
  std::string text =
      absl::StrCat("A is ", MarkdownCell(Escape(models.name_a)), ", ", LayersText(models.a.layers_size()), "; B is ",
                   MarkdownCell(Escape(models.name_b)), ", ", LayersText(models.b.layers_size()), ".\n\n",
                   LowerBoundNote(models), "| total | A | B | difference | ratio |\n|---|---:|---:|---:|---:|\n");
  for (const Row& row : TotalRows(difference)) {
    absl::StrAppend(
        &text, "| ",
        absl::StrJoin(row, " | ", [](std::string* out, const std::string& cell) { *out += MarkdownCell(cell); }),
        " |\n");
  }
  absl::StrAppend(&text, "\n", SummaryText(difference), ".\n");
  if (difference.layers.empty()) return text;
  absl::StrAppend(&text, "\n| | layer | |\n|---|---|---|\n");
  for (const LayerDifference& layer : difference.layers) {
    absl::StrAppend(&text, "| ",
                    layer.a == nullptr   ? "added"
                    : layer.b == nullptr ? "removed"
                                         : "changed",
                    " | ", MarkdownCell(NamesText(layer)), " | ", MarkdownCell(DetailText(layer)), " |\n");
  }
  return text;
}

Report DiffReport(const ComparedModels& models) {
  const ModelDifference difference = CompareModels(models.a, models.b);
  Json added = Json::array();
  Json removed = Json::array();
  Json changed = Json::array();
  for (const LayerDifference& layer : difference.layers) {
    if (layer.a == nullptr) {
      added.push_back(LayerJson(*layer.b));
    } else if (layer.b == nullptr) {
      removed.push_back(LayerJson(*layer.a));
    } else {
      changed.push_back(ChangedJson(layer));
    }
  }
  Report report;
  report.values = {{"is_same", difference.is_same()},
                   {"a", ModelJson(models.name_a, models.a)},
                   {"b", ModelJson(models.name_b, models.b)},
                   {"total", TotalsJson(difference)},
                   {"same_count", difference.same_count},
                   {"renamed_count", difference.renamed_count},
                   {"changed", std::move(changed)},
                   {"added", std::move(added)},
                   {"removed", std::move(removed)}};
  return report;
}

}  // namespace tensord::cli
