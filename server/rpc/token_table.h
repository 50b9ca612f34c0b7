// Bearer tokens: who may call.
#ifndef TENSORD_SERVER_RPC_TOKEN_TABLE_H_
#define TENSORD_SERVER_RPC_TOKEN_TABLE_H_

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::server {

// The hashes of tokens and the names of the clients that hold them. Immutable.
class TokenTable {
 public:
  using Hash = std::array<unsigned char, 32>;  // SHA-256

  // Reads a file's text. A line is the SHA-256 of a token, 64 hexadecimal digits, and the client's name (1 to 64 of
  // A-Z a-z 0-9 . _ -), with blanks between them; empty lines, and lines that begin with #, are skipped. A client may
  // have several tokens.
  //
  // Errors:   kFailedPrecondition - a line is neither, a token comes twice, or there is none; the text tells the line.
  [[nodiscard]] static absl::StatusOr<TokenTable> Parse(absl::string_view text);

  // The client that holds `token`. The comparison takes the same time wherever, and whether, it is found.
  [[nodiscard]] std::optional<std::string> FindClient(absl::string_view token) const;

  [[nodiscard]] size_t size() const { return entries_.size(); }
  friend bool operator==(const TokenTable&, const TokenTable&) = default;

 private:
  std::vector<std::pair<Hash, std::string>> entries_;
};

// The table in use, which may be replaced while calls ask. Threads: every member may be called from any thread.
class TokenStore {
 public:
  // Whether it differs from the one before.
  bool Replace(TokenTable table);

  // The name of the client whose token the value of an `authorization` header holds ("Bearer " and the token).
  // kUnauthenticated, reason TOKEN_MISSING or TOKEN_UNKNOWN.
  [[nodiscard]] absl::StatusOr<std::string> Authenticate(std::optional<absl::string_view> authorization) const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const TokenTable> table_ = std::make_shared<const TokenTable>();  // guarded by mutex_
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_TOKEN_TABLE_H_
