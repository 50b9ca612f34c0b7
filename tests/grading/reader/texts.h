// Readings as text, to be compared with tables.
#ifndef TENSORD_TESTS_GRADING_READER_TEXTS_H_
#define TENSORD_TESTS_GRADING_READER_TEXTS_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "tensord/grading/reading.h"

namespace tensord::grading::test {

// A row of a table: what is read from a text.
struct Row {
  absl::string_view text;
  absl::string_view expected;
};

inline std::string Text(const Unreadable& unreadable) { return absl::StrCat("unreadable: ", unreadable.reason); }

inline std::string Numbers(const std::vector<Number>& numbers) {
  return absl::StrJoin(numbers, " ", [](std::string* out, const Number& n) { absl::StrAppend(out, n.ToString()); });
}

// "1820", "0.0015@-4" where it is printed in decimals, "C:20" where it has a name.
inline std::string Text(const Value& value) {
  std::string text = value.number.ToString();
  if (value.last_place.has_value()) absl::StrAppend(&text, "@", *value.last_place);
  return value.name.empty() ? text : absl::StrCat(value.name, ":", text);
}

inline std::string Text(const std::vector<Value>& values) {
  return absl::StrJoin(values, " ", [](std::string* out, const Value& v) { absl::StrAppend(out, Text(v)); });
}

// The value, then other readings after |.
inline std::string Text(const NumberReading& reading) {
  return absl::StrCat(Text(reading.value), reading.alternatives.empty() ? "" : " | ", Numbers(reading.alternatives));
}

inline std::string Text(const NumbersReading& reading) {
  std::string text = Text(reading.values);
  for (const std::vector<Number>& alternative : reading.alternatives)
    absl::StrAppend(&text, " | ", Numbers(alternative));
  return text;
}

// "6 at (1 3) (2 3)".
inline std::string Text(const PlacesReading& reading) {
  std::string text = reading.value.has_value() ? absl::StrCat(Text(*reading.value), " at") : "at";
  for (const PlaceValue& place : reading.places) absl::StrAppend(&text, " (", Text(place.indices), ")");
  return text;
}

// "k1:0..1 k2:0..1", with " each" where one range is every index's.
inline std::string Text(const SumLimitsReading& reading) {
  std::string text;
  for (const SumRange& range : reading.ranges) {
    absl::StrAppend(&text, text.empty() ? "" : " ", range.name, range.name.empty() ? "" : ":", range.first.ToString(),
                    "..", range.last.ToString());
  }
  return absl::StrCat(text, reading.for_each ? " each" : "");
}

// "[2 2] 1 2 3 4", with "@-2" where numbers are printed in decimals and " float32" where the type is said.
inline std::string Text(const TensorReading& reading) {
  std::string text = absl::StrCat("[", absl::StrJoin(reading.shape, " "), "]");
  for (const double value : reading.values) absl::StrAppend(&text, " ", value);
  if (reading.lowest_place != kExactPlace) absl::StrAppend(&text, "@", reading.lowest_place);
  return absl::StrCat(text, reading.dtype.empty() ? "" : " ", reading.dtype);
}

template <typename Reading>
std::string Text(const std::variant<Reading, Unreadable>& result) {
  return std::visit([](const auto& reading) { return Text(reading); }, result);
}

}  // namespace tensord::grading::test

#endif  // TENSORD_TESTS_GRADING_READER_TEXTS_H_
