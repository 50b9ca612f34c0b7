// A file descriptor that closes itself.
#ifndef TENSORD_SERVER_FILE_DESCRIPTOR_H_
#define TENSORD_SERVER_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace tensord::server {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_FILE_DESCRIPTOR_H_
