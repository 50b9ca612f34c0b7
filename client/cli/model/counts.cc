#include "client/cli/model/counts.h"

#include <vector>

#include "absl/strings/str_join.h"

namespace tensord::cli {
namespace {

using v1::Count;
using v1::OperationCounts;

template <const Count& (OperationCounts::*kGet)() const, bool (OperationCounts::*kHas)() const>
const Count* Of(const Count& /*parameters*/, const Count& /*buffers*/, const OperationCounts* operations) {
  return operations == nullptr ? nullptr : &CountOrZero((operations->*kHas)(), (operations->*kGet)());
}

// Absent where it depends on a symbol.
const Count* PaddingMacs(const Count& /*parameters*/, const Count& /*buffers*/, const OperationCounts* operations) {
  return operations == nullptr || !operations->has_padding_mac_count() ? nullptr : &operations->padding_mac_count();
}

#define TENSORD_OPERATIONS(field) &Of<&OperationCounts::field, &OperationCounts::has_##field>

constexpr ModelCount kCounts[] = {
    {"parameter_count", [](const Count& parameters, const Count&, const OperationCounts*) { return &parameters; }},
    {"buffer_count", [](const Count&, const Count& buffers, const OperationCounts*) { return &buffers; }},
    {"mac_count", TENSORD_OPERATIONS(mac_count)},
    {"flop_count", TENSORD_OPERATIONS(flop_count)},
    {"multiplication_count", TENSORD_OPERATIONS(multiplication_count)},
    {"addition_count", TENSORD_OPERATIONS(addition_count)},
    {"comparison_count", TENSORD_OPERATIONS(comparison_count)},
    {"division_count", TENSORD_OPERATIONS(division_count)},
    {"special_function_count", TENSORD_OPERATIONS(special_function_count)},
    {"bias_addition_count", TENSORD_OPERATIONS(bias_addition_count)},
    {"padding_mac_count", &PaddingMacs},
    {"output_mac_count", TENSORD_OPERATIONS(output_mac_count)},
};

#undef TENSORD_OPERATIONS

}  // namespace

absl::Span<const ModelCount> ModelCounts() { return kCounts; }

const Count& CountOrZero(bool is_there, const Count& count) {
  static const Count* const zero = [] {
    auto* const number = new Count;
    number->set_value(0);
    number->set_decimal("0");
    return number;
  }();
  return is_there ? count : *zero;
}

const Count& MacsOf(const OperationCounts& operations) {
  return CountOrZero(operations.has_mac_count(), operations.mac_count());
}

std::string CountText(const Count* count) {
  if (count == nullptr) return "?";
  if (count->decimal().empty()) return count->expression();
  std::string text = count->decimal();
  const size_t first = text[0] == '-' ? 1 : 0;
  for (size_t place = text.size(); place > first + 3;) {
    place -= 3;
    text.insert(place, ",");
  }
  return text;
}

std::string ShapeText(const v1::ModelTensor& tensor) {
  if (!tensor.has_shape()) return "?";
  if (tensor.shape().empty()) return "scalar";
  return absl::StrJoin(tensor.shape(), " x ", [](std::string* out, const Count& size) {
    *out += size.decimal().empty() ? size.expression() : size.decimal();
  });
}

}  // namespace tensord::cli
