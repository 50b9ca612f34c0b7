#include "tensord/compute/data_type.h"

namespace tensord::compute {
namespace {

struct DataTypeInfo {
  DataType type;
  absl::string_view name;
  int64_t item_size;
};

constexpr DataTypeInfo kInfos[] = {
    {DataType::kFloat16, "float16", 2}, {DataType::kBfloat16, "bfloat16", 2}, {DataType::kFloat32, "float32", 4},
    {DataType::kFloat64, "float64", 8}, {DataType::kInt8, "int8", 1},         {DataType::kUint8, "uint8", 1},
    {DataType::kInt32, "int32", 4},     {DataType::kInt64, "int64", 8},
};

const DataTypeInfo& InfoOf(DataType type) {
  for (const DataTypeInfo& info : kInfos) {
    if (info.type == type) return info;
  }
  __builtin_unreachable();
}

}  // namespace

int64_t ItemSize(DataType type) { return InfoOf(type).item_size; }

absl::string_view Name(DataType type) { return InfoOf(type).name; }

std::optional<DataType> DataTypeFromName(absl::string_view name) {
  for (const DataTypeInfo& info : kInfos) {
    if (info.name == name) return info.type;
  }
  return std::nullopt;
}

bool IsComputable(DataType type) { return type == DataType::kFloat32 || type == DataType::kFloat64; }

bool IsFloating(DataType type) {
  return IsComputable(type) || type == DataType::kFloat16 || type == DataType::kBfloat16;
}

bool Is8Bit(DataType type) { return type == DataType::kInt8 || type == DataType::kUint8; }

}  // namespace tensord::compute
