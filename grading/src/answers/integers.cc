// Counts: one whole number, or several.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/answers/kind.h"

namespace tensord::grading {
namespace {

// What was read: the numbers, and what was noticed.
struct Numbers {
  std::vector<Number> values;
  // Other sensible readings of each.
  std::vector<std::vector<Number>> alternatives;
  std::vector<std::string> notes;
};

bool IsNumber(const Number& number, const Size& size) { return number.IsInteger() && number.ToString() == size.text; }

class Integers final : public Kind {
 public:
  Integers(bool is_tuple, bool any_order) : is_tuple_(is_tuple), any_order_(any_order) {}

  [[nodiscard]] absl::Status Check(absl::Span<const Computed> values) const override {
    if (!is_tuple_ && values.size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat("of: was ", values.size(), " values, has to be 1 for an integer"));
    }
    for (size_t i = 0; i < values.size(); ++i) {
      const absl::StatusOr<std::vector<Size>> sizes = SizesIn(values[i]);
      if (!sizes.ok()) return absl::InvalidArgumentError(absl::StrCat("of[", i, "]: ", sizes.status().message()));
      if (!is_tuple_ && sizes->size() != 1) {
        return absl::InvalidArgumentError("of[0]: was several numbers, has to be one; ask for a tuple or a shape");
      }
    }
    return absl::OkStatus();
  }

  [[nodiscard]] std::variant<std::unique_ptr<ReadAnswer>, Unreadable> Read(
      const v1::StudentAnswer& answer) const override {
    const auto text = TextOf(answer);
    if (const auto* const unreadable = std::get_if<Unreadable>(&text)) return *unreadable;
    return is_tuple_ ? ReadSeveral(std::get<std::string>(text)) : ReadOne(std::get<std::string>(text));
  }

  [[nodiscard]] Judgement Judge(const ReadAnswer& answer, absl::Span<const Computed> values) const override {
    const auto& read = Get<Numbers>(answer);
    Judgement judgement;
    judgement.notes = read.notes;
    const std::vector<Size> expected = Expected(values);
    const size_t differing = Differing(read, expected);
    if (differing == 0) {
      judgement.outcome = v1::OUTCOME_RIGHT;
      return judgement;
    }
    v1::Difference& difference = judgement.difference.emplace();
    difference.set_differing_count(static_cast<int64_t>(differing));
    difference.set_element_count(static_cast<int64_t>(expected.size()));
    difference.set_answered(absl::StrJoin(
        read.values, ", ", [](std::string* out, const Number& number) { absl::StrAppend(out, number.ToString()); }));
    difference.set_expected(Text(values));
    if (read.values.size() != expected.size()) {
      difference.set_text(
          absl::StrCat("there are ", read.values.size(), " numbers, and ", expected.size(), " are asked for"));
    } else if (is_tuple_ && !any_order_) {
      difference.set_text(Places(read, expected));
    } else {
      difference.set_text("the number is another one");
    }
    return judgement;
  }

  [[nodiscard]] std::string Text(absl::Span<const Computed> values) const override {
    return absl::StrJoin(Expected(values), ", ",
                         [](std::string* out, const Size& size) { absl::StrAppend(out, size.text); });
  }

 private:
  static absl::StatusOr<std::vector<Size>> SizesIn(const Computed& value) {
    if (const auto* const sizes = std::get_if<SizesValue>(&value)) {
      for (const Size& size : sizes->sizes) {
        if (!size.number.has_value()) {
          return absl::InvalidArgumentError(
              absl::StrCat("was ", size.text, ", has to be a number; ask for a shape_formula"));
        }
      }
      return sizes->sizes;
    }
    std::vector<Size> sizes;
    for (const double element : std::get<TensorValue>(value).elements) {
      const auto whole = static_cast<int64_t>(element);
      if (static_cast<double>(whole) != element) {
        return absl::InvalidArgumentError(absl::StrCat("was ", NumberText(element), ", has to be a whole number"));
      }
      sizes.push_back(SizeOf(absl::int128(whole)));
    }
    return sizes;
  }

  static std::vector<Size> Expected(absl::Span<const Computed> values) {
    std::vector<Size> expected;
    for (const Computed& value : values) {
      const absl::StatusOr<std::vector<Size>> sizes = SizesIn(value);
      // A slip may make a fraction or a symbol of it, which no whole number equals.
      if (sizes.ok()) {
        expected.insert(expected.end(), sizes->begin(), sizes->end());
      } else {
        expected.push_back({std::nullopt, "none"});
      }
    }
    return expected;
  }

  static std::variant<std::unique_ptr<ReadAnswer>, Unreadable> ReadOne(const std::string& text) {
    auto reading = ReadInteger(text);
    if (const auto* const unreadable = std::get_if<Unreadable>(&reading)) return *unreadable;
    const auto& one = std::get<NumberReading>(reading);
    Numbers numbers{.values = {one.value.number}, .alternatives = {one.alternatives}, .notes = {}};
    for (const Note& note : one.notes) numbers.notes.push_back(note.text);
    return std::make_unique<ReadAs<Numbers>>(std::move(numbers));
  }

  static std::variant<std::unique_ptr<ReadAnswer>, Unreadable> ReadSeveral(const std::string& text) {
    auto reading = ReadNumbers(text);
    if (const auto* const unreadable = std::get_if<Unreadable>(&reading)) return *unreadable;
    const auto& several = std::get<NumbersReading>(reading);
    Numbers numbers;
    for (const Value& value : several.values) numbers.values.push_back(value.number);
    numbers.alternatives.resize(numbers.values.size());
    // Each alternative is a reading of the whole text.
    for (const std::vector<Number>& other : several.alternatives) {
      if (other.size() != numbers.values.size()) continue;
      for (size_t i = 0; i < other.size(); ++i) numbers.alternatives[i].push_back(other[i]);
    }
    for (const Note& note : several.notes) numbers.notes.push_back(note.text);
    return std::make_unique<ReadAs<Numbers>>(std::move(numbers));
  }

  static bool Equals(const Numbers& read, size_t place, const Size& size) {
    const std::vector<Number>& others = read.alternatives[place];
    return IsNumber(read.values[place], size) ||
           std::any_of(others.begin(), others.end(), [&](const Number& other) { return IsNumber(other, size); });
  }

  [[nodiscard]] size_t Differing(const Numbers& read, const std::vector<Size>& expected) const {
    if (read.values.size() != expected.size()) return std::max<size_t>(1, expected.size());
    std::vector<bool> taken(expected.size());
    size_t differing = 0;
    for (size_t i = 0; i < expected.size(); ++i) {
      bool found = false;
      for (size_t k = any_order_ ? 0 : i; k < (any_order_ ? expected.size() : i + 1) && !found; ++k) {
        found = !taken[k] && Equals(read, i, expected[k]);
        if (found) taken[k] = true;
      }
      if (!found) ++differing;
    }
    return differing;
  }

  static std::string Places(const Numbers& read, const std::vector<Size>& expected) {
    std::vector<std::string> wrong;
    for (size_t i = 0; i < expected.size(); ++i) {
      if (!Equals(read, i, expected[i])) wrong.push_back(absl::StrCat("number ", i + 1));
    }
    return absl::StrCat(absl::StrJoin(wrong, ", "), wrong.size() == 1 ? " differs" : " differ");
  }

  const bool is_tuple_;
  const bool any_order_;
};

}  // namespace

MadeKind MakeIntegers(const v1::Part& part) {
  return std::make_unique<Integers>(part.has_tuple(), part.tuple().any_order());
}

}  // namespace tensord::grading
