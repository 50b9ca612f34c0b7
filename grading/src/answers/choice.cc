// One or more of several texts.
#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "grading/src/answers/kind.h"

namespace tensord::grading {
namespace {

using Chosen = std::set<size_t>;

constexpr size_t kMaxOptions = 26;

// As options are compared: lower case, single spaces, without brackets and full stops around it.
std::string Plain(absl::string_view text) {
  std::string plain = absl::AsciiStrToLower(text);
  absl::RemoveExtraAsciiWhitespace(&plain);
  const absl::string_view around = "().;:\"'";
  while (!plain.empty() && around.find(plain.back()) != absl::string_view::npos) plain.pop_back();
  while (!plain.empty() && around.find(plain.front()) != absl::string_view::npos) plain.erase(plain.begin());
  return plain;
}

class Choice final : public Kind {
 public:
  explicit Choice(const v1::ChoiceAnswer& answer) {
    for (const std::string& option : answer.options()) options_.push_back(Plain(option));
    for (const int64_t place : answer.correct()) correct_.insert(static_cast<size_t>(place));
  }

  [[nodiscard]] absl::Status Check(absl::Span<const Computed> /*values*/) const override { return absl::OkStatus(); }

  [[nodiscard]] std::variant<std::unique_ptr<ReadAnswer>, Unreadable> Read(
      const v1::StudentAnswer& answer) const override {
    const auto text = TextOf(answer);
    if (const auto* const unreadable = std::get_if<Unreadable>(&text)) return *unreadable;
    const auto& said = std::get<std::string>(text);
    Chosen chosen;
    // An option that has a comma in it is first looked for as a whole.
    if (const size_t whole = Find(Plain(said)); whole < options_.size()) {
      chosen.insert(whole);
      return std::make_unique<ReadAs<Chosen>>(std::move(chosen));
    }
    for (const absl::string_view part : absl::StrSplit(said, absl::ByAnyChar(",;\n"), absl::SkipWhitespace())) {
      const size_t option = Find(Plain(part));
      if (option == options_.size()) {
        return Unreadable{"the answer names no option",
                          absl::StrCat("write a letter from a to ", Letter(options_.size() - 1)),
                          static_cast<size_t>(part.data() - said.data())};
      }
      chosen.insert(option);
    }
    if (chosen.empty()) return Unreadable{"the answer is empty", "write the letters of the options", 0};
    return std::make_unique<ReadAs<Chosen>>(std::move(chosen));
  }

  [[nodiscard]] Judgement Judge(const ReadAnswer& answer, absl::Span<const Computed> values) const override {
    const auto& chosen = Get<Chosen>(answer);
    Judgement judgement;
    if (chosen == correct_) {
      judgement.outcome = v1::OUTCOME_RIGHT;
      return judgement;
    }
    v1::Difference& difference = judgement.difference.emplace();
    difference.set_text(correct_.size() > 1 || chosen.size() > 1 ? "not these options, or not all of them"
                                                                 : "it is another option");
    difference.set_answered(Letters(chosen));
    difference.set_expected(Text(values));
    return judgement;
  }

  [[nodiscard]] std::string Text(absl::Span<const Computed> /*values*/) const override { return Letters(correct_); }

  [[nodiscard]] bool uses_values() const override { return false; }

 private:
  static std::string Letter(size_t place) { return std::string(1, static_cast<char>('a' + place)); }

  static std::string Letters(const Chosen& chosen) {
    return absl::StrJoin(chosen, ", ", [](std::string* out, size_t place) { out->append(Letter(place)); });
  }

  // options_.size() where there is none.
  [[nodiscard]] size_t Find(const std::string& plain) const {
    for (size_t i = 0; i < options_.size(); ++i) {
      if (plain == Letter(i) || plain == options_[i]) return i;
    }
    return options_.size();
  }

  std::vector<std::string> options_;
  Chosen correct_;
};

}  // namespace

MadeKind MakeChoice(const v1::ChoiceAnswer& answer) {
  const auto count = static_cast<size_t>(answer.options_size());
  if (count < 2 || count > kMaxOptions) {
    return absl::InvalidArgumentError(absl::StrCat("choice.options: was ", count, ", has to be 2 to ", kMaxOptions));
  }
  if (answer.correct().empty()) return absl::InvalidArgumentError("choice.correct: is missing");
  for (int i = 0; i < answer.correct_size(); ++i) {
    if (answer.correct(i) >= 0 && static_cast<size_t>(answer.correct(i)) < count) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("choice.correct[", i, "]: was ", answer.correct(i), ", has to be from 0 to ", count - 1));
  }
  return std::make_unique<Choice>(answer);
}

}  // namespace tensord::grading
