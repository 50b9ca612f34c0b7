// A place in a tensor where something holds, alone or with the value that is there.
#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/answers/kind.h"

namespace tensord::grading {
namespace {

struct Places {
  std::optional<Number> value;
  std::vector<std::vector<Number>> cells;
  std::vector<std::string> notes;
};

std::string CellText(const std::vector<Number>& cell) {
  return absl::StrCat(
      "(",
      absl::StrJoin(cell, ", ", [](std::string* out, const Number& index) { absl::StrAppend(out, index.ToString()); }),
      ")");
}

class PlacesKind final : public Kind {
 public:
  struct Options {
    bool with_value = false;
    v1::ElementCondition condition = v1::ELEMENT_CONDITION_EQUAL;
    double value = 0;
    int64_t first_index = 0;
  };

  explicit PlacesKind(const Options& options) : options_(options) {}

  [[nodiscard]] absl::Status Check(absl::Span<const Computed> values) const override {
    if (values.size() != 1 || !std::holds_alternative<TensorValue>(values.front())) {
      return absl::InvalidArgumentError("of: has to be one tensor");
    }
    const auto& tensor = std::get<TensorValue>(values.front());
    if (tensor.elements.empty() || tensor.shape.empty()) {
      return absl::InvalidArgumentError("of[0]: has no elements that have a place");
    }
    if (Where(tensor).empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("of[0]: no element is ", NumberText(options_.value), ", so that no answer would be right"));
    }
    return absl::OkStatus();
  }

  [[nodiscard]] std::variant<std::unique_ptr<ReadAnswer>, Unreadable> Read(
      const v1::StudentAnswer& answer) const override {
    const auto text = TextOf(answer);
    if (const auto* const unreadable = std::get_if<Unreadable>(&text)) return *unreadable;
    const auto& said = std::get<std::string>(text);
    auto reading = options_.with_value ? ReadValueAndPlaces(said) : ReadPlaces(said);
    if (const auto* const unreadable = std::get_if<Unreadable>(&reading)) return *unreadable;
    const auto& found = std::get<PlacesReading>(reading);
    Places places;
    if (found.value.has_value()) {
      places.value = found.value->value.number;
      for (const Note& note : found.value->notes) places.notes.push_back(note.text);
    }
    for (const PlaceValue& place : found.places) {
      std::vector<Number>& cell = places.cells.emplace_back();
      for (const Value& index : place.indices) cell.push_back(index.number);
    }
    return std::make_unique<ReadAs<Places>>(std::move(places));
  }

  [[nodiscard]] Judgement Judge(const ReadAnswer& answer, absl::Span<const Computed> values) const override {
    const auto& read = Get<Places>(answer);
    const auto& tensor = std::get<TensorValue>(values.front());
    Judgement judgement;
    judgement.notes = read.notes;
    if (tensor.elements.empty()) return judgement;
    std::vector<std::string> wrong;
    const double right_value = ValueOf(tensor);
    if (options_.with_value && !read.value.has_value()) wrong.emplace_back("the value is missing");
    const bool value_differs = read.value.has_value() && options_.with_value && read.value->ToDouble() != right_value;
    if (value_differs) wrong.push_back(absl::StrCat("the value is not ", read.value->ToString()));
    if (read.cells.empty()) wrong.emplace_back("the place is missing");
    for (const std::vector<Number>& cell : read.cells) {
      const std::string text = WhyWrong(cell, tensor);
      if (!text.empty()) wrong.push_back(text);
    }
    if (wrong.empty()) {
      judgement.outcome = v1::OUTCOME_RIGHT;
      return judgement;
    }
    v1::Difference& difference = judgement.difference.emplace();
    difference.set_text(absl::StrJoin(wrong, "; "));
    difference.set_differing_count(static_cast<int64_t>(wrong.size()));
    difference.set_element_count(static_cast<int64_t>(read.cells.size()) + (options_.with_value ? 1 : 0));
    difference.set_answered(AnswerText(read));
    difference.set_expected(Text(values));
    AddSlips(read, tensor, value_differs, judgement);
    return judgement;
  }

  [[nodiscard]] std::string Text(absl::Span<const Computed> values) const override {
    const auto& tensor = std::get<TensorValue>(values.front());
    const std::vector<int64_t> places = Where(tensor);
    std::vector<std::string> cells;
    for (size_t i = 0; i < places.size() && i < 16; ++i) {
      std::vector<int64_t> cell = CellOf(places[i], tensor.shape);
      for (int64_t& index : cell) index += options_.first_index;
      cells.push_back(grading::CellText(cell));
    }
    const std::string text = absl::StrJoin(cells, ", ");
    return options_.with_value ? absl::StrCat(NumberText(ValueOf(tensor)), " at ", text) : text;
  }

