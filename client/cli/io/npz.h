// NumPy's .npz archives.
#ifndef TENSORD_CLI_IO_NPZ_H_
#define TENSORD_CLI_IO_NPZ_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli {

// The array `name` of an archive. Inflates no more than the largest tensor takes, whatever the archive claims, and
// checks the CRC. Errors: no zip archive, no array of that name (the error lists them), what ReadNpy refuses.
[[nodiscard]] absl::StatusOr<v1::Tensor> ReadNpz(absl::string_view file, const std::string& name);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_IO_NPZ_H_
