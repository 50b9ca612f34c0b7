#include "tensord/compute/shape.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute {

std::string Shape::ToString() const {
  return absl::StrCat("[",
                      absl::StrJoin(sizes_, ", ",
                                    [](std::string* out, int64_t size) {
                                      absl::StrAppend(out, size == kUnknownSize ? "?" : absl::StrCat(size));
                                    }),
                      "]");
}

std::optional<int64_t> ElementCount(const Shape& shape) {
  int64_t count = 1;
  bool empty = false;
  for (const int64_t size : shape) {
    if (size < 0) return std::nullopt;
    empty = empty || size == 0;
    const std::optional<int64_t> product = CheckedMultiply(count, size == 0 ? 1 : size);
    if (!product.has_value()) return std::nullopt;
    count = *product;
  }
  return empty ? 0 : count;
}

std::optional<int64_t> ByteCount(const Shape& shape, DataType type) {
  const std::optional<int64_t> count = ElementCount(shape);
  return count.has_value() ? CheckedMultiply(*count, ItemSize(type)) : std::nullopt;
}

}  // namespace tensord::compute
