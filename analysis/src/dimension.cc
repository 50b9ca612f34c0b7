#include "tensord/analysis/dimension.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace tensord::analysis {

Expression ToExpression(const Dimension& dimension) {
  if (const int64_t* number = std::get_if<int64_t>(&dimension)) return *number;
  return Expression::Symbol(std::get<std::string>(dimension));
}

bool CheckSymbol(const Dimension& dimension, absl::string_view field, compute::Violations& violations) {
  if (IsNumber(dimension)) return true;
  const std::string& symbol = std::get<std::string>(dimension);
  if (IsSymbol(symbol)) return true;
  constexpr size_t kShownBytes = 40;
  const std::string shown = absl::CHexEscape(symbol.substr(0, kShownBytes));
  violations.Add(field, absl::StrCat(symbol.empty() ? "was not given" : absl::StrCat("was '", shown, "'"),
                                     ", has to be a number or a symbol: a letter, then letters, digits or "
                                     "underscores, at most 32 characters"));
  return false;
}

}  // namespace tensord::analysis
