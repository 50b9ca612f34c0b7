// A collector of everything that is wrong with a request, so that one answer can name it all.
#ifndef TENSORD_COMPUTE_VIOLATIONS_H_
#define TENSORD_COMPUTE_VIOLATIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tensord::compute {

// One thing that is wrong.
struct Violation {
  std::string field;        // the field's path, e.g. "filter.shape[2]"
  std::string description;  // what it was and what it had to be, e.g. "was 0, has to be at least 1"
};

// Collects violations in the order in which they were found. It keeps the first kMaxKept and counts all.
// Functions that check take one by reference and add to it; that is the only out-parameter style of this library.
class Violations {
 public:
  static constexpr size_t kMaxKept = 16;

  void Add(absl::string_view field, absl::string_view description);

  [[nodiscard]] bool empty() const { return total_ == 0; }
  [[nodiscard]] size_t total() const { return total_; }
  [[nodiscard]] const std::vector<Violation>& kept() const { return kept_; }

  // OK where empty; else kInvalidArgument whose message is "FIELD: DESCRIPTION", then "; " and the next, at most 1 KiB.
  [[nodiscard]] absl::Status ToStatus() const;

 private:
  std::vector<Violation> kept_;
  size_t total_ = 0;
};

// "conventions.strides", 1 -> "conventions.strides[1]".
[[nodiscard]] std::string Indexed(absl::string_view field, size_t index);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_VIOLATIONS_H_
