#include "server/rpc/request_id.h"

#include <algorithm>
#include <cstdint>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tensord::server {
namespace {

constexpr size_t kMaxLength = 128;
constexpr size_t kTraceIdLength = 32;

bool IsId(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxLength && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::string_view("._:/+=@-").find(c) != absl::string_view::npos;
  });
}

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
  });
}

// version "-" trace-id "-" parent-id "-" flags, with 2, 32, 16 and 2 digits. Later versions may append more.
std::optional<absl::string_view> TraceId(absl::string_view traceparent) {
  constexpr size_t kLength = 55;
  if (traceparent.size() < kLength || (traceparent.size() > kLength && traceparent[kLength] != '-'))
    return std::nullopt;
  const absl::string_view id = traceparent.substr(3, kTraceIdLength);
  const bool shaped = traceparent[2] == '-' && traceparent[35] == '-' && traceparent[52] == '-' &&
                      IsLowerHex(traceparent.substr(0, 2)) && IsLowerHex(id) &&
                      IsLowerHex(traceparent.substr(36, 16)) && IsLowerHex(traceparent.substr(53, 2));
  const bool zero = id.find_first_not_of('0') == absl::string_view::npos;
  if (!shaped || zero || traceparent.substr(0, 2) == "ff") return std::nullopt;
  return id;
}

}  // namespace

std::string ChooseRequestId(std::optional<absl::string_view> x_request_id,
                            std::optional<absl::string_view> traceparent) {
  if (x_request_id.has_value() && IsId(*x_request_id)) return std::string(*x_request_id);
  if (traceparent.has_value()) {
    if (const auto id = TraceId(*traceparent); id.has_value()) return std::string(*id);
  }
  // Unique, not secret.
  thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return absl::StrCat(absl::Hex(random(), absl::kZeroPad16), absl::Hex(random(), absl::kZeroPad16));
}

}  // namespace tensord::server
