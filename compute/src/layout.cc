#include "tensord/compute/layout.h"

#include <algorithm>

namespace tensord::compute {
namespace {

constexpr absl::string_view kSpatialLetters = "DHW";

}  // namespace

std::optional<Layout> Layout::Parse(absl::string_view letters, Role role) {
  const bool filter = role == Role::kFilter;
  const char batch_letter = filter ? 'O' : 'N';
  const char channel_letter = filter ? 'I' : 'C';
  if (letters.size() > kMaxSpatialRank + 2) return std::nullopt;
  Layout layout;
  layout.letters_ = std::string(letters);
  std::array<int, kMaxSpatialRank> positions = {-1, -1, -1};  // of D, H, W
  for (size_t i = 0; i < letters.size(); ++i) {
    const size_t spatial = kSpatialLetters.find(letters[i]);
    int* position = nullptr;
    if (letters[i] == batch_letter) position = &layout.batch_;
    if (letters[i] == channel_letter) position = &layout.channel_;
    if (spatial != absl::string_view::npos) position = &positions[spatial];
    if (position == nullptr || *position != -1) return std::nullopt;
    *position = static_cast<int>(i);
  }
  // W alone, H and W, or all three.
  for (const int position : positions) {
    if (position == -1 && layout.spatial_rank_ > 0) return std::nullopt;
    if (position != -1) layout.spatial_[static_cast<size_t>(layout.spatial_rank_++)] = position;
  }
  if (layout.spatial_rank_ == 0) return std::nullopt;
  if (filter && (layout.batch_ == -1) != (layout.channel_ == -1)) return std::nullopt;
  return layout;
}

Layout Layout::Make(Role role, int spatial_rank, bool batch, bool channels, bool channels_first) {
  const std::string spatial(kSpatialLetters.substr(static_cast<size_t>(kMaxSpatialRank - spatial_rank)));
  std::string letters;
  if (role == Role::kFilter) {
    letters = !channels ? spatial : channels_first ? "OI" + spatial : spatial + "IO";
  } else {
    letters = !channels ? spatial : channels_first ? "C" + spatial : spatial + "C";
    if (batch) letters.insert(0, 1, 'N');
  }
  return *Parse(letters, role);
}

absl::string_view ExplainLetters(Layout::Role role) {
  return role == Layout::Role::kFilter
             ? "has to have one letter per axis: W, H and W, or D, H and W, with both of O and I or neither, in any "
               "order"
             : "has to have one letter per axis: W, H and W, or D, H and W, with N and C or without, in any order";
}

}  // namespace tensord::compute
