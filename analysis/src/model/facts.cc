#include "analysis/src/model/facts.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tensord::analysis::model {

Expression ElementCount(const Shape& shape) {
  Expression count = 1;
  for (const Expression& size : shape) count = count * size;
  return count;
}

std::string ShapeText(const Shape& shape) {
  return absl::StrCat(
      "[", absl::StrJoin(shape, ",", [](std::string* out, const Expression& size) { *out += size.ToString(); }), "]");
}

}  // namespace tensord::analysis::model
