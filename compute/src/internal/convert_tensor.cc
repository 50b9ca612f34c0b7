#include "compute/src/internal/convert_tensor.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "compute/src/internal/tiles.h"
#include "tensord/compute/float16.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {
namespace {

constexpr int64_t kBlock = int64_t{1} << 14;

// Elements of one floating type, as patterns of its format, to patterns of another.
template <typename Bits, typename Result, typename Convert>
void ConvertBlock(const void* from, void* to, int64_t first, int64_t count, Convert&& convert) {
  const auto* source = static_cast<const char*>(from) + first * static_cast<int64_t>(sizeof(Bits));
  auto* dest = static_cast<char*>(to) + first * static_cast<int64_t>(sizeof(Result));
  for (int64_t i = 0; i < count; ++i, source += sizeof(Bits), dest += sizeof(Result)) {
    Bits bits;
    std::memcpy(&bits, source, sizeof(Bits));
    const auto result = static_cast<Result>(convert(bits));
    std::memcpy(dest, &result, sizeof(Result));
  }
}

template <typename Bits>
void ConvertFrom(const void* from, const BinaryFormat& source, void* to, const BinaryFormat& dest, int64_t item_size,
                 int64_t first, int64_t count) {
  const auto convert = [&](Bits bits) { return ConvertBits(bits, source, dest); };
  if (item_size == 2) {
    ConvertBlock<Bits, uint16_t>(from, to, first, count, convert);
  } else if (item_size == 4) {
    ConvertBlock<Bits, uint32_t>(from, to, first, count, convert);
  } else {
    ConvertBlock<Bits, uint64_t>(from, to, first, count, convert);
  }
}

}  // namespace

bool Is16BitFloating(DataType type) { return IsFloating(type) && !IsComputable(type); }

BinaryFormat FormatOf(DataType type) {
  switch (type) {
    case DataType::kFloat16:
      return kFloat16Format;
    case DataType::kBfloat16:
      return kBfloat16Format;
    case DataType::kFloat32:
      return kFloat32Format;
    default:
      return kFloat64Format;
  }
}

absl::Status ForEachBlock(int64_t count, const ExecutionContext& context,
                          absl::FunctionRef<void(int64_t, int64_t)> body) {
  return RunTiles<float>(CeilDivide(count, kBlock), 0, context, [&](int64_t block, float*) {
    const int64_t first = block * kBlock;
    body(first, std::min(kBlock, count - first));
  });
}

absl::StatusOr<Tensor> ConvertFloating(const TensorView& tensor, DataType type, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor result, Tensor::Allocate(type, tensor.shape));
  const BinaryFormat source = FormatOf(tensor.type);
  const BinaryFormat dest = FormatOf(type);
  const int64_t item_size = ItemSize(type);
  TENSORD_RETURN_IF_ERROR(ForEachBlock(result.element_count(), context, [&](int64_t first, int64_t count) {
    switch (ItemSize(tensor.type)) {
      case 2:
        return ConvertFrom<uint16_t>(tensor.data, source, result.data(), dest, item_size, first, count);
      case 4:
        return ConvertFrom<uint32_t>(tensor.data, source, result.data(), dest, item_size, first, count);
      default:
        return ConvertFrom<uint64_t>(tensor.data, source, result.data(), dest, item_size, first, count);
    }
  }));
  return result;
}

absl::StatusOr<TensorView> AsFloating(const TensorView& tensor, DataType type, std::optional<Tensor>& holder,
                                      const ExecutionContext& context) {
  if (tensor.type == type || tensor.data == nullptr) {
    TensorView view = tensor;
    view.type = type;
    return view;
  }
  TENSORD_ASSIGN_OR_RETURN(holder, ConvertFloating(tensor, type, context));
  return holder->view();
}

}  // namespace tensord::compute::internal
