#include "server/acceptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace tensord::server {
namespace {

// Descriptors that connections do not get: a quarter of very few, 64 of many.
int64_t Reserve(int64_t file_limit) { return std::min<int64_t>(64, file_limit / 4); }
// How long to leave a socket alone when there is no descriptor for its next connection.
constexpr int kPauseMs = 50;

}  // namespace

Acceptor::Acceptor(std::vector<AcceptorSocket> sockets, int64_t file_limit, Metrics* metrics)
    : sockets_(std::move(sockets)),
      highest_fd_(file_limit - Reserve(file_limit)),
      metrics_(metrics),
      stop_(eventfd(0, EFD_CLOEXEC)) {
  if (!stop_.valid()) throw std::system_error(errno, std::generic_category(), "eventfd");
  thread_ = std::thread([this] { Run(); });
}

Acceptor::~Acceptor() {
  const uint64_t one = 1;
  // An eventfd that nobody else writes to always has room.
  if (write(stop_.get(), &one, sizeof(one)) == sizeof(one)) thread_.join();
}

void Acceptor::Run() {
  std::vector<pollfd> fds;
  for (const AcceptorSocket& socket : sockets_) fds.push_back({socket.socket.get(), POLLIN, 0});
  fds.push_back({stop_.get(), POLLIN, 0});
  bool paused = false;
  while (true) {
    // A pause looks at the last one only, which ends it early.
    const size_t first = paused ? fds.size() - 1 : 0;
    if (poll(&fds[first], fds.size() - first, paused ? kPauseMs : -1) < 0) continue;  // EINTR
    if ((fds.back().revents & POLLIN) != 0) return;
    const bool was_paused = std::exchange(paused, false);
    for (size_t i = 0; i < sockets_.size(); ++i) {
      if ((was_paused || (fds[i].revents & POLLIN) != 0) && !Drain(sockets_[i])) paused = true;
    }
  }
}

bool Acceptor::Drain(const AcceptorSocket& socket) {
  while (true) {
    const int fd = accept4(socket.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) return false;
    if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (fd < 0) return true;  // EAGAIN: nobody waits; an error of one connection's: the next poll tells
    if (fd > highest_fd_) {
      close(fd);
      metrics_->Add(Counter::kConnectionsRefused, 1);
      continue;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // of no use, and no harm, to a Unix socket
    metrics_->Add(Counter::kConnections, 1);
    socket.handle(fd);
  }
}

}  // namespace tensord::server
