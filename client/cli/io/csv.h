// Matrices as comma-separated values.
#ifndef TENSORD_CLI_IO_CSV_H_
#define TENSORD_CLI_IO_CSV_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli {

// A matrix [rows, columns] of `type`, one line a row, also where there is one row or one column. Blanks around a number
// and empty lines at the end do no harm; LF or CRLF. Errors, with line and column: an empty or other field, rows of
// different lengths, numbers that do not fit, no rows at all.
[[nodiscard]] absl::StatusOr<v1::Tensor> ReadCsv(absl::string_view text, v1::DataType type);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_IO_CSV_H_
