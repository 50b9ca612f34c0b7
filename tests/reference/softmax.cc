// Softmax along an axis and the slopes of a prelu, coordinate by coordinate.
#include <algorithm>
#include <cmath>

#include "tests/reference/reference.h"

namespace tensord::reference {
namespace {

using compute::Shape;

using Coordinates = std::vector<int64_t>;

std::vector<Coordinates> AllCoordinates(const Shape& shape) {
  std::vector<Coordinates> all = {{}};
  for (const int64_t size : shape) {
    std::vector<Coordinates> longer;
    for (const Coordinates& start : all) {
      for (int64_t i = 0; i < size; ++i) {
        longer.push_back(start);
        longer.back().push_back(i);
      }
    }
    all = longer;
  }
  return all;
}

size_t Offset(const Shape& shape, const Coordinates& at) {
  int64_t offset = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) offset = offset * shape[axis] + at[static_cast<size_t>(axis)];
  return static_cast<size_t>(offset);
}

// Calls visit(offsets) with the offsets of the elements of each group along the axis.
template <typename Visit>
void ForGroups(const Shape& shape, int axis, Visit visit) {
  for (Coordinates at : AllCoordinates(shape)) {
    if (at[static_cast<size_t>(axis)] != 0) continue;
    std::vector<size_t> offsets;
    for (int64_t i = 0; i < shape[axis]; ++i) {
      at[static_cast<size_t>(axis)] = i;
      offsets.push_back(Offset(shape, at));
    }
    visit(offsets);
  }
}

}  // namespace

std::vector<long double> Softmax(bool log, const Shape& shape, int axis, const std::vector<double>& x) {
  std::vector<long double> y(x.size());
  ForGroups(shape, axis, [&](const std::vector<size_t>& group) {
    long double largest = -INFINITY;
    for (const size_t i : group) largest = std::max<long double>(largest, x[i]);
    long double sum = 0;
    for (const size_t i : group) sum += std::exp(static_cast<long double>(x[i]) - largest);
    // The sum without one of the largest, added up by itself, so that log(1 + rest) keeps its digits.
    long double rest = 0;
    bool left_out = false;
    for (const size_t i : group) {
      if (x[i] == largest && !left_out) {
        left_out = true;
      } else {
        rest += std::exp(static_cast<long double>(x[i]) - largest);
      }
    }
    for (const size_t i : group) {
      const long double below = static_cast<long double>(x[i]) - largest;
      y[i] = log ? below - std::log1p(rest) : std::exp(below) / sum;
    }
  });
  return y;
}

std::vector<long double> SoftmaxBackward(bool log, const Shape& shape, int axis, const std::vector<double>& x,
                                         const std::vector<double>& dy) {
  const std::vector<long double> y = Softmax(false, shape, axis, x);
  std::vector<long double> dx(x.size());
  ForGroups(shape, axis, [&](const std::vector<size_t>& group) {
    // The sum over the Jacobian: d softmax_j / d x_i = y_i (delta_ij - y_j), d log softmax_j / d x_i = delta_ij - y_i.
    for (const size_t i : group) {
      for (const size_t j : group) {
        const long double same = i == j ? 1 : 0;
        dx[i] += (log ? same - y[i] : y[j] * (same - y[i])) * dy[j];
      }
    }
  });
  return dx;
}

std::vector<size_t> SlopeIndices(const Shape& input, const Shape& slopes, const std::vector<int>& axes) {
  std::vector<size_t> indices;
  for (const Coordinates& at : AllCoordinates(input)) {
    Coordinates slope;
    for (int k = 0; k < slopes.rank(); ++k) {
      const int64_t coordinate = at[static_cast<size_t>(axes[static_cast<size_t>(k)])];
      slope.push_back(slopes[k] == 1 ? 0 : coordinate);
    }
    indices.push_back(Offset(slopes, slope));
  }
  return indices;
}

}  // namespace tensord::reference
