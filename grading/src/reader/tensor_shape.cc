#include "grading/src/reader/tensor_shape.h"

#include "absl/strings/str_cat.h"

namespace tensord::grading::internal {

bool ShapeBuilder::Open() {
  if (open_.size() >= max_depth_) return false;
  if (!open_.empty()) {
    open_.back().lists = true;
    ++open_.back().count;
  }
  open_.emplace_back();
  return true;
}

bool ShapeBuilder::Put() {
  open_.back().elements = true;
  ++open_.back().count;
  if (!open_.back().lists) return true;
  problem_ = "a number stands beside a list";
  return false;
}

bool ShapeBuilder::EndRow() {
  Frame& frame = open_.back();
  // Before a closing bracket it ends nothing, and between lists it is what a comma is.
  if (frame.count == 0 || frame.lists) return true;
  if (!Settle(open_.size(), frame.count)) return false;
  ++frame.rows;
  frame.count = 0;
  return true;
}

bool ShapeBuilder::Close() {
  Frame frame = open_.back();
  const size_t level = open_.size() - 1;
  if (frame.elements && frame.lists) {
    problem_ = "a number stands beside a list";
    return false;
  }
  if (frame.rows > 0) {
    if (!EndRow()) return false;
    frame = open_.back();
    if (!SettleDepth(level + 2) || !Settle(level, frame.rows)) return false;
  } else {
    // An empty list's depth is not known: [[], []] has the shape (2, 0).
    if (frame.elements && !SettleDepth(level + 1)) return false;
    if (!Settle(level, frame.count)) return false;
  }
  open_.pop_back();
  return true;
}

bool ShapeBuilder::Settle(size_t level, int64_t count) {
  if (sizes_.size() <= level) sizes_.resize(level + 1, kUnknown);
  if (sizes_[level] == kUnknown) sizes_[level] = count;
  if (sizes_[level] == count) return true;
  problem_ = absl::StrCat("one has ", count, " where the one before has ", sizes_[level]);
  return false;
}

bool ShapeBuilder::SettleDepth(size_t depth) {
  const auto settled = static_cast<int64_t>(depth);
  if (depth_ == kUnknown) depth_ = settled;
  if (depth_ == settled) return true;
  problem_ = "numbers stand at different depths";
  return false;
}

}  // namespace tensord::grading::internal
