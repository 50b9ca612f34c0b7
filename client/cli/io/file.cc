#include "client/cli/io/file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

constexpr size_t kBlock = size_t{1} << 16;

absl::Status TooLarge() {
  return absl::InvalidArgumentError(absl::StrCat("it is larger than ", kMaxFileBytes, " bytes"));
}

absl::Status SystemError(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

absl::Status WriteTo(const std::string& path, absl::string_view bytes) {
  File file(std::fopen(path.c_str(), "wb"));
  if (file == nullptr) return SystemError("cannot be opened for writing");
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  // Closing writes what is buffered, and may be what finds the disk full.
  if (std::fclose(file.release()) != 0 || !written) return SystemError("cannot be written");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, const ReadObserver& observer) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return absl::InvalidArgumentError("it is a directory");
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return absl::InvalidArgumentError(std::strerror(errno));
  std::string bytes;
  std::vector<char> block(kBlock);
  size_t got = 0;
  while ((got = std::fread(block.data(), 1, block.size(), file.get())) > 0) {
    bytes.append(block.data(), got);
    if (static_cast<int64_t>(bytes.size()) > kMaxFileBytes) return TooLarge();
    if (observer) observer(static_cast<int64_t>(bytes.size()));
  }
  if (std::ferror(file.get()) != 0) return absl::InvalidArgumentError(std::strerror(errno));
  return bytes;
}

absl::StatusOr<std::string> ReadWholeStream(std::istream& stream, const ReadObserver& observer) {
  std::string bytes;
  std::vector<char> block(kBlock);
  while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) || stream.gcount() > 0) {
    bytes.append(block.data(), static_cast<size_t>(stream.gcount()));
    if (static_cast<int64_t>(bytes.size()) > kMaxFileBytes) return TooLarge();
    if (observer) observer(static_cast<int64_t>(bytes.size()));
  }
  if (stream.bad()) return absl::InvalidArgumentError("it cannot be read");
  return bytes;
}

absl::Status WriteWholeFile(const std::string& path, absl::string_view bytes) {
  std::error_code error;
  const auto kind = std::filesystem::status(path, error).type();
  const bool special = kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::not_found;
  // A symbolic link stays one: what it points to is replaced.
  const bool link = std::filesystem::is_symlink(path, error);
  if (special || link) return WriteTo(path, bytes);
  const std::string partial = absl::StrCat(path, ".", ::getpid(), ".partial");
  absl::Status written = WriteTo(partial, bytes);
  if (written.ok() && std::rename(partial.c_str(), path.c_str()) != 0) written = SystemError("cannot be replaced");
  if (!written.ok()) std::filesystem::remove(partial, error);
  return written;
}

}  // namespace tensord::cli
