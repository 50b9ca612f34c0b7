// The header of a .npy file.
#ifndef TENSORD_CLI_IO_NPY_HEADER_H_
#define TENSORD_CLI_IO_NPY_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli {

struct NpyHeader {
  v1::DataType type = v1::DATA_TYPE_UNSPECIFIED;
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<int64_t> shape;
  size_t size_bytes = 0;  // where the payload begins
};

// Reads the magic, the version and the dictionary, and checks nothing of the payload. Errors: what is not there, is not
// as the format says, or is an element type that tensord has no name for.
[[nodiscard]] absl::StatusOr<NpyHeader> ParseNpyHeader(absl::string_view file);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_IO_NPY_HEADER_H_
