#include "client/cli/layer/formulas.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tensord::cli::layer {
namespace {

std::string SizeText(const v1::Dimension& size) {
  return size.has_value() ? absl::StrCat(size.value()) : size.symbol();
}

std::string ValueText(const v1::Count& count) { return count.decimal().empty() ? count.expression() : count.decimal(); }

bool IsWordByte(char byte) { return absl::ascii_isalnum(static_cast<unsigned char>(byte)) || byte == '_'; }

// Whether it has a sum or a difference outside of parentheses.
bool IsSum(absl::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == '[') ++depth;
    if (text[i] == ')' || text[i] == ']') --depth;
    if (depth == 0 && i > 0 && text[i - 1] == ' ' && (text[i] == '+' || text[i] == '-')) return true;
  }
  return false;
}

}  // namespace

std::string ProductText(const std::vector<Size>& sizes) {
  if (sizes.empty()) return "1";
  return absl::StrJoin(sizes, "*", [](std::string* out, const Size& size) { *out += size.name; });
}

std::string ProductValues(const std::vector<Size>& sizes) {
  if (sizes.empty()) return "1";
  return absl::StrJoin(sizes, "*", [](std::string* out, const Size& size) { *out += SizeText(size.value); });
}

std::string AxisNames(size_t rank) {
  constexpr absl::string_view kSpace = "DHW";
  if (rank <= 2) return std::string(absl::string_view("NC").substr(0, rank));
  return absl::StrCat("NC", kSpace.substr(kSpace.size() + 2 - rank));
}

Formulas::Formulas(const LayerModel& model, const v1::Explanation& explanation) {
  NameAxes(model, explanation.operator_() == "Gemm");
  NameParameters(model);
  for (const v1::DerivationStep& step : explanation.steps()) Add(step);
}

// A product of matrices has rows and columns, I and O; every other operator has axes.
void Formulas::NameAxes(const LayerModel& model, bool is_product) {
  const std::string names = AxisNames(model.sent_letters.size());
  for (size_t i = 0; i < names.size(); ++i) {
    const char letter = model.sent_letters[i];
    const std::string name = is_product && i == 1 ? "I" : names.substr(i, 1);
    renamed_[name] = absl::StrContains(model.letters, letter) ? std::string(1, letter) : "";
  }
}

// The explanation is told only how many elements each has.
void Formulas::NameParameters(const LayerModel& model) {
  if (!model.weight.empty()) general_["E_1"] = ProductText(model.weight);
  if (!model.bias.empty()) general_["E_2"] = ProductText(model.bias);
  if (model.kind->name == "batch-norm") general_["E_3"] = general_["E_4"] = ProductText(model.bias);
  for (const std::vector<Size>* const sizes : {&model.input, &model.weight, &model.bias}) {
    for (const Size& size : *sizes) given_[size.name] = SizeText(size.value);
  }
}

void Formulas::Add(const v1::DerivationStep& step) {
  const std::string& name = step.formula().quantity();
  const std::string& formula = step.formula().general();
  const std::string value = ValueText(step.value());
  if (!values_.emplace(name, value).second || general_.contains(name)) return;
  // What is given has its value for a formula; a length that is that of an input's axis may look the same.
  const auto source = values_.find(formula);
  const bool is_length =
      absl::EndsWith(name, "_out") && source != values_.end() && source->first != name && source->second == value;
  const bool is_number = formula.find_first_not_of("0123456789") == std::string::npos;
  const bool is_derived_number = is_number && absl::EndsWith(name, "_out");
  if (formula == value && !is_length && !is_derived_number) {
    const auto renamed = renamed_.find(name);
    general_[name] = renamed == renamed_.end() ? name : renamed->second;
    if (!general_[name].empty()) given_.try_emplace(general_[name], value);
    return;
  }
  const auto whole = general_.find(formula);
  std::string text = whole == general_.end() ? Expand(formula, general_) : whole->second;
  if (text.size() > kMaxBytes) {
    given_.try_emplace(name, value);
    text = name;
  }
  general_[name] = std::move(text);
}

std::string Formulas::Expand(absl::string_view text, const std::map<std::string, std::string>& texts) {
  std::string expanded;
  for (size_t i = 0; i < text.size();) {
    if (!absl::ascii_isalpha(static_cast<unsigned char>(text[i]))) {
      expanded += text[i++];
      continue;
    }
    const size_t begin = i;
    while (i < text.size() && IsWordByte(text[i])) ++i;
    const auto found = texts.find(std::string(text.substr(begin, i - begin)));
    if (found == texts.end()) {
      absl::StrAppend(&expanded, text.substr(begin, i - begin));
    } else if (found->second.empty()) {
      // An axis of size 1 that nobody asked for: one factor less.
      if (i < text.size() && text[i] == '*') {
        ++i;
      } else if (absl::EndsWith(expanded, "*")) {
        expanded.pop_back();
      } else {
        expanded += '1';
      }
    } else {
      const bool binds = (i < text.size() && (text[i] == '*' || text[i] == '/')) || absl::EndsWith(expanded, "*") ||
                         absl::EndsWith(expanded, "/") || absl::EndsWith(expanded, "- ");
      const bool in_parentheses = binds && IsSum(found->second);
      absl::StrAppend(&expanded, in_parentheses ? "(" : "", found->second, in_parentheses ? ")" : "");
    }
    if (expanded.size() > kMaxBytes) break;
  }
  return expanded;
}

std::optional<v1::Formula> Formulas::Of(absl::string_view step, absl::string_view quantity,
                                        const v1::Count& value) const {
  const auto found = general_.find(std::string(step));
  const auto told = values_.find(std::string(step));
  if (found == general_.end() || told == values_.end() || told->second != ValueText(value)) return std::nullopt;
  v1::Formula formula;
  formula.set_quantity(std::string(quantity));
  formula.set_general(found->second.empty() ? "1" : found->second);
  formula.set_substituted(Expand(formula.general(), given_));
  return formula;
}

}  // namespace tensord::cli::layer
