#include "grading/src/feedback.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tensord/grading/append.h"

namespace tensord::grading {
namespace {

// The length of the UTF-8 character that begins there; 0 where there is none.
size_t CharacterAt(absl::string_view text, size_t place) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(place);
  const size_t length = first < 0x80                    ? 1
                        : first >= 0xC2 && first < 0xE0 ? 2
                        : first >= 0xE0 && first < 0xF0 ? 3
                        : first >= 0xF0 && first < 0xF5 ? 4
                                                        : 0;
  if (length == 0 || place + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(place + i) & 0xC0U) != 0x80U) return 0;
  }
  // Overlong forms, surrogates, and what is beyond Unicode.
  if (length == 3 && ((first == 0xE0 && byte(place + 1) < 0xA0) || (first == 0xED && byte(place + 1) >= 0xA0)))
    return 0;
  if (length == 4 && ((first == 0xF0 && byte(place + 1) < 0x90) || (first == 0xF4 && byte(place + 1) >= 0x90)))
    return 0;
  return length;
}

bool IsControl(absl::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return (first < 0x20 && first != '\n' && first != '\t') || first == 0x7F;
  // C1 controls, and the characters that turn text around: U+202A..202E and U+2066..2069.
  if (character.size() == 2) return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
  if (character.size() != 3 || first != 0xE2) return false;
  const auto second = static_cast<unsigned char>(character[1]);
  const auto third = static_cast<unsigned char>(character[2]);
  return (second == 0x80 && third >= 0xAA && third <= 0xAE) || (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

const char* Opening(const v1::GradedPart& graded) {
  switch (graded.verdict()) {
    case v1::OUTCOME_RIGHT:
      return "Right.";
    case v1::OUTCOME_BORDERLINE:
      return "Not right to the last digit, but close.";
    case v1::OUTCOME_UNGRADABLE:
      return "This cannot be graded.";
    default:
      return "Wrong.";
  }
}

std::string Sentence(absl::string_view text) {
  if (text.empty()) return "";
  std::string sentence(text);
  // The name of an index stays as it is.
  const bool is_word = sentence.size() > 1 && sentence[1] >= 'a' && sentence[1] <= 'z';
  if (is_word && sentence.front() >= 'a' && sentence.front() <= 'z')
    sentence.front() = static_cast<char>(sentence.front() - 'a' + 'A');
  const char last = sentence.back();
  return last == '.' || last == '!' || last == '?' ? sentence : sentence + ".";
}

std::string SlipsText(const Findings& findings) {
  if (findings.slips.empty()) return "";
  std::vector<std::string> texts;
  const std::string said = findings.judgement.difference.has_value() ? findings.judgement.difference->text() : "";
  for (const v1::SlipFound& slip : findings.slips) {
    // Of those that show in the answer itself, some are said already as where it differs.
    if (findings.are_alternatives || !absl::StrContains(said, slip.text())) texts.push_back(slip.text());
  }
  if (!findings.are_alternatives) return Sentence(absl::StrJoin(texts, "; "));
  if (texts.size() == 1) return absl::StrCat("This looks like: ", texts.front(), ".");
  return absl::StrCat("This may be one of: ", absl::StrJoin(texts, "; or: "), ".");
}

}  // namespace

std::string Printable(absl::string_view text, size_t most) {
  std::string printable;
  for (size_t i = 0; i < text.size();) {
    const size_t length = CharacterAt(text, i);
    const bool as_it_is = length > 0 && !IsControl(text.substr(i, length));
    if (as_it_is) {
      absl::StrAppend(&printable, text.substr(i, length));
      i += length;
    } else {
      for (size_t k = 0; k < std::max<size_t>(length, 1); ++k, ++i) {
        absl::StrAppendFormat(&printable, "\\x%02x", static_cast<unsigned char>(text[i]));
      }
    }
    if (printable.size() > most) {
      // Back to where a character begins.
      size_t end = most;
      while (end > 0 && (static_cast<unsigned char>(printable[end]) & 0xC0U) == 0x80U) --end;
      return printable.substr(0, end) + "...";
    }
  }
  return printable;
}

void Tell(const Findings& findings, v1::HintLevel level, v1::GradedPart& graded) {
  std::vector<std::string> said = {Opening(graded)};
  const Judgement& judgement = findings.judgement;
  for (const std::string& note : judgement.notes) Append(*graded.mutable_notes()) = Printable(note, 1024);
  if (graded.verdict() == v1::OUTCOME_RIGHT) {
    graded.set_feedback(said.front());
    return;
  }
  if (!findings.unreadable.empty()) said.push_back(Sentence(findings.unreadable));
  if (!findings.carried_from.empty()) {
    said.push_back(
        absl::StrCat("Given your answer to ", findings.carried_from, " it is right, so that it costs nothing again."));
  }
  if (level >= v1::HINT_LEVEL_WHERE && judgement.difference.has_value()) {
    v1::Difference& difference = *graded.mutable_difference();
    difference = *judgement.difference;
    difference.set_text(Printable(difference.text(), 4096));
    if (level < v1::HINT_LEVEL_SOLUTION) difference.clear_expected();
    said.push_back(Sentence(difference.text()));
  }
  if (level >= v1::HINT_LEVEL_WHAT) {
    for (const std::string& pattern : judgement.patterns) said.push_back(Sentence(pattern));
    for (const v1::SlipFound& slip : findings.slips) Append(*graded.mutable_diagnosis()) = slip;
    said.push_back(SlipsText(findings));
  }
  if (level >= v1::HINT_LEVEL_SOLUTION && !findings.right_answer.empty()) {
    said.push_back(absl::StrCat("Right is: ", Printable(findings.right_answer, 4096)));
  }
  said.erase(std::remove(said.begin(), said.end(), ""), said.end());
  graded.set_feedback(absl::StrJoin(said, " "));
}

}  // namespace tensord::grading
