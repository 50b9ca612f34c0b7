// How a client connects and calls.
#ifndef TENSORD_CLIENT_OPTIONS_H_
#define TENSORD_CLIENT_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tensord/client/cancellation.h"

namespace tensord::client {

// Every member has an initialiser, so that designated ones may leave out any without a warning.

// TLS from PEM files, which are read once, when the client is made.
struct TlsOptions {
  std::string ca_file = {};           // whom to trust; empty: the system's roots
  std::string certificate_file = {};  // the client's own, for mutual TLS; with key_file or not at all
  std::string key_file = {};
  std::string server_name = {};  // the name that the server's certificate has to bear; empty: the address' host
};

// Retries of calls that ended with UNAVAILABLE (every rpc may be repeated), by gRPC's service config. The backoff
// doubles from attempt to attempt, with jitter; a server's wish to wait wins. When many calls fail, gRPC stops retrying
// for a while.
struct RetryOptions {
  int max_attempts = 3;  // 1: never; at most 5
  std::chrono::milliseconds initial_backoff{100};
  std::chrono::milliseconds max_backoff{2'000};
};

struct ClientOptions {
  std::optional<TlsOptions> tls = std::nullopt;  // absent: plain text
  // A file that holds a bearer token, read once, when the client is made, and sent with every call; empty: none. Over
  // TCP only with TLS: otherwise whoever listens on the way can read it.
  std::string token_file = {};
  RetryOptions retry = {};
  std::string load_balancing = "round_robin";      // or "pick_first"
  int64_t max_message_bytes = int64_t{256} << 20;  // of requests and of answers; at most 2^31 - 1
  std::chrono::milliseconds deadline{60'000};      // of calls that bring none of their own; at least 1 ms
};

struct CallOptions {
  // Absent: ClientOptions::deadline. 0 or less has passed already; beyond 100 years there is none.
  std::optional<std::chrono::milliseconds> deadline = std::nullopt;
  // Null: the call cannot be cancelled, but by destroying the client.
  std::shared_ptr<Cancellation> cancellation = nullptr;
};

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_OPTIONS_H_
