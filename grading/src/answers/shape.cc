// Sizes of shapes, with the orders of axes that a question allows.
#include <algorithm>
#include <cctype>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/answers/kind.h"

namespace tensord::grading {
namespace {

struct NamedSize {
  Number number;
  std::string name;
};

struct Sizes {
  std::vector<NamedSize> sizes;
  std::vector<std::string> notes;
};

// Lower case, without a plural's s.
std::string Plain(absl::string_view name) {
  std::string plain = absl::AsciiStrToLower(absl::StripAsciiWhitespace(name));
  if (plain.size() > 2 && plain.back() == 's') plain.pop_back();
  return plain;
}

class Shape final : public Kind {
 public:
  explicit Shape(const v1::ShapeAnswer& answer) : order_(answer.axis_order()) {
    for (const v1::AxisNames& axis : answer.axes()) {
      std::vector<std::string>& names = names_.emplace_back();
      for (const std::string& name : axis.names()) names.push_back(Plain(name));
    }
  }

  [[nodiscard]] absl::Status Check(absl::Span<const Computed> values) const override {
    if (values.empty()) return absl::InvalidArgumentError("of: is missing");
    for (size_t i = 0; i < values.size(); ++i) {
      const std::vector<Size> sizes = SizesOf(values[i]);
      for (const Size& size : sizes) {
        if (size.number.has_value()) continue;
        return absl::InvalidArgumentError(
            absl::StrCat("of[", i, "]: has the size ", size.text, ", has to have numbers; ask for a shape_formula"));
      }
      if (!names_.empty() && names_.size() != sizes.size()) {
        return absl::InvalidArgumentError(
            absl::StrCat("shape.axes: was ", names_.size(), " axes, has to be ", sizes.size(), " as of of[", i, "]"));
      }
      if (order_ > v1::AXIS_ORDER_FIXED && NamesOf(values[i]).empty()) {
        return absl::InvalidArgumentError("shape.axes: is missing; other orders of the axes need their names");
      }
    }
    return absl::OkStatus();
  }

  [[nodiscard]] std::variant<std::unique_ptr<ReadAnswer>, Unreadable> Read(
      const v1::StudentAnswer& answer) const override {
    Sizes sizes;
    if (answer.has_tensor()) return Unreadable{"the answer is a tensor", "write its shape", 0};
    auto reading = ReadShape(answer.text());
    if (const auto* const unreadable = std::get_if<Unreadable>(&reading)) return *unreadable;
    const auto& numbers = std::get<NumbersReading>(reading);
    for (const Value& value : numbers.values) sizes.sizes.push_back({value.number, Plain(value.name)});
    for (const Note& note : numbers.notes) sizes.notes.push_back(note.text);
    return std::make_unique<ReadAs<Sizes>>(std::move(sizes));
  }

  [[nodiscard]] Judgement Judge(const ReadAnswer& answer, absl::Span<const Computed> values) const override {
    const auto& read = Get<Sizes>(answer);
    Judgement judgement;
    judgement.notes = read.notes;
    // Several values that are asked for at once have one shape, or the answer is wrong for one of them.
    for (const Computed& value : values) {
      std::optional<v1::Difference> difference = Compare(read, value);
      if (!difference.has_value()) continue;
      difference->set_answered(AnswerText(read));
      difference->set_expected(Text({&value, 1}));
      judgement.difference = std::move(difference);
      return judgement;
    }
    judgement.outcome = v1::OUTCOME_RIGHT;
    return judgement;
  }

  [[nodiscard]] std::string Text(absl::Span<const Computed> values) const override {
    const std::vector<Size> sizes = SizesOf(values.front());
    std::string text = absl::StrCat(
        "(", absl::StrJoin(sizes, ", ", [](std::string* out, const Size& size) { absl::StrAppend(out, size.text); }),
        sizes.size() == 1 ? ",)" : ")");
    const std::vector<std::vector<std::string>> names = NamesOf(values.front());
    if (names.size() != sizes.size() || names.empty()) return text;
    absl::StrAppend(&text, ": ", absl::StrJoin(names, ", ", [](std::string* out, const std::vector<std::string>& axis) {
      absl::StrAppend(out, axis.front());
    }));
    return text;
  }

 private:
  static std::vector<Size> SizesOf(const Computed& value) {
    if (const auto* const sizes = std::get_if<SizesValue>(&value)) return sizes->sizes;
    std::vector<Size> sizes;
    for (const int64_t size : std::get<TensorValue>(value).shape) sizes.push_back(SizeOf(absl::int128(size)));
    return sizes;
  }

