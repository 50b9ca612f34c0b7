// Axis-letter layouts: which axis of a tensor is which.
#ifndef TENSORD_COMPUTE_LAYOUT_H_
#define TENSORD_COMPUTE_LAYOUT_H_

#include <array>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tensord::compute {

// Most spatial axes of an operator.
inline constexpr int kMaxSpatialRank = 3;

// The order of a tensor's axes. The spatial letters are W; H and W; or D, H and W. Besides them:
//   activations: N batch and C channels, each of them or not;
//   filters:     O output and I input channels, both or neither.
class Layout {
 public:
  enum class Role { kActivation, kFilter };

  // The layout that `letters` name, in any order, or nothing: then ExplainLetters() says what would be right.
  [[nodiscard]] static std::optional<Layout> Parse(absl::string_view letters, Role role);

  // Built from parts: "NHWC" from (kActivation, 2, true, true, false).
  //   outer        whether there is a batch axis (activations only);
  //   channels     whether there are channel axes;
  //   channels_first  C before the spatial axes (activations); O, I before them instead of I, O behind (filters).
  [[nodiscard]] static Layout Make(Role role, int spatial_rank, bool batch, bool channels, bool channels_first);

  [[nodiscard]] const std::string& letters() const { return letters_; }
  [[nodiscard]] int rank() const { return static_cast<int>(letters_.size()); }
  [[nodiscard]] int spatial_rank() const { return spatial_rank_; }

  // The axis' position, or -1 where the layout has no such axis. For a filter `batch` is O and `channel` is I.
  [[nodiscard]] int batch() const { return batch_; }
  [[nodiscard]] int channel() const { return channel_; }
  [[nodiscard]] int output_channel() const { return batch_; }
  [[nodiscard]] int input_channel() const { return channel_; }
  // The position of the i-th spatial axis in the order D, H, W, counted from the outermost that there is.
  [[nodiscard]] int spatial(int i) const { return spatial_[static_cast<size_t>(i)]; }
  // That axis' letter: 'H' for i = 0 of two.
  [[nodiscard]] char spatial_letter(int i) const { return letters_[static_cast<size_t>(spatial(i))]; }

  bool operator==(const Layout& other) const = default;

 private:
  Layout() = default;

  std::string letters_;
  int spatial_rank_ = 0;
  int batch_ = -1;
  int channel_ = -1;
  std::array<int, kMaxSpatialRank> spatial_ = {-1, -1, -1};
};

// What a layout of that role may be, for an error message.
[[nodiscard]] absl::string_view ExplainLetters(Layout::Role role);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_LAYOUT_H_
