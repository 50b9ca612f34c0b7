#include "analysis/src/model/facts.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tensord::analysis::model {

bool IsReal(ElementType type) {
  return type == ElementType::kFloat32 || type == ElementType::kFloat64 || type == ElementType::kFloat16 ||
         type == ElementType::kBfloat16;
}

Expression ElementCount(const Shape& shape) {
  Expression count = 1;
  for (const Expression& size : shape) count = count * size;
  return count;
}

std::string ShapeText(const Shape& shape, uint8_t open_axes) {
  std::vector<std::string> sizes;
  for (size_t i = 0; i < shape.size(); ++i) sizes.push_back((open_axes >> i & 1) != 0 ? "?" : shape[i].ToString());
  return absl::StrCat("[", absl::StrJoin(sizes, ","), "]");
}

}  // namespace tensord::analysis::model
