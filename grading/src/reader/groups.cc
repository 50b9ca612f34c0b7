#include "grading/src/reader/groups.h"

#include <utility>

namespace tensord::grading::internal {
namespace {

bool Opens(const Item& item) { return item.Is('(') || item.Is('[') || item.Is('{'); }
bool Closes(const Item& item) { return item.Is(')') || item.Is(']') || item.Is('}'); }

}  // namespace

std::vector<Group> FindGroups(const Scan& scan, size_t max_depth) {
  std::vector<Group> groups;
  std::vector<Group> open;
  const auto close = [&](size_t at) {
    Group group = std::move(open.back());
    open.pop_back();
    group.close = at;
    if (!open.empty()) open.back().has_inner_values |= !group.values.empty() || group.has_inner_values;
    groups.push_back(std::move(group));
  };
  for (size_t i = 0; i < scan.items.size(); ++i) {
    const Item& item = scan.items[i];
    if (Opens(item) && open.size() < max_depth) {
      open.push_back({.open = i, .close = 0, .values = {}, .words = {}, .has_inner_values = false});
    } else if (Closes(item) && !open.empty()) {
      close(i);
    } else if (!open.empty() && item.IsValue()) {
      open.back().values.push_back(i);
    } else if (!open.empty() && item.IsWord()) {
      open.back().words.push_back(i);
    }
  }
  while (!open.empty()) close(scan.items.size());
  return groups;
}

}  // namespace tensord::grading::internal
