// Coordinates by axis letter, and where they lie in a tensor.
#ifndef TENSORD_TESTS_REFERENCE_COORDINATES_H_
#define TENSORD_TESTS_REFERENCE_COORDINATES_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

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

}  // namespace tensord::reference

#endif  // TENSORD_TESTS_REFERENCE_COORDINATES_H_
