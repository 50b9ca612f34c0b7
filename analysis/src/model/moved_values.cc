#include "analysis/src/model/moved_values.h"

#include <algorithm>
#include <utility>

namespace tensord::analysis::model {

std::optional<std::vector<int64_t>> SmallSizes(const Shape& shape) {
  std::vector<int64_t> sizes;
  sizes.reserve(shape.size());
  bool is_empty = false;
  for (const Expression& size : shape) {
    const std::optional<Integer> number = size.constant();
    const std::optional<int64_t> value = number.has_value() ? number->ToInt64() : std::nullopt;
    if (!value.has_value() || *value < 0) return std::nullopt;
    is_empty = is_empty || *value == 0;
    sizes.push_back(*value);
  }
  if (is_empty) return sizes;
  auto room = static_cast<int64_t>(kMaxConstantValues);
  for (const int64_t size : sizes) {
    room /= size;
    if (room == 0) return std::nullopt;
  }
  return sizes;
}

std::optional<Elements> KnownElements(const TensorFacts& facts) {
  if (!facts.values.has_value() || !facts.shape.has_value()) return std::nullopt;
  std::optional<std::vector<int64_t>> sizes = SmallSizes(*facts.shape);
  if (!sizes.has_value()) return std::nullopt;
  const bool is_empty = std::count(sizes->begin(), sizes->end(), 0) > 0;
  size_t count = is_empty ? 0 : 1;
  for (size_t i = 0; i < sizes->size() && !is_empty; ++i) count *= static_cast<size_t>((*sizes)[i]);
  if (count != CountOf(*facts.values)) return std::nullopt;
  return Elements{.values = *facts.values, .sizes = *std::move(sizes)};
}

std::vector<int64_t> Strides(const std::vector<int64_t>& sizes) {
  std::vector<int64_t> strides(sizes.size(), 0);
  // Without elements there are no places, and the other sizes are not bounded.
  if (std::count(sizes.begin(), sizes.end(), 0) > 0) return strides;
  int64_t stride = 1;
  for (size_t i = sizes.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= sizes[i];
  }
  return strides;
}

std::vector<size_t> Places(const std::vector<int64_t>& sizes, const std::vector<int64_t>& strides, int64_t offset) {
  std::vector<size_t> places;
  if (std::count(sizes.begin(), sizes.end(), 0) > 0) return places;
  std::vector<int64_t> index(sizes.size(), 0);
  int64_t place = offset;
  while (true) {
    places.push_back(static_cast<size_t>(place));
    size_t axis = sizes.size();
    while (axis > 0 && index[axis - 1] + 1 == sizes[axis - 1]) {
      --axis;
      place -= index[axis] * strides[axis];
      index[axis] = 0;
    }
    if (axis == 0) return places;
    ++index[axis - 1];
    place += strides[axis - 1];
  }
}

Values Pick(const Values& values, const std::vector<size_t>& places) {
  return std::visit(
      [&](const auto& elements) -> Values {
        std::decay_t<decltype(elements)> picked;
        picked.reserve(places.size());
        for (const size_t place : places) picked.push_back(elements[place]);
        return picked;
      },
      values);
}

size_t CountOf(const Values& values) {
  return std::visit([](const auto& elements) { return elements.size(); }, values);
}

void Append(const Values& values, Values& to) {
  std::visit(
      [&](auto& all) {
        const auto& more = std::get<std::decay_t<decltype(all)>>(values);
        all.insert(all.end(), more.begin(), more.end());
      },
      to);
}

std::optional<Values> Kept(Values values) {
  const size_t count = CountOf(values);
  if (count > kMaxConstantValues) return std::nullopt;
  const auto* const integers = std::get_if<std::vector<Expression>>(&values);
  if (count <= kMaxSymbolicValues || integers == nullptr) return values;
  const bool has_symbols = std::any_of(integers->begin(), integers->end(),
                                       [](const Expression& value) { return !value.constant().has_value(); });
  if (has_symbols) return std::nullopt;
  return values;
}

void SetMoved(NodeView& node, size_t output, Shape shape, std::optional<Values> values) {
  if (values.has_value()) values = Kept(*std::move(values));
  node.SetOutput(
      output,
      TensorFacts{
          .type = node.input(0).type, .shape = std::move(shape), .values = std::move(values), .role = Role::kData});
}

void SetConstant(NodeView& node, ElementType type, Shape shape, std::optional<Values> values) {
  if (values.has_value()) values = Kept(*std::move(values));
  node.SetOutput(
      0, TensorFacts{.type = type, .shape = std::move(shape), .values = std::move(values), .role = Role::kConstant});
}

}  // namespace tensord::analysis::model
