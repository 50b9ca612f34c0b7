// NumPy's .npy files (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
#ifndef TENSORD_CLI_IO_NPY_H_
#define TENSORD_CLI_IO_NPY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli {

// Reads versions 1 to 3: f2, f4, f8, i1, u1, i4 and i8, of either byte order, in C or Fortran order (which is
// transposed to row-major). Errors: everything else, and a file that is shorter or longer than its header says; nothing
// is allocated by what a header claims before the payload is seen to be there.
[[nodiscard]] absl::StatusOr<v1::Tensor> ReadNpy(absl::string_view file);

// Writes version 1, little-endian, in C order. Errors: bfloat16, which the format lacks.
[[nodiscard]] absl::StatusOr<std::string> WriteNpy(const v1::Tensor& tensor);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_IO_NPY_H_
