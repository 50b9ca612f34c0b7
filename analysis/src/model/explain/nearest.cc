// Layers that may have been meant.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "analysis/src/model/explain/explain.h"

namespace tensord::analysis::model {
namespace {

constexpr size_t kMostEdits = 3;
constexpr size_t kMostNames = 3;

// How many characters have to be put in, left out or exchanged to make b of a; nothing where that is more than
// kMostEdits: only a band of that width around the diagonal is looked at, and no further than it can still be less.
std::optional<size_t> Edits(absl::string_view a, absl::string_view b) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > kMostEdits) return std::nullopt;
  constexpr size_t kFar = kMostEdits + 1;
  std::vector<size_t> row(b.size() + 1, kFar);
  for (size_t j = 0; j <= std::min(b.size(), kMostEdits); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    const size_t first = i > kMostEdits ? i - kMostEdits : 0;
    const size_t last = std::min(b.size(), i + kMostEdits);
    size_t diagonal = first > 0 ? row[first - 1] : kFar;
    if (first > 0) row[first - 1] = kFar;
    size_t least = kFar;
    for (size_t j = first; j <= last; ++j) {
      const size_t above = row[j];
      size_t best = above + 1;
      if (j > 0) best = std::min({best, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
      row[j] = std::min(best, kFar);
      least = std::min(least, row[j]);
    }
    if (least == kFar) return std::nullopt;
  }
  if (row[b.size()] > kMostEdits) return std::nullopt;
  return row[b.size()];
}

}  // namespace

std::vector<std::string> NearestLayers(absl::string_view name, const std::vector<ModelLayer>& layers) {
  const std::string asked = absl::AsciiStrToLower(name);
  // What has the name in it is as near as the last that differs in some characters.
  std::vector<std::pair<size_t, size_t>> found;
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string candidate = absl::AsciiStrToLower(PrintableName(layers[i].name));
    if (const std::optional<size_t> edits = Edits(asked, candidate); edits.has_value()) {
      found.emplace_back(*edits, i);
    } else if (!asked.empty() && absl::StrContains(candidate, asked)) {
      found.emplace_back(kMostEdits + 1, i);
    } else {
      continue;
    }
    std::sort(found.begin(), found.end());
    if (found.size() > kMostNames) found.pop_back();
  }
  std::vector<std::string> names;
  names.reserve(found.size());
  for (const auto& [edits, i] : found) names.push_back(PrintableName(layers[i].name));
  return names;
}

}  // namespace tensord::analysis::model
