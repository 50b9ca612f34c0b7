#include "client/cli/model_file/arguments.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli::model_file {
namespace {

constexpr size_t kMaxWord = 64;

std::string RangeText(int64_t least, int64_t most) {
  return most == kMaxSize ? absl::StrCat("at least ", least) : absl::StrCat(least, "..", most);
}

}  // namespace

absl::StatusOr<int64_t> RequireNumber(const Value& value, const Place& place, int64_t least, int64_t most) {
  const std::optional<int64_t> number = NumberOf(value);
  if (number.has_value() && *number >= least && *number <= most) return *number;
  return place.Error(absl::StrCat("was ", Describe(value), ", has to be a whole number, ", RangeText(least, most)));
}

absl::StatusOr<std::vector<int64_t>> RequirePerAxis(const Value& value, const Place& place, size_t count,
                                                    int64_t least) {
  if (value.kind != Value::Kind::kList) {
    TENSORCTL_ASSIGN_OR_RETURN(const int64_t number, RequireNumber(value, place, least));
    return std::vector<int64_t>(count, number);
  }
  if (value.items.size() != count) {
    return place.Error(absl::StrCat("has ", value.items.size(), " entries, has to have one for each of the ", count,
                                    " spatial axes, or be one number for all"));
  }
  std::vector<int64_t> numbers;
  for (size_t i = 0; i < count; ++i) {
    TENSORCTL_ASSIGN_OR_RETURN(const int64_t number, RequireNumber(value.items[i], place.At(i, value.items[i]), least));
    numbers.push_back(number);
  }
  return numbers;
}

absl::StatusOr<std::string> RequireText(const Value& value, const Place& place) {
  if (value.kind == Value::Kind::kScalar && !value.text.empty() && value.text.size() <= kMaxWord) return value.text;
  return place.Error(absl::StrCat("was ", Describe(value), ", has to be a word of at most ", kMaxWord, " bytes"));
}

absl::StatusOr<Arguments> Arguments::Read(const Value& value, Place place, absl::Span<const absl::string_view> keys,
                                          absl::string_view shorthand) {
  Arguments arguments;
  arguments.shorthand_ = shorthand;
  arguments.place_ = std::move(place);
  if (value.kind == Value::Kind::kNull) return arguments;
  if (value.kind != Value::Kind::kMap) {
    if (!shorthand.empty()) {
      arguments.only_ = &value;
      return arguments;
    }
    const std::string expected =
        keys.empty() ? "empty: it takes no arguments" : absl::StrCat("a mapping of ", absl::StrJoin(keys, ", "));
    return arguments.place_.Error(absl::StrCat("was ", Describe(value), ", has to be ", expected));
  }
  for (size_t i = 0; i < value.keys.size(); ++i) {
    if (std::find(keys.begin(), keys.end(), value.keys[i]) != keys.end()) continue;
    const std::string key = value.keys[i].substr(0, kMaxWord);
    Place where = arguments.place_;
    where.line = value.key_lines[i];
    return where.Error(absl::StrCat("has the unknown key \"", Escape(key), "\"",
                                    DidYouMean(key, std::vector<std::string>(keys.begin(), keys.end())),
                                    ", has to have ", keys.empty() ? "none" : absl::StrJoin(keys, ", ")));
  }
  arguments.map_ = &value;
  return arguments;
}

const Value* Arguments::Find(absl::string_view key) const {
  if (only_ != nullptr) return key == shorthand_ ? only_ : nullptr;
  const Value* const value = map_ == nullptr ? nullptr : map_->Find(key);
  return value == nullptr || value->kind == Value::Kind::kNull ? nullptr : value;
}

Place Arguments::PlaceOf(absl::string_view key) const {
  const Value* const value = Find(key);
  return value == nullptr ? place_ : place_.Below(key, *value);
}

absl::Status Arguments::Missing(absl::string_view key, absl::string_view expected) const {
  return ErrorAt(place_.file, place_.line, absl::StrCat(place_.path, place_.path.empty() ? "" : ".", key),
                 absl::StrCat("is missing, has to be ", expected));
}

absl::StatusOr<int64_t> Arguments::Number(absl::string_view key, int64_t least,
                                          std::optional<int64_t> otherwise) const {
  const Value* const value = Find(key);
  if (value != nullptr) return RequireNumber(*value, PlaceOf(key), least);
  if (otherwise.has_value()) return *otherwise;
  return Missing(key, absl::StrCat("a whole number, ", RangeText(least, kMaxNumber)));
}

absl::StatusOr<std::vector<int64_t>> Arguments::PerAxis(absl::string_view key, size_t count, int64_t least,
                                                        const std::optional<std::vector<int64_t>>& otherwise) const {
  const Value* const value = Find(key);
  if (value != nullptr) return RequirePerAxis(*value, PlaceOf(key), count, least);
  if (otherwise.has_value()) return *otherwise;
  return Missing(key, absl::StrCat("a whole number, ", RangeText(least, kMaxNumber), ", or one for each spatial axis"));
}

absl::StatusOr<double> Arguments::Real(absl::string_view key, double otherwise) const {
  const Value* const value = Find(key);
  if (value == nullptr) return otherwise;
  if (const std::optional<double> number = RealOf(*value)) return *number;
  return PlaceOf(key).Error(absl::StrCat("was ", Describe(*value), ", has to be a finite number"));
}

absl::StatusOr<bool> Arguments::Truth(absl::string_view key, bool otherwise) const {
  const Value* const value = Find(key);
  if (value == nullptr) return otherwise;
  if (value->kind == Value::Kind::kScalar && !value->is_quoted) {
    if (value->text == "true" || value->text == "false") return value->text == "true";
  }
  return PlaceOf(key).Error(absl::StrCat("was ", Describe(*value), ", has to be true or false"));
}

absl::StatusOr<std::string> Arguments::Choice(absl::string_view key, absl::Span<const absl::string_view> choices,
                                              absl::string_view otherwise) const {
  const Value* const value = Find(key);
  if (value == nullptr) return std::string(otherwise);
  if (value->kind == Value::Kind::kScalar && std::find(choices.begin(), choices.end(), value->text) != choices.end()) {
    return value->text;
  }
  return PlaceOf(key).Error(
      absl::StrCat("was ", Describe(*value), ", has to be one of ", absl::StrJoin(choices, ", ")));
}

}  // namespace tensord::cli::model_file
