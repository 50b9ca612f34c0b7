// Slips in the answer itself.
#include <algorithm>
#include <cmath>
#include <utility>

#include "grading/src/slips/slip.h"

namespace tensord::grading {
namespace {

// Changes every element of a tensor, and whatever `change` does not see of sizes stays.
template <typename Change>
bool Elements(Computed& value, const Change& change) {
  auto* const tensor = std::get_if<TensorValue>(&value);
  if (tensor == nullptr) return false;
  for (double& element : tensor->elements) element = change(element);
  return true;
}

// Changes every number of a count or shape; expressions stay.
template <typename Change>
bool Numbers(Computed& value, const Change& change) {
  auto* const sizes = std::get_if<SizesValue>(&value);
  if (sizes == nullptr) return false;
  bool changed = false;
  for (Size& size : sizes->sizes) {
    if (!size.number.has_value()) continue;
    size = SizeOf(change(*size.number));
    changed = true;
  }
  return changed;
}

// Reorders a shape's sizes.
template <typename Change>
bool Reorder(Computed& value, const Change& change) {
  auto* const sizes = std::get_if<SizesValue>(&value);
  if (sizes == nullptr || !sizes->is_list || sizes->sizes.size() < 2) return false;
  const std::vector<Size> before = sizes->sizes;
  change(sizes->sizes);
  if (sizes->sizes.size() == sizes->axes.size()) change(sizes->axes);
  return before != sizes->sizes;
}

bool Transpose(Computed& value) {
  auto* const tensor = std::get_if<TensorValue>(&value);
  if (tensor == nullptr || tensor->shape.size() != 2) return false;
  const auto rows = static_cast<size_t>(tensor->shape[0]);
  const auto columns = static_cast<size_t>(tensor->shape[1]);
  const auto transpose = [&](std::vector<double>& elements) {
    if (elements.empty()) return;
    std::vector<double> moved(elements.size());
    for (size_t i = 0; i < rows; ++i) {
      for (size_t k = 0; k < columns; ++k) moved[k * rows + i] = elements[i * columns + k];
    }
    elements = std::move(moved);
  };
  transpose(tensor->elements);
  transpose(tensor->bounds);
  std::swap(tensor->shape[0], tensor->shape[1]);
  return true;
}

bool Backwards(Computed& value) {
  auto* const tensor = std::get_if<TensorValue>(&value);
  if (tensor == nullptr) return false;
  std::reverse(tensor->elements.begin(), tensor->elements.end());
  std::reverse(tensor->bounds.begin(), tensor->bounds.end());
  return true;
}

constexpr Slip kSlips[] = {
    {.id = "sign-reversed",
     .text = "has the opposite sign",
     .value = [](Computed& value) { return Elements(value, [](double x) { return -x; }); }},
    {.id = "absolute-values",
     .text = "lost the signs",
     .value = [](Computed& value) { return Elements(value, [](double x) { return std::fabs(x); }); }},
    {.id = "doubled",
     .text = "is twice as large",
     .value =
         [](Computed& value) {
           return Elements(value, [](double x) { return 2 * x; }) ||
                  Numbers(value, [](absl::int128 n) { return n * 2; });
         }},
    {.id = "halved",
     .text = "is half as large",
     .value =
         [](Computed& value) {
           return Elements(value, [](double x) { return x / 2; }) ||
                  Numbers(value, [](absl::int128 n) { return n % 2 == 0 ? n / 2 : n; });
         }},
    {.id = "counted-from-one",
     .text = "counted from 1 instead of from 0",
     .value = [](Computed& value) { return Elements(value, [](double x) { return x + 1; }); }},
    {.id = "one-more",
     .text = "is one too large",
     .value = [](Computed& value) { return Numbers(value, [](absl::int128 n) { return n + 1; }); }},
    {.id = "one-less",
     .text = "is one too small",
     .value = [](Computed& value) { return Numbers(value, [](absl::int128 n) { return n - 1; }); }},
    {.id = "answer-transposed", .text = "exchanged the rows and columns of the answer", .value = &Transpose},
    {.id = "answer-backwards", .text = "wrote the answer's elements in the opposite order", .value = &Backwards},
    {.id = "axes-reversed",
     .text = "wrote the axes in the opposite order",
     .value =
         [](Computed& value) { return Reorder(value, [](auto& list) { std::reverse(list.begin(), list.end()); }); }},
    {.id = "last-axis-first",
     .text = "put the last axis first, as with channels first",
     .value =
         [](Computed& value) {
           return Reorder(value, [](auto& list) { std::rotate(list.begin(), list.end() - 1, list.end()); });
         }},
    {.id = "first-axis-left-out",
     .text = "left out the first axis, the batch",
     .value = [](Computed& value) { return Reorder(value, [](auto& list) { list.erase(list.begin()); }); }},
    {.id = "last-axis-left-out",
     .text = "left out the last axis, the channels",
     .value = [](Computed& value) { return Reorder(value, [](auto& list) { list.pop_back(); }); }},
};

}  // namespace

absl::Span<const Slip> ValueSlips() { return kSlips; }

}  // namespace tensord::grading
