#include "tests/support/comparer.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <sstream>
#include <string>

#include "tests/support/builders.h"

namespace tensord::test_support {
namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

std::string Coordinates(size_t offset, const compute::Shape& shape) {
  std::string text;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    const auto size = static_cast<size_t>(shape[axis]);
    text = std::to_string(offset % size) + (text.empty() ? "" : ", ") + text;
    offset /= size;
  }
  return "[" + text + "]";
}

// How far apart two numbers are as a multiple of the bound: at most 1 is within; 0 / 0 counts as 0.
double Excess(double actual, double expected, double bound) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (std::isnan(actual) || std::isnan(expected)) return std::isnan(actual) && std::isnan(expected) ? 0 : kInfinity;
  if (actual == expected) return 0;
  if (std::isinf(actual) || std::isinf(expected) || !(bound > 0)) return kInfinity;
  return std::abs(actual - expected) / bound;
}

}  // namespace

AssertionResult WithinBounds(const compute::TensorView& actual, const compute::Shape& shape,
                             const std::vector<double>& expected, const std::vector<double>& bounds) {
  if (!(actual.shape == shape)) {
    return AssertionFailure() << "shape is " << actual.shape.ToString() << ", expected " << shape.ToString();
  }
  const std::vector<double> values = ToDoubles(actual);
  if (expected.size() != values.size() || bounds.size() != values.size()) {
    return AssertionFailure() << "the tensor has " << values.size() << " elements, but " << expected.size()
                              << " were expected, with " << bounds.size() << " bounds";
  }
  size_t worst = 0;
  size_t wrong = 0;
  double worst_excess = 1;
  for (size_t i = 0; i < values.size(); ++i) {
    const double excess = Excess(values[i], expected[i], bounds[i]);
    if (excess <= 1) continue;
    ++wrong;
    if (excess > worst_excess) {
      worst_excess = excess;
      worst = i;
    }
  }
  if (wrong == 0) return AssertionSuccess();
  std::ostringstream text;
  text.precision(17);
  text << wrong << " of " << values.size() << " elements are wrong; the worst at " << Coordinates(worst, shape)
       << ": is " << values[worst] << ", expected " << expected[worst] << ", allowed difference " << bounds[worst];
  return AssertionFailure() << text.str();
}

AssertionResult WithinBound(const compute::TensorView& actual, const compute::Shape& shape,
                            const std::vector<double>& expected, double bound) {
  return WithinBounds(actual, shape, expected, std::vector<double>(expected.size(), bound));
}

AssertionResult Equals(const compute::TensorView& actual, const compute::Shape& shape,
                       const std::vector<double>& expected) {
  return WithinBound(actual, shape, expected, 0);
}

AssertionResult SameBits(const compute::TensorView& a, const compute::TensorView& b) {
  if (a.type != b.type || !(a.shape == b.shape)) {
    return AssertionFailure() << Name(a.type) << " " << a.shape.ToString() << " is not " << Name(b.type) << " "
                              << b.shape.ToString();
  }
  const auto size = static_cast<size_t>(compute::ByteCount(a.shape, a.type).value_or(0));
  const auto* left = static_cast<const unsigned char*>(a.data);
  const auto* right = static_cast<const unsigned char*>(b.data);
  for (size_t i = 0; i < size; ++i) {
    if (left[i] == right[i]) continue;
    const size_t element = i / static_cast<size_t>(compute::ItemSize(a.type));
    return AssertionFailure() << "the bits differ first at " << Coordinates(element, a.shape);
  }
  return AssertionSuccess();
}

}  // namespace tensord::test_support