  // Of each axis what it may be called: as the author says, else as the value says.
  [[nodiscard]] std::vector<std::vector<std::string>> NamesOf(const Computed& value) const {
    const auto* const sizes = std::get_if<SizesValue>(&value);
    const bool fits = sizes == nullptr || names_.size() == sizes->sizes.size();
    if (!names_.empty()) return fits ? names_ : std::vector<std::vector<std::string>>{};
    std::vector<std::vector<std::string>> names;
    if (sizes == nullptr) return names;
    for (const std::string& axis : sizes->axes) names.push_back({Plain(axis)});
    return names;
  }

  static std::string AnswerText(const Sizes& read) {
    return absl::StrCat(
        "(",
        absl::StrJoin(read.sizes, ", ",
                      [](std::string* out, const NamedSize& size) { absl::StrAppend(out, size.number.ToString()); }),
        ")");
  }

  static bool SameNumbers(const Sizes& read, const std::vector<Size>& expected) {
    for (size_t i = 0; i < expected.size(); ++i) {
      if (read.sizes[i].number.ToString() != expected[i].text) return false;
    }
    return true;
  }

  static v1::Difference Differ(std::string text, size_t count, size_t of) {
    v1::Difference difference;
    difference.set_text(std::move(text));
    difference.set_differing_count(static_cast<int64_t>(count));
    difference.set_element_count(static_cast<int64_t>(of));
    return difference;
  }

  // The places of the axes' names in the answer; empty where some are missing, unknown or there twice.
  static std::vector<size_t> Order(const Sizes& read, const std::vector<std::vector<std::string>>& names) {
    std::vector<size_t> order(names.size(), names.size());
    for (size_t i = 0; i < read.sizes.size(); ++i) {
      size_t axis = 0;
      while (axis < names.size() &&
             std::find(names[axis].begin(), names[axis].end(), read.sizes[i].name) == names[axis].end()) {
        ++axis;
      }
      if (axis == names.size() || order[axis] != names.size()) return {};
      order[axis] = i;
    }
    return order;
  }

  [[nodiscard]] std::optional<v1::Difference> Compare(const Sizes& read, const Computed& value) const {
    const std::vector<Size> expected = SizesOf(value);
    if (read.sizes.size() != expected.size()) {
      return Differ(absl::StrCat("there are ", read.sizes.size(), " axes, and the shape has ", expected.size()),
                    expected.size(), expected.size());
    }
    const std::vector<std::vector<std::string>> names = NamesOf(value);
    const bool all_named =
        std::all_of(read.sizes.begin(), read.sizes.end(), [](const NamedSize& size) { return !size.name.empty(); });
    const std::vector<size_t> order = all_named ? Order(read, names) : std::vector<size_t>{};
    const bool other_orders = order_ > v1::AXIS_ORDER_FIXED;
    if (!order.empty() && other_orders) return CompareNamed(read, expected, order);
    if (SameNumbers(read, expected)) return std::nullopt;
    std::vector<std::string> axes;
    for (size_t i = 0; i < expected.size(); ++i) {
      if (read.sizes[i].number.ToString() != expected[i].text) axes.push_back(AxisText(i, names));
    }
    std::string text = absl::StrCat(axes.size() == 1 ? "axis " : "axes ", absl::StrJoin(axes, ", "),
                                    axes.size() == 1 ? " has another size" : " have other sizes");
    if (other_orders && !all_named) absl::StrAppend(&text, "; another order of the axes needs a name for each of them");
    return Differ(std::move(text), axes.size(), expected.size());
  }

  static std::string AxisText(size_t axis, const std::vector<std::vector<std::string>>& names) {
    return axis < names.size() && !names[axis].empty() ? absl::StrCat(axis, " (", names[axis].front(), ")")
                                                       : absl::StrCat(axis);
  }

  [[nodiscard]] std::optional<v1::Difference> CompareNamed(const Sizes& read, const std::vector<Size>& expected,
                                                           const std::vector<size_t>& order) const {
    size_t differing = 0;
    for (size_t axis = 0; axis < expected.size(); ++axis) {
      differing += read.sizes[order[axis]].number.ToString() != expected[axis].text ? 1U : 0U;
    }
    if (differing > 0) return Differ("a named axis has another size", differing, expected.size());
    if (order_ == v1::AXIS_ORDER_FIRST_FIXED && order.front() != 0) {
      return Differ("the first axis has to stay first", 1, expected.size());
    }
    return std::nullopt;
  }

  const v1::AxisOrder order_;
  std::vector<std::vector<std::string>> names_;
};

}  // namespace

MadeKind MakeShape(const v1::ShapeAnswer& answer) {
  for (int i = 0; i < answer.axes_size(); ++i) {
    if (answer.axes(i).names().empty()) {
      return absl::InvalidArgumentError(absl::StrCat("shape.axes[", i, "].names: is missing"));
    }
  }
  return std::make_unique<Shape>(answer);
}

}  // namespace tensord::grading
