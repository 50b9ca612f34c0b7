// Tensors for tests: from lists, and deterministic random ones. Running out of memory aborts.
#ifndef TENSORD_TESTS_SUPPORT_BUILDERS_H_
#define TENSORD_TESTS_SUPPORT_BUILDERS_H_

#include <cstdint>
#include <vector>

#include "tensord/compute/data_type.h"
#include "tensord/compute/shape.h"
#include "tensord/compute/tensor.h"

namespace tensord::test_support {

// A small generator whose numbers are the same on every platform (std's distributions are not): SplitMix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Bits();
  // low..high, both included.
  int64_t Integer(int64_t low, int64_t high);
  // low <= x < high.
  double Real(double low, double high);

 private:
  uint64_t state_;
};

// A tensor of these values, converted to `type`. The number of values has to be the shape's.
compute::Tensor MakeTensor(compute::DataType type, const compute::Shape& shape, const std::vector<double>& values);

// Integers low..high, so that sums of products are exact in any order.
compute::Tensor IntegerTensor(compute::DataType type, const compute::Shape& shape, uint64_t seed, int64_t low = -4,
                              int64_t high = 4);

// Reals of low..high, rounded to `type`.
compute::Tensor RealTensor(compute::DataType type, const compute::Shape& shape, uint64_t seed, double low = -1,
                           double high = 1);

// The elements of a tensor of any type but float16 and bfloat16, in its own order.
std::vector<double> ToDoubles(const compute::TensorView& tensor);
inline std::vector<double> ToDoubles(const compute::Tensor& tensor) { return ToDoubles(tensor.view()); }

// The unit roundoff u of float32 or float64: 2^-24 or 2^-53.
double UnitRoundoff(compute::DataType type);

// Higham's gamma(n) = n u / (1 - n u).
double Gamma(double n, compute::DataType type);

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_SUPPORT_BUILDERS_H_