 private:
  // What the element has to be.
  [[nodiscard]] double ValueOf(const TensorValue& tensor) const {
    switch (options_.condition) {
      case v1::ELEMENT_CONDITION_LARGEST:
        return *std::max_element(tensor.elements.begin(), tensor.elements.end());
      case v1::ELEMENT_CONDITION_SMALLEST:
        return *std::min_element(tensor.elements.begin(), tensor.elements.end());
      default:
        return options_.value;
    }
  }

  [[nodiscard]] std::vector<int64_t> Where(const TensorValue& tensor) const {
    std::vector<int64_t> places;
    const double value = ValueOf(tensor);
    for (size_t i = 0; i < tensor.elements.size(); ++i) {
      if (tensor.elements[i] == value) places.push_back(static_cast<int64_t>(i));
    }
    return places;
  }

  // The element's number in row-major order, the first index being `first`; nothing where the cell is outside.
  static std::optional<size_t> PlaceOf(const std::vector<Number>& cell, const TensorValue& tensor, int64_t first) {
    if (cell.size() != tensor.shape.size()) return std::nullopt;
    size_t place = 0;
    for (size_t axis = 0; axis < cell.size(); ++axis) {
      const std::optional<int64_t> index = cell[axis].ToInt64();
      if (!index.has_value() || *index < first || *index - first >= tensor.shape[axis]) return std::nullopt;
      place = place * static_cast<size_t>(tensor.shape[axis]) + static_cast<size_t>(*index - first);
    }
    return place;
  }

  // Empty where the cell is right.
  [[nodiscard]] std::string WhyWrong(const std::vector<Number>& cell, const TensorValue& tensor) const {
    if (cell.size() != tensor.shape.size()) {
      return absl::StrCat(CellText(cell), " has ", cell.size(), " indices, and the tensor has ", tensor.shape.size(),
                          " axes");
    }
    const std::optional<size_t> place = PlaceOf(cell, tensor, options_.first_index);
    if (!place.has_value()) return absl::StrCat(CellText(cell), " lies outside the tensor");
    if (tensor.elements[*place] == ValueOf(tensor)) return "";
    return absl::StrCat(CellText(cell), " is not such a place");
  }

  static std::string AnswerText(const Places& read) {
    const std::string cells = absl::StrJoin(read.cells, ", ", [](std::string* out, const std::vector<Number>& cell) {
      absl::StrAppend(out, CellText(cell));
    });
    return read.value.has_value() ? absl::StrCat(read.value->ToString(), " at ", cells) : cells;
  }

  // Whether every cell is right once `change` has been done to it.
  template <typename Change>
  [[nodiscard]] bool AllRight(const Places& read, const TensorValue& tensor, int64_t first,
                              const Change& change) const {
    return !read.cells.empty() && std::all_of(read.cells.begin(), read.cells.end(), [&](std::vector<Number> cell) {
      change(cell);
      const std::optional<size_t> place = PlaceOf(cell, tensor, first);
      return place.has_value() && tensor.elements[*place] == ValueOf(tensor);
    });
  }

  void AddSlips(const Places& read, const TensorValue& tensor, bool value_differs, Judgement& judgement) const {
    if (value_differs) return;
    const auto same = [](std::vector<Number>&) {};
    if (AllRight(read, tensor, options_.first_index == 0 ? 1 : 0, same)) {
      judgement.slips.emplace_back(options_.first_index == 0 ? "indices-from-one" : "indices-from-zero",
                                   options_.first_index == 0 ? "counted the indices from 1 instead of from 0"
                                                             : "counted the indices from 0 instead of from 1");
    }
    if (AllRight(read, tensor, options_.first_index,
                 [](std::vector<Number>& cell) { std::reverse(cell.begin(), cell.end()); })) {
      judgement.slips.emplace_back("indices-exchanged", "wrote the column before the row");
    }
  }

  const Options options_;
};

}  // namespace

MadeKind MakePlaces(const v1::Part& part) {
  PlacesKind::Options options;
  options.with_value = part.has_value_and_place();
  options.condition = options.with_value ? part.value_and_place().condition() : part.element().condition();
  options.value = part.element().value();
  options.first_index = options.with_value ? part.value_and_place().first_index() : part.element().first_index();
  const char* const name = options.with_value ? "value_and_place" : "element";
  const bool is_extreme =
      options.condition == v1::ELEMENT_CONDITION_LARGEST || options.condition == v1::ELEMENT_CONDITION_SMALLEST;
  if (!is_extreme && (options.with_value || options.condition != v1::ELEMENT_CONDITION_EQUAL)) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ".condition: is missing, has to be ",
                     options.with_value ? "largest or smallest" : "equal, largest or smallest"));
  }
  if (options.first_index != 0 && options.first_index != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ".first_index: was ", options.first_index, ", has to be 0 or 1"));
  }
  return std::make_unique<PlacesKind>(options);
}

}  // namespace tensord::grading
