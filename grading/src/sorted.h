// Maps of messages, in the order of their keys: protobuf's own order differs from run to run.
#ifndef TENSORD_GRADING_SORTED_H_
#define TENSORD_GRADING_SORTED_H_

#include <map>
#include <string>

#include "google/protobuf/map.h"

namespace tensord::grading {

// The values stay where they are.
template <typename Value>
[[nodiscard]] std::map<std::string, const Value*> Sorted(const google::protobuf::Map<std::string, Value>& map) {
  std::map<std::string, const Value*> sorted;
  for (const auto& [key, value] : map) sorted.emplace(key, &value);
  return sorted;
}

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_SORTED_H_
