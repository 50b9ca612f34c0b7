#include "analysis/src/model/explain/explainer.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "analysis/src/model/graph_text.h"

namespace tensord::analysis::model {

std::vector<std::string> AxisNames(size_t rank) {
  static constexpr absl::string_view kSpatial = "XYZDHW";
  std::vector<std::string> names;
  for (size_t i = 0; i < rank; ++i) {
    if (i < 2) {
      names.emplace_back(i == 0 ? "N" : "C");
    } else {
      names.emplace_back(1, kSpatial[kSpatial.size() - (rank - i)]);
    }
  }
  return names;
}

std::string NameAlong(absl::string_view prefix, absl::string_view axis, absl::string_view suffix) {
  return absl::StrCat(prefix, absl::AsciiStrToLower(axis), suffix);
}

Derivation ProductOf(const std::vector<Derivation>& factors) {
  if (factors.empty()) return Derivation(1);
  Derivation product;
  for (const Derivation& factor : factors) product = product * factor;
  return product;
}

void Explainer::SetOutput(Shape output) {
  output_ = std::move(output);
  for (const std::string& name : AxisNames(output_.size())) output_names_.push_back(absl::StrCat(name, "_out"));
  lengths_.resize(output_.size());
}

void Explainer::Add(absl::string_view name, std::string general, std::string substituted, const Expression& value,
                    absl::string_view meaning) {
  if (!value.ok()) return;
  steps_.push_back(
      {.formula = {.quantity = std::string(name), .general = std::move(general), .substituted = std::move(substituted)},
       .value = Count(value),
       .meaning = std::string(meaning)});
}

Derivation Explainer::Given(absl::string_view name, const Expression& value, absl::string_view meaning) {
  const std::string text = value.ToString();
  Add(name, text, text, value, meaning);
  return Derivation::Named(name, value);
}

Derivation Explainer::Step(absl::string_view name, const Derivation& derivation, absl::string_view meaning) {
  Add(name, derivation.general(), derivation.substituted(), derivation.value(), meaning);
  return Derivation::Named(name, derivation.value());
}

Derivation Explainer::Conclude(absl::string_view name, const Derivation& derivation, const Expression& value,
                               absl::string_view meaning) {
  return derivation.value() == value ? Step(name, derivation, meaning) : Given(name, value, meaning);
}

const std::vector<Derivation>& Explainer::GiveInput() {
  if (input_sizes_.has_value()) return *input_sizes_;
  input_sizes_.emplace();
  if (!node_.Has(0) || !node_.input(0).shape.has_value()) return *input_sizes_;
  const Shape& shape = *node_.input(0).shape;
  const std::vector<std::string> names = AxisNames(shape.size());
  for (size_t i = 0; i < shape.size(); ++i) {
    input_sizes_->push_back(
        Given(names[i], shape[i], absl::StrCat("axis ", i, " of ", Quoted(node_.node().inputs[0]))));
  }
  return *input_sizes_;
}

Derivation Explainer::GiveSize(size_t input, size_t axis, absl::string_view axis_name) {
  return Given(absl::StrCat(axis_name, "_", input), (*node_.input(input).shape)[axis],
               absl::StrCat("axis ", axis, " of ", Quoted(node_.node().inputs[input])));
}

void Explainer::ConcludeLength(size_t axis, const Derivation& derivation) {
  if (axis >= output_.size() || lengths_[axis].has_value()) return;
  lengths_[axis] = Conclude(output_names_[axis], derivation, output_[axis], absl::StrCat("length along axis ", axis));
}

void Explainer::GiveOtherLengths(std::optional<size_t> but) {
  for (size_t i = 0; i < output_.size(); ++i) {
    if (lengths_[i].has_value() || i == but) continue;
    lengths_[i] = Given(output_names_[i], output_[i], absl::StrCat("length along axis ", i, ", as the node tells"));
  }
}

const Derivation& Explainer::OutputElements() {
  if (output_elements_.has_value()) return *output_elements_;
  GiveOtherLengths();
  std::vector<Derivation> lengths;
  for (const std::optional<Derivation>& length : lengths_) lengths.push_back(*length);
  output_elements_ = Step("E_out", ProductOf(lengths), "elements of the output");
  return *output_elements_;
}

Derivation Explainer::InputElements(size_t input, const std::optional<Derivation>& derivation) {
  if (const auto known = input_elements_.find(input); known != input_elements_.end()) return known->second;
  const Expression count = ElementCount(*node_.input(input).shape);
  const std::string name = absl::StrCat("E_", input);
  const std::string meaning = absl::StrCat("elements of ", Quoted(node_.node().inputs[input]));
  const bool by_sizes = input == 0 && !derivation.has_value();
  Derivation elements = derivation.has_value() ? Conclude(name, *derivation, count, meaning)
                        : by_sizes             ? Conclude(name, ProductOf(GiveInput()), count, meaning)
                                               : Given(name, count, meaning);
  input_elements_.emplace(input, elements);
  return elements;
}

}  // namespace tensord::analysis::model
