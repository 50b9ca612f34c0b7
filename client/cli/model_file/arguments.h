// A mapping of the file whose keys are known: a layer's arguments, an input, the file itself.
#ifndef TENSORD_CLI_MODEL_FILE_ARGUMENTS_H_
#define TENSORD_CLI_MODEL_FILE_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/cli/document/document.h"

namespace tensord::cli::model_file {

// What an axis, a window or a number of channels may be.
inline constexpr int64_t kMaxNumber = (int64_t{1} << 31) - 1;
inline constexpr int64_t kMaxSize = std::numeric_limits<int64_t>::max();

using document::ErrorAt;
using document::NumberOf;
using document::Place;
using document::RealOf;
using document::Value;

// `value` itself, where it is a whole number in that range; else an error.
[[nodiscard]] absl::StatusOr<int64_t> RequireNumber(const Value& value, const Place& place, int64_t least,
                                                    int64_t most = kMaxNumber);
// Likewise a list of them, or a single one, which then stands for all `count`.
[[nodiscard]] absl::StatusOr<std::vector<int64_t>> RequirePerAxis(const Value& value, const Place& place, size_t count,
                                                                  int64_t least);
// A word of at most 64 bytes, that is none of YAML's structures.
[[nodiscard]] absl::StatusOr<std::string> RequireText(const Value& value, const Place& place);

class Arguments {
 public:
  // `value` is a mapping with no other keys than `keys`, empty, or, where `shorthand` is the name of a key, that key's
  // value. Errors name the unknown key, and the one that was meant.
  [[nodiscard]] static absl::StatusOr<Arguments> Read(const Value& value, Place place,
                                                      absl::Span<const absl::string_view> keys,
                                                      absl::string_view shorthand = "");

  [[nodiscard]] const Place& place() const { return place_; }
  // Null where it is not given or empty.
  [[nodiscard]] const Value* Find(absl::string_view key) const;
  [[nodiscard]] Place PlaceOf(absl::string_view key) const;
  [[nodiscard]] absl::Status Missing(absl::string_view key, absl::string_view expected) const;

  // Where `otherwise` is not given, the key has to be there.
  [[nodiscard]] absl::StatusOr<int64_t> Number(absl::string_view key, int64_t least,
                                               std::optional<int64_t> otherwise = std::nullopt) const;
  [[nodiscard]] absl::StatusOr<std::vector<int64_t>> PerAxis(
      absl::string_view key, size_t count, int64_t least,
      const std::optional<std::vector<int64_t>>& otherwise = std::nullopt) const;
  [[nodiscard]] absl::StatusOr<double> Real(absl::string_view key, double otherwise) const;
  [[nodiscard]] absl::StatusOr<bool> Truth(absl::string_view key, bool otherwise) const;
  [[nodiscard]] absl::StatusOr<std::string> Choice(absl::string_view key, absl::Span<const absl::string_view> choices,
                                                   absl::string_view otherwise) const;

 private:
  const Value* map_ = nullptr;   // null where there are no arguments, or a shorthand
  const Value* only_ = nullptr;  // the shorthand's value
  absl::string_view shorthand_;
  Place place_;
};

}  // namespace tensord::cli::model_file

#endif  // TENSORD_CLI_MODEL_FILE_ARGUMENTS_H_
