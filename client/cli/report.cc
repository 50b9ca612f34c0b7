#include "client/cli/report.h"

#include <algorithm>

#include "client/cli/number.h"

namespace tensord::cli {

const nlohmann::ordered_json* FindValue(const Report& report, absl::string_view path) {
  const size_t end = std::min(path.find_first_of(".["), path.size());
  const auto named = std::find_if(report.values.begin(), report.values.end(),
                                  [&](const NamedValue& value) { return path.substr(0, end) == value.name; });
  if (named == report.values.end()) return nullptr;
  const nlohmann::ordered_json& value = named->value;
  if (end == path.size()) return &value;
  const absl::string_view rest = path.substr(end + 1);
  if (path[end] == '.') {
    const auto member = value.is_object() ? value.find(std::string(rest)) : value.end();
    return member == value.end() ? nullptr : &*member;
  }
  const auto index = ParseInteger(rest.substr(0, rest.find(']')));
  const bool there = index && value.is_array() && *index >= 0 && *index < static_cast<int64_t>(value.size());
  return there ? &value[static_cast<size_t>(*index)] : nullptr;
}

}  // namespace tensord::cli
