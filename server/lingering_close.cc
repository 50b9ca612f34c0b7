#include "server/lingering_close.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace tensord::server {
namespace {

constexpr size_t kMostConnections = 256;
constexpr auto kLongest = std::chrono::seconds(10);
constexpr auto kTick = std::chrono::milliseconds(10);
// What is read, and thrown away, of one connection in a tick.
constexpr int kReadsPerTick = 16;

std::mutex active_mutex;
LingeringClose* active = nullptr;  // guarded by active_mutex

// Whether the other side has closed the connection, or it is broken. tests/tsan.supp names this function.
bool PeerIsGone(int fd) {
  char first;
  const ssize_t waiting = recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
  return waiting == 0 || (waiting < 0 && errno != EAGAIN);
}

}  // namespace

LingeringClose::LingeringClose() {
  thread_ = std::thread([this] { Run(); });
  const std::lock_guard lock(active_mutex);
  if (active == nullptr) active = this;
}

LingeringClose::~LingeringClose() {
  {
    const std::lock_guard lock(active_mutex);
    if (active == this) active = nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LingeringClose::WaitForNone(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [this] { return connections_.empty(); });
}

bool LingeringClose::TakeOver(int fd) {
  const std::lock_guard lock(active_mutex);
  return active != nullptr && active->Keep(fd);
}

bool LingeringClose::Keep(int fd) {
  if (PeerIsGone(fd)) return false;
  const std::lock_guard lock(mutex_);
  if (connections_.size() >= kMostConnections) return false;
  FileDescriptor copy(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!copy.valid()) return false;
  const Clock::time_point now = Clock::now();
  connections_.push_back({.socket = std::move(copy), .end = now + kLongest, .patience = now + kPatience});
  changed_.notify_all();
  return true;
}

void LingeringClose::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (connections_.empty()) {
      changed_.wait(lock, [this] { return stopping_ || !connections_.empty(); });
    } else {
      changed_.wait_for(lock, kTick, [this] { return stopping_; });
    }
    if (std::erase_if(connections_, IsOver) > 0) changed_.notify_all();
  }
}

bool LingeringClose::IsOver(Connection& connection) {
  const int fd = connection.socket.get();
  std::array<char, 4096> rest;
  for (int i = 0; i < kReadsPerTick; ++i) {
    const ssize_t count = recv(fd, rest.data(), rest.size(), MSG_DONTWAIT);
    if (count > 0) continue;
    if (count == 0 || errno != EAGAIN) return true;
    break;
  }
  const Clock::time_point now = Clock::now();
  int undelivered = 0;
  if (ioctl(fd, SIOCOUTQ, &undelivered) == 0 && std::exchange(connection.undelivered, undelivered) != undelivered) {
    connection.patience = now + kPatience;
  }
  return now >= std::min(connection.patience, connection.end);
}

}  // namespace tensord::server

// In place of the C library's, for every library of the program.
extern "C" int shutdown(int fd, int how) noexcept {
  if (how == SHUT_RDWR && tensord::server::LingeringClose::TakeOver(fd)) how = SHUT_WR;
  return static_cast<int>(syscall(SYS_shutdown, fd, how));
}
