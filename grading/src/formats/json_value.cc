#include "grading/src/formats/json_value.h"

#include <cmath>
#include <cstdint>

namespace tensord::grading::formats {

Json NumberJson(double number) {
  // Below 2^53 every whole number is itself as a double.
  constexpr double kExact = 9007199254740992.0;
  if (!std::isfinite(number)) return nullptr;
  if (std::trunc(number) == number && std::fabs(number) < kExact) return static_cast<int64_t>(number);
  return number;
}

std::string JsonText(const Json& json, int indent) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace tensord::grading::formats
