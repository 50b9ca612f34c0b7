#include "server/small_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace tensord::server {
namespace {

constexpr std::streamsize kMaxBytes = 1 << 20;

}  // namespace

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return absl::FailedPreconditionError(std::strerror(errno));
  std::string text(kMaxBytes + 1, '\0');
  file.read(text.data(), kMaxBytes + 1);
  // A folder opens, and fails to be read.
  if (file.bad()) return absl::FailedPreconditionError(std::strerror(errno));
  if (file.gcount() > kMaxBytes) return absl::FailedPreconditionError("is larger than 1 MiB");
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

}  // namespace tensord::server
