#include "tests/support/builders.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tensord::test_support {
namespace {

using compute::DataType;
using compute::Shape;
using compute::Tensor;
using compute::TensorView;

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "test support: %s\n", what);
  std::abort();
}

// Calls use(T{}) with the C++ type of `type`.
template <typename Use>
void WithType(DataType type, Use&& use) {
  switch (type) {
    case DataType::kFloat32:
      return use(float{});
    case DataType::kFloat64:
      return use(double{});
    case DataType::kInt8:
      return use(int8_t{});
    case DataType::kUint8:
      return use(uint8_t{});
    case DataType::kInt32:
      return use(int32_t{});
    case DataType::kInt64:
      return use(int64_t{});
    case DataType::kFloat16:
    case DataType::kBfloat16:
      break;
  }
  Die("no C++ type for this data type");
}

int64_t CountOf(const Shape& shape) {
  const auto count = compute::ElementCount(shape);
  if (!count.has_value()) Die("the shape has no number of elements");
  return *count;
}

}  // namespace

uint64_t Random::Bits() {
  state_ += 0x9e3779b97f4a7c15u;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

int64_t Random::Integer(int64_t low, int64_t high) {
  const auto span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  return static_cast<int64_t>(static_cast<uint64_t>(low) + (span == 0 ? Bits() : Bits() % span));
}

double Random::Real(double low, double high) {
  return low + (high - low) * (static_cast<double>(Bits() >> 11) * 0x1p-53);
}

Tensor MakeTensor(DataType type, const Shape& shape, const std::vector<double>& values) {
  if (CountOf(shape) != static_cast<int64_t>(values.size())) Die("MakeTensor: wrong number of values");
  auto tensor = Tensor::Allocate(type, shape);
  if (!tensor.ok()) Die("MakeTensor: no memory");
  WithType(type, [&](auto zero) {
    using T = decltype(zero);
    for (size_t i = 0; i < values.size(); ++i) tensor->As<T>()[i] = static_cast<T>(values[i]);
  });
  return *std::move(tensor);
}

Tensor IntegerTensor(DataType type, const Shape& shape, uint64_t seed, int64_t low, int64_t high) {
  Random random(seed);
  std::vector<double> values(static_cast<size_t>(CountOf(shape)));
  for (double& value : values) value = static_cast<double>(random.Integer(low, high));
  return MakeTensor(type, shape, values);
}

Tensor RealTensor(DataType type, const Shape& shape, uint64_t seed, double low, double high) {
  Random random(seed);
  std::vector<double> values(static_cast<size_t>(CountOf(shape)));
  for (double& value : values) value = random.Real(low, high);
  return MakeTensor(type, shape, values);
}

std::vector<double> ToDoubles(const TensorView& tensor) {
  std::vector<double> values(static_cast<size_t>(CountOf(tensor.shape)));
  WithType(tensor.type, [&](auto zero) {
    using T = decltype(zero);
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(tensor.As<T>()[i]);
  });
  return values;
}

double UnitRoundoff(DataType type) {
  if (!compute::IsComputable(type)) Die("UnitRoundoff: not a type that computes");
  return type == DataType::kFloat32 ? 0x1p-24 : 0x1p-53;
}

double Gamma(double n, DataType type) {
  const double nu = n * UnitRoundoff(type);
  return nu / (1 - nu);
}

}  // namespace tensord::test_support
