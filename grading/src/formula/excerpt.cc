#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tensord/grading/formula.h"

namespace tensord::grading {
namespace {

bool ContinuesCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string FormulaExcerpt(absl::string_view answer, const FormulaProblem& problem) {
  constexpr size_t kBefore = 50;
  constexpr size_t kAfter = 30;
  const size_t offset = std::min(problem.offset, answer.size());
  size_t begin = offset - std::min(offset, kBefore);
  const size_t line = answer.substr(0, offset).rfind('\n');
  if (line != absl::string_view::npos) begin = std::max(begin, line + 1);
  while (begin < offset && ContinuesCharacter(answer[begin])) ++begin;
  size_t end = std::min(answer.find('\n', offset), std::min(answer.size(), offset + kAfter));
  while (end > offset && end < answer.size() && ContinuesCharacter(answer[end])) --end;
  std::string shown;
  std::string caret;
  for (size_t i = begin; i < end; ++i) {
    const auto c = static_cast<unsigned char>(answer[i]);
    shown.push_back(c < 0x20 || c == 0x7F ? ' ' : answer[i]);
    if (i < offset && !ContinuesCharacter(answer[i])) caret.push_back(' ');
  }
  return absl::StrCat(shown, "\n", caret, "^");
}

}  // namespace tensord::grading
