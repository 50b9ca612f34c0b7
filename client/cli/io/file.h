// Bytes from and to files.
#ifndef TENSORD_CLI_IO_FILE_H_
#define TENSORD_CLI_IO_FILE_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::cli {

// The largest file that is read: room for the largest tensor written as text.
inline constexpr int64_t kMaxFileBytes = int64_t{2} << 30;

// Is told now and then how many bytes have been read.
using ReadObserver = std::function<void(int64_t)>;

// The whole of a file; a pipe will do. Errors say what the operating system said.
[[nodiscard]] absl::StatusOr<std::string> ReadWholeFile(const std::string& path, const ReadObserver& observer = {});
[[nodiscard]] absl::StatusOr<std::string> ReadWholeStream(std::istream& stream, const ReadObserver& observer = {});

// Writes `bytes` as the file `path`: to a file beside it first, which then takes its name, so that a failure leaves no
// half of one. What is no regular file (a pipe, a device) is written to directly.
[[nodiscard]] absl::Status WriteWholeFile(const std::string& path, absl::string_view bytes);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_IO_FILE_H_
