// Compares tensors with expected values, and says where they differ most.
//
// In all of them a NaN equals a NaN and nothing else, an infinity equals itself only, +0 equals -0, and the shapes have
// to agree. Expected values and bounds are in the tensor's own order.
#ifndef TENSORD_TESTS_SUPPORT_COMPARER_H_
#define TENSORD_TESTS_SUPPORT_COMPARER_H_

#include <gtest/gtest.h>

#include <vector>

#include "tensord/compute/shape.h"
#include "tensord/compute/tensor.h"

namespace tensord::test_support {

// EXPECT_TRUE(Equals(tensor.view(), {2, 2}, {1, 2, 3, 4}));
::testing::AssertionResult Equals(const compute::TensorView& actual, const compute::Shape& shape,
                                  const std::vector<double>& expected);

// |actual - expected| <= bound, element by element.
::testing::AssertionResult WithinBounds(const compute::TensorView& actual, const compute::Shape& shape,
                                        const std::vector<double>& expected, const std::vector<double>& bounds);

// One bound for all elements.
::testing::AssertionResult WithinBound(const compute::TensorView& actual, const compute::Shape& shape,
                                       const std::vector<double>& expected, double bound);

// Whether two tensors have the same type, shape and bytes: NaN payloads and signs of zeros included.
::testing::AssertionResult SameBits(const compute::TensorView& a, const compute::TensorView& b);

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_SUPPORT_COMPARER_H_
