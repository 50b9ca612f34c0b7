// The sizes of a tensor.
#ifndef TENSORD_COMPUTE_SHAPE_H_
#define TENSORD_COMPUTE_SHAPE_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "tensord/compute/data_type.h"

namespace tensord::compute {

// Largest rank of a tensor.
inline constexpr int kMaxRank = 8;
// Largest size of one axis in compute calls.
inline constexpr int64_t kMaxSize = (int64_t{1} << 31) - 1;
// In shapes that are only analysed: a size that is a symbol. Never in the shape of a tensor.
inline constexpr int64_t kUnknownSize = -1;

// A list of sizes, outermost first. An empty one is a scalar's. Holds what a request said, checked or not.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> sizes) : sizes_(sizes) {}
  explicit Shape(absl::Span<const int64_t> sizes) : sizes_(sizes.begin(), sizes.end()) {}

  [[nodiscard]] int rank() const { return static_cast<int>(sizes_.size()); }
  [[nodiscard]] int64_t operator[](int axis) const { return sizes_[static_cast<size_t>(axis)]; }
  [[nodiscard]] int64_t& operator[](int axis) { return sizes_[static_cast<size_t>(axis)]; }
  void Append(int64_t size) { sizes_.push_back(size); }
  [[nodiscard]] absl::Span<const int64_t> sizes() const { return sizes_; }
  [[nodiscard]] auto begin() const { return sizes_.begin(); }
  [[nodiscard]] auto end() const { return sizes_.end(); }
  bool operator==(const Shape& other) const { return sizes_ == other.sizes_; }

  // "[5, 4]"; an unknown size is "?".
  [[nodiscard]] std::string ToString() const;

 private:
  absl::InlinedVector<int64_t, 5> sizes_;
};

// The product of the sizes (1 for a scalar), or nothing where it does not fit or a size is negative. A zero among the
// sizes does not hide an overflow of the others: [0, 2^62, 4] gives nothing.
[[nodiscard]] std::optional<int64_t> ElementCount(const Shape& shape);

// ElementCount times the item size, or nothing where it does not fit.
[[nodiscard]] std::optional<int64_t> ByteCount(const Shape& shape, DataType type);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_SHAPE_H_
