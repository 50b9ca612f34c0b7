#include "tensord/compute/violations.h"

#include "absl/strings/str_cat.h"

namespace tensord::compute {

void Violations::Add(absl::string_view field, absl::string_view description) {
  ++total_;
  if (kept_.size() < kMaxKept) kept_.push_back({.field = std::string(field), .description = std::string(description)});
}

absl::Status Violations::ToStatus() const {
  constexpr size_t kMaxMessageBytes = 1024;
  if (empty()) return absl::OkStatus();
  std::string message;
  size_t told = 0;
  for (const Violation& violation : kept_) {
    const std::string next = absl::StrCat(told == 0 ? "" : "; ", violation.field, ": ", violation.description);
    // Room for the count of those that are left out.
    if (told > 0 && message.size() + next.size() + 32 > kMaxMessageBytes) break;
    message += next;
    ++told;
  }
  if (told < total_) absl::StrAppend(&message, "; and ", total_ - told, " more");
  if (message.size() > kMaxMessageBytes) message.resize(kMaxMessageBytes);
  return absl::InvalidArgumentError(message);
}

std::string Indexed(absl::string_view field, size_t index) { return absl::StrCat(field, "[", index, "]"); }

}  // namespace tensord::compute
