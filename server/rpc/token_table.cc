#include "server/rpc/token_table.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/convert/status_convert.h"

namespace tensord::server {
namespace {

constexpr absl::string_view kScheme = "Bearer ";
constexpr size_t kMaxNameLength = 64;

bool IsName(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxNameLength && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  });
}

bool IsHash(absl::string_view text) {
  return text.size() == 2 * TokenTable::Hash().size() && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

absl::Status LineError(size_t line, absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat("line ", line, ": ", what));
}

}  // namespace

absl::StatusOr<TokenTable> TokenTable::Parse(absl::string_view text) {
  TokenTable table;
  size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view content = absl::StripAsciiWhitespace(line);
    if (content.empty() || content[0] == '#') continue;
    const std::vector<absl::string_view> words = absl::StrSplit(content, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    // Never the line itself: it could be a token that was put there by mistake.
    if (words.size() != 2 || !IsHash(words[0]) || !IsName(words[1])) {
      return LineError(number,
                       "expected the SHA-256 of a token (64 hexadecimal digits) and a client's name (1 to 64 of "
                       "A-Z a-z 0-9 . _ -)");
    }
    const std::string bytes = absl::HexStringToBytes(words[0]);
    Hash hash;
    std::copy(bytes.begin(), bytes.end(), hash.begin());
    for (const auto& [other, name] : table.entries_) {
      if (other == hash) return LineError(number, absl::StrCat("the token of \"", name, "\" again"));
    }
    table.entries_.emplace_back(hash, std::string(words[1]));
  }
  if (table.entries_.empty()) return absl::FailedPreconditionError("holds no token");
  return table;
}

std::optional<std::string> TokenTable::FindClient(absl::string_view token) const {
  Hash hash;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), hash.data());
  const std::string* found = nullptr;
  // All of them, always: the time tells nothing of the place.
  for (const auto& [other, name] : entries_) {
    if (CRYPTO_memcmp(hash.data(), other.data(), hash.size()) == 0) found = &name;
  }
  if (found == nullptr) return std::nullopt;
  return *found;
}

bool TokenStore::Replace(TokenTable table) {
  auto replacement = std::make_shared<const TokenTable>(std::move(table));
  const std::lock_guard lock(mutex_);
  table_.swap(replacement);
  return !(*table_ == *replacement);
}

absl::StatusOr<std::string> TokenStore::Authenticate(std::optional<absl::string_view> authorization) const {
  if (!authorization.has_value() || !absl::StartsWithIgnoreCase(*authorization, kScheme)) {
    return ErrorWithReason(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING",
                           "the call has no bearer token; send one as the metadata \"authorization: Bearer ...\"");
  }
  std::shared_ptr<const TokenTable> table;
  {
    const std::lock_guard lock(mutex_);
    table = table_;
  }
  std::optional<std::string> client = table->FindClient(authorization->substr(kScheme.size()));
  if (!client.has_value()) {
    return ErrorWithReason(absl::StatusCode::kUnauthenticated, "TOKEN_UNKNOWN",
                           "the call's bearer token is not one of this server's");
  }
  return *std::move(client);
}

}  // namespace tensord::server
