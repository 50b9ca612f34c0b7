// Element types.
#ifndef TENSORD_COMPUTE_DATA_TYPE_H_
#define TENSORD_COMPUTE_DATA_TYPE_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace tensord::compute {

// The type of one element of a tensor.
enum class DataType { kFloat16, kBfloat16, kFloat32, kFloat64, kInt8, kUint8, kInt32, kInt64 };

inline constexpr std::array<DataType, 8> kAllDataTypes = {DataType::kFloat16, DataType::kBfloat16, DataType::kFloat32,
                                                          DataType::kFloat64, DataType::kInt8,     DataType::kUint8,
                                                          DataType::kInt32,   DataType::kInt64};

// Bytes per element.
[[nodiscard]] int64_t ItemSize(DataType type);

// "float32", as in the command line and in JSON.
[[nodiscard]] absl::string_view Name(DataType type);

// The type with that name, or nothing.
[[nodiscard]] std::optional<DataType> DataTypeFromName(absl::string_view name);

// Whether the compute functions take tensors of this type: float32 and float64.
[[nodiscard]] bool IsComputable(DataType type);

// Whether elements are floating-point numbers: those, float16 and bfloat16. The others are integers.
[[nodiscard]] bool IsFloating(DataType type);

// Whether elements are integers of 8 bits.
[[nodiscard]] bool Is8Bit(DataType type);

// DataTypeOf<float>: the DataType of a C++ element type.
template <typename T>
inline constexpr DataType kDataTypeOf = DataType::kFloat32;
template <>
inline constexpr DataType kDataTypeOf<double> = DataType::kFloat64;
template <>
inline constexpr DataType kDataTypeOf<int8_t> = DataType::kInt8;
template <>
inline constexpr DataType kDataTypeOf<uint8_t> = DataType::kUint8;
template <>
inline constexpr DataType kDataTypeOf<int32_t> = DataType::kInt32;
template <>
inline constexpr DataType kDataTypeOf<int64_t> = DataType::kInt64;

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_DATA_TYPE_H_
