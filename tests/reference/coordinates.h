// Coordinates by axis letter, and where they lie in a tensor.
#ifndef TENSORD_TESTS_REFERENCE_COORDINATES_H_
#define TENSORD_TESTS_REFERENCE_COORDINATES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tensord/compute/conventions.h"
#include "tensord/compute/shape.h"
#include "tensord/compute/window.h"

namespace tensord::reference {

// at['H'] is the coordinate along H; letters that a tensor does not have are ignored.
struct Coordinates {
  std::array<int64_t, 128> at = {};
  int64_t& operator[](char letter) { return at[static_cast<size_t>(letter)]; }
  int64_t operator[](char letter) const { return at[static_cast<size_t>(letter)]; }
};

// The row-major offset in a tensor with these axes; axes in `skipped` do not count.
inline size_t Offset(const std::string& letters, const compute::Shape& shape, const Coordinates& coordinates,
                     const std::string& skipped = "") {
  int64_t offset = 0;
  for (size_t i = 0; i < letters.size(); ++i) {
    if (skipped.find(letters[i]) != std::string::npos) continue;
    offset = offset * shape[static_cast<int>(i)] + coordinates[letters[i]];
  }
  return static_cast<size_t>(offset);
}

// The axes D, H and W of a problem with 1..3 spatial axes; those that it lacks have size 1.
inline std::array<compute::AxisWindow, 3> ThreeAxes(const std::vector<compute::AxisWindow>& axes) {
  std::array<compute::AxisWindow, 3> all;
  for (size_t i = 0; i < axes.size(); ++i) all[3 - axes.size() + i] = axes[i];
  return all;
}

inline constexpr std::array<char, 3> kSpatialLetters = {'D', 'H', 'W'};

// Calls visit(d, h, w) for 0 <= d < sizes[0] and so on, row-major.
template <typename Visit>
void ForEach(const std::array<int64_t, 3>& sizes, Visit&& visit) {
  for (int64_t d = 0; d < sizes[0]; ++d) {
    for (int64_t h = 0; h < sizes[1]; ++h) {
      for (int64_t w = 0; w < sizes[2]; ++w) visit(std::array<int64_t, 3>{d, h, w});
    }
  }
}

// The cell that padding at p reads, found by walking there from the border: a step onto padding turns round (reflect),
// stays (replicate) or goes on at the other end (circular). Nothing for zero.
inline std::optional<int64_t> CellAt(compute::PaddingSource source, int64_t size, int64_t p) {
  if (p >= 0 && p < size) return p;
  if (source == compute::PaddingSource::kZero) return std::nullopt;
  int64_t step = p < 0 ? -1 : 1;
  int64_t cell = p < 0 ? 0 : size - 1;
  const int64_t steps = p < 0 ? -p : p - (size - 1);
  for (int64_t i = 0; i < steps; ++i) {
    const bool at_border = step < 0 ? cell == 0 : cell == size - 1;
    if (at_border && source == compute::PaddingSource::kReplicate) continue;
    if (at_border && source == compute::PaddingSource::kReflect) step = -step;
    cell = (cell + step + size) % size;
  }
  return cell;
}

}  // namespace tensord::reference

#endif  // TENSORD_TESTS_REFERENCE_COORDINATES_H_
