// Small files that settings name: certificates, tokens, settings.
#ifndef TENSORD_SERVER_SMALL_FILE_H_
#define TENSORD_SERVER_SMALL_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace tensord::server {

// The bytes of a file of at most 1 MiB. kFailedPrecondition where it cannot be read or is larger; the text says why and
// does not repeat the path.
[[nodiscard]] absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SMALL_FILE_H_
