#include "grading/src/shape_formula/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/shape_formula/token.h"
#include "tensord/compute/status_macros.h"

namespace tensord::grading::shapes {
namespace {

constexpr size_t kMaxNameBytes = 64;

// "H_in" of "H_{in}".
absl::StatusOr<std::string> Normalized(absl::string_view name) {
  const absl::StatusOr<std::vector<Token>> tokens = Tokenize(name);
  if (name.size() > kMaxNameBytes || !tokens.ok() || tokens->size() != 2 || tokens->front().kind != TokenKind::kName) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", name.substr(0, kMaxNameBytes),
                     "\" is no name; write letters, digits and subscripts, as N, H_in or H_{in}"));
  }
  return tokens->front().text;
}

}  // namespace

bool IsFunction(absl::string_view name) {
  static constexpr absl::string_view kFunctions[] = {"floor", "ceil", "ceiling", "int", "trunc",   "min",
                                                     "max",   "mod",  "fmod",    "abs", "minimum", "maximum"};
  return std::find(std::begin(kFunctions), std::end(kFunctions), absl::AsciiStrToLower(name)) != std::end(kFunctions);
}

absl::StatusOr<Names> Names::Create(const std::vector<ShapeVariable>& variables) {
  Names names;
  for (size_t i = 0; i < variables.size(); ++i) {
    const auto variable = static_cast<int>(i);
    std::vector<std::string> spellings = variables[i].aliases;
    spellings.insert(spellings.begin(), variables[i].name);
    for (size_t k = 0; k < spellings.size(); ++k) {
      const std::string field =
          k == 0 ? absl::StrCat("variables[", i, "].name") : absl::StrCat("variables[", i, "].aliases[", k - 1, "]");
      absl::StatusOr<std::string> name = Normalized(spellings[k]);
      if (!name.ok()) return absl::InvalidArgumentError(absl::StrCat(field, ": ", name.status().message()));
      if (IsFunction(*name))
        return absl::InvalidArgumentError(absl::StrCat(field, ": ", *name, " is a function's name"));
      const auto [place, is_new] = names.variables_.emplace(*name, variable);
      if (!is_new && place->second != variable) {
        return absl::InvalidArgumentError(
            absl::StrCat(field, ": ", *name, " is the name of variables[", place->second, "] too"));
      }
      std::vector<int>& folded = names.folded_[absl::AsciiStrToLower(*name)];
      if (std::find(folded.begin(), folded.end(), variable) == folded.end()) folded.push_back(variable);
      if (k == 0) names.names_.push_back(*name);
    }
  }
  return names;
}

std::optional<int> Names::Find(absl::string_view name) const {
  const auto place = variables_.find(name);
  if (place != variables_.end()) return place->second;
  const auto folded = folded_.find(absl::AsciiStrToLower(name));
  if (folded == folded_.end() || folded->second.size() != 1) return std::nullopt;
  return folded->second.front();
}

std::string Names::ListText() const { return absl::StrJoin(names_, ", "); }

absl::StatusOr<std::vector<int>> Names::Resolve(absl::string_view name, std::vector<std::string>* notes) const {
  const std::optional<int> found = Find(name);
  const auto note = [&](const std::string& text) {
    if (std::find(notes->begin(), notes->end(), text) == notes->end()) notes->push_back(text);
  };
  if (found.has_value()) {
    if (variables_.find(name) == variables_.end()) note(absl::StrCat("read ", name, " as ", this->name(*found)));
    return std::vector<int>{*found};
  }
  std::vector<int> factors;
  std::vector<std::string> letters;
  for (const char letter : name) {
    const auto place = variables_.find(absl::string_view(&letter, 1));
    if (place == variables_.end()) break;
    factors.push_back(place->second);
    letters.emplace_back(1, letter);
  }
  if (factors.size() == name.size() && name.size() <= 8) {
    note(absl::StrCat("read ", name, " as ", absl::StrJoin(letters, "*")));
    return factors;
  }
  const auto folded = folded_.find(absl::AsciiStrToLower(name));
  if (folded != folded_.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("has the name ", name, ", which may be any of several; write one of ", ListText()));
  }
  return absl::InvalidArgumentError(absl::StrCat("has the unknown name ", name.substr(0, kMaxNameBytes), "; known are ",
                                                 names_.empty() ? "none" : ListText()));
}

}  // namespace tensord::grading::shapes
