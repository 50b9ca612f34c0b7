#include "compute/src/internal/convolution_arguments.h"

#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {

absl::Status CheckArgument(const TensorView& tensor, const Shape& shape, DataType type, absl::string_view name) {
  Violations violations;
  if (tensor.type != type) {
    violations.Add(name, absl::StrCat("was ", Name(tensor.type), ", has to be ", Name(type), ", as x is"));
  }
  if (!(tensor.shape == shape)) {
    violations.Add(name, absl::StrCat("had shape ", tensor.shape.ToString(), ", has to have ", shape.ToString()));
  } else if (tensor.data == nullptr && ElementCount(shape) != 0) {
    violations.Add(name, "had no data");
  }
  return violations.ToStatus();
}

absl::Status CheckConvolutionArguments(const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& w,
                                       const TensorView& b) {
  if (!IsComputable(x.type)) {
    return absl::UnimplementedError(absl::StrCat("x: was ", Name(x.type), ", has to be float32 or float64"));
  }
  TENSORD_RETURN_IF_ERROR(CheckArgument(x, geometry.input_shape, x.type, "x"));
  TENSORD_RETURN_IF_ERROR(CheckArgument(w, geometry.filter_shape, x.type, "w"));
  if (b.data == nullptr) return absl::OkStatus();
  Violations violations;
  CheckBiasShape(geometry, b.shape, "b", violations);
  TENSORD_RETURN_IF_ERROR(violations.ToStatus());
  return CheckArgument(b, b.shape, x.type, "b");
}

}  // namespace tensord::compute::internal
