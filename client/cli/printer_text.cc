#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/elements.h"
#include "client/cli/matrix_text.h"
#include "client/cli/printer.h"
#include "client/cli/status_macros.h"
#include "client/cli/style.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

constexpr size_t kWidth = 100;

std::string Padded(const std::string& text, size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

// Columns side by side, each as wide as its widest cell; one that is wider than `most` pushes the rest of its row.
std::string Aligned(const Rows& rows, size_t most) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (size_t i = 0; i < row.size(); ++i) {
      if (row[i].size() <= most) widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) line += i + 1 < row.size() ? Padded(row[i], widths[i]) : row[i];
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

// A value in words: lists with commas, objects as `name value, name value`.
std::string Plain(const Json& value) {
  if (value.is_string()) return Escape(value.get<std::string>());
  if (value.is_array() || value.is_object()) {
    std::vector<std::string> parts;
    for (const auto& item : value.items()) {
      parts.push_back(value.is_array() ? Plain(item.value())
                                       : absl::StrCat(Escape(item.key()), " ", Plain(item.value())));
    }
    return absl::StrJoin(parts, value.is_array() ? "," : ", ");
  }
  return value.dump();
}

bool IsShape(const std::string& name) { return name == "shape" || name == "output_shape"; }

// What stands at the end of a quantity's line: more than one text where a list is too long for it.
std::vector<std::string> QuantityTexts(const NamedValue& named) {
  if (!named.value.is_array()) return {Plain(named.value)};
  std::vector<std::string> parts;
  for (const Json& part : named.value) parts.push_back(Plain(part));
  const bool numbers =
      std::all_of(named.value.begin(), named.value.end(), [](const Json& part) { return part.is_number(); });
  if (IsShape(named.name) && numbers) return {parts.empty() ? "scalar" : absl::StrJoin(parts, " x ")};
  const std::string line = absl::StrJoin(parts, ", ");
  return line.size() > kWidth ? parts : std::vector<std::string>{line};
}

class TextPrinter : public Printer {
 public:
  TextPrinter(std::ostream& out, bool color, bool notes) : out_(out), style_(color), notes_(notes) {}

  absl::Status Print(const Report& report) override {
    text_.str("");
    for (const NamedTensor& named : report.tensors) TENSORCTL_RETURN_IF_ERROR(PrintTensor(named));
    for (const NamedBounds& named : report.bounds) TENSORCTL_RETURN_IF_ERROR(PrintBounds(named));
    PrintQuantities(report);
    for (const std::string& condition : report.conditions) text_ << "provided  " << Escape(condition) << "\n";
    for (const NamedValue& named : report.values) {
      if (named.role == Role::kAnswer) text_ << Plain(named.value) << "\n";
      if (named.role == Role::kConventions) PrintConventions(named);
      if (named.role == Role::kTable) PrintTable(named);
    }
    out_ << text_.str();
    return absl::OkStatus();
  }

 private:
  absl::Status PrintTensor(const NamedTensor& named) {
    TENSORCTL_ASSIGN_OR_RETURN(const Elements elements, Elements::Of(named.tensor));
    const std::string axes = Escape(named.tensor.axes());
    text_ << style_.Bold(named.name) << "  " << TypeName(elements.type()) << "  " << ShapeText(elements.shape())
          << (axes.empty() ? "" : "  " + axes);
    if (!named.file.empty()) text_ << "  -> " << Escape(named.file);
    text_ << "\n";
    const MatrixText matrices = FormatMatrices(elements, axes, style_);
    text_ << matrices.text;
    for (const std::string& line : ExtremesText(elements)) text_ << line << "\n";
    PrintNotes(matrices, !named.file.empty());
    text_ << "\n";
    return absl::OkStatus();
  }

  // What each number may be off by, as it was computed; what any order of summation may be off by in one line.
  absl::Status PrintBounds(const NamedBounds& named) {
    TENSORCTL_ASSIGN_OR_RETURN(const Elements computed, Elements::Of(named.bounds.computed()));
    TENSORCTL_ASSIGN_OR_RETURN(const Elements any_order, Elements::Of(named.bounds.any_order()));
    const std::string axes = Escape(named.bounds.computed().axes());
    text_ << style_.Bold(named.name) << "  as computed\n";
    const MatrixText matrices = FormatMatrices(computed, axes, style_);
    text_ << matrices.text << LargestText(computed) << "in any order of summation: " << LargestText(any_order);
    PrintNotes(matrices, false);
    text_ << "\n";
    return absl::OkStatus();
  }

  void PrintNotes(const MatrixText& matrices, bool written) {
    if (!notes_ || (!matrices.abbreviated && !matrices.rounded)) return;
    std::vector<std::string> what;
    if (matrices.abbreviated) what.emplace_back("not all is shown");
    if (matrices.rounded) what.emplace_back("digits are cut");
    text_ << style_.Dim(
                 absl::StrCat("(", absl::StrJoin(what, " and "), ": ",
                              written ? "the file has everything)" : "--format json or an --out file has everything)"))
          << "\n";
  }

  // `name = general = substituted = value`, or `name = value` where no formula came with it.
  void PrintQuantities(const Report& report) {
    Rows rows;
    for (const NamedValue& named : report.values) {
      if (named.role != Role::kQuantity) continue;
      if (named.value.is_object()) {
        for (const auto& item : named.value.items()) {
          AppendQuantity(report, {absl::StrCat(named.name, ".", item.key()), item.value()}, rows);
        }
      } else {
        AppendQuantity(report, named, rows);
      }
    }
    const bool formulas = !report.formulas.empty();
    if (!formulas) {
      for (auto& row : rows) row.erase(row.begin() + 1, row.end() - 1);
    }
    text_ << Aligned(rows, kWidth / 2);
  }

  void AppendQuantity(const Report& report, const NamedValue& named, Rows& rows) {
    const std::vector<std::string> values = QuantityTexts(named);
    AppendRow(report, named.name, values.empty() ? "none" : values[0], rows);
    for (size_t i = 1; i < values.size(); ++i) rows.push_back({"", "", "", "   " + values[i]});
    if (!named.value.is_array()) return;
    // A shape's sizes come with a formula each.
    for (const v1::Formula& formula : report.formulas) {
      const Json* size =
          absl::StartsWith(formula.quantity(), named.name + "[") ? FindValue(report, formula.quantity()) : nullptr;
      if (size != nullptr) AppendRow(report, formula.quantity(), Plain(*size), rows);
    }
  }

  void AppendRow(const Report& report, const std::string& name, const std::string& value, Rows& rows) {
    std::string general;
    std::string substituted;
    for (const v1::Formula& formula : report.formulas) {
      if (formula.quantity() != name) continue;
      general = Escape(formula.general());
      substituted = Escape(formula.substituted());
    }
    // What repeats the value says nothing.
    if (substituted == value || substituted == general) substituted.clear();
    if (general == value) general.clear();
    rows.push_back({Escape(name), general.empty() ? "" : " = " + general,
                    substituted.empty() ? "" : " = " + substituted, " = " + value});
  }

  // One sentence, broken between its parts.
  void PrintConventions(const NamedValue& named) {
    std::string line = named.name + ":";
    const size_t indent = line.size();
    std::string text;
    for (auto item = named.value.begin(); item != named.value.end(); ++item) {
      std::string part = absl::StrCat(" ", Escape(item.key()), " ", item->is_object() ? "(" : "", Plain(*item),
                                      item->is_object() ? ")" : "", std::next(item) == named.value.end() ? "" : ";");
      std::replace(part.begin(), part.end(), '_', ' ');
      if (line.size() + part.size() > kWidth) {
        text += line + "\n";
        line = std::string(indent, ' ');
      }
      line += part;
    }
    text_ << style_.Dim(text + line) << "\n";
  }

  // An object of objects: a row per inner name, a column per outer one.
  void PrintTable(const NamedValue& named) {
    Rows rows = {{Padded(named.name, named.name.size() + 2)}};
    for (const auto& column : named.value.items()) {
      rows[0].push_back(Escape(column.key()) + "  ");
      for (const auto& cell : column.value().items()) {
        const std::string name = Escape(cell.key()) + "  ";
        auto row = std::find_if(rows.begin() + 1, rows.end(), [&](const auto& r) { return r[0] == name; });
        if (row == rows.end()) row = rows.insert(row, {name});
        row->resize(rows[0].size() - 1);
        row->push_back(Plain(cell.value()) + "  ");
      }
    }
    text_ << "\n" << Aligned(rows, kWidth);
  }

  std::ostream& out_;
  Style style_;
  bool notes_;
  std::ostringstream text_;
};

}  // namespace

std::unique_ptr<Printer> MakeTextPrinter(std::ostream& out, bool color, bool notes) {
  return std::make_unique<TextPrinter>(out, color, notes);
}

}  // namespace tensord::cli
