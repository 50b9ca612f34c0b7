#include "tensord/analysis/count.h"

namespace tensord::analysis {

std::optional<int64_t> Count::value() const {
  const std::optional<Integer> number = expression_.constant();
  return number.has_value() ? number->ToInt64() : std::nullopt;
}

std::string Count::decimal() const {
  const std::optional<Integer> number = expression_.constant();
  return number.has_value() ? number->ToString() : "";
}

std::string Count::expression() const { return expression_.constant().has_value() ? "" : expression_.ToString(); }

}  // namespace tensord::analysis
