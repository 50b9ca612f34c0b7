#include "server/convert/tensor_convert.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "server/convert/enum_convert.h"
#include "server/convert/index_tensor.h"
#include "server/convert/status_convert.h"
#include "server/convert/with_type.h"

namespace tensord::server {
namespace {

using compute::DataType;

// The types that answers and loaded numbers have: the computable ones, and int64.
template <typename F>
bool WithType(DataType type, F&& f) {
  return WithTypeAmong<float, double, int64_t>(type, std::forward<F>(f));
}

void CheckComputable(DataType type, absl::string_view field, RequestErrors& errors) {
  if (compute::IsComputable(type)) return;
  errors.AddLimit(ErrorWithReason(absl::StatusCode::kUnimplemented, "TYPE_NOT_SUPPORTED",
                                  absl::StrCat(field, ".data_type: was ", v1::DataType_Name(Encode(type)),
                                               "; FLOAT32 and FLOAT64 are computed: convert the tensor first"),
                                  absl::StrCat(field, ".data_type")));
}

// Whether the payload has as many bytes or numbers as the shape asks for.
void CheckPayload(const v1::Tensor& tensor, DataType type, int64_t element_count, absl::string_view field,
                  RequestErrors& errors) {
  const auto check = [&](absl::string_view name, int64_t was, int64_t expected, absl::string_view unit) {
    if (was == expected) return;
    errors.AddViolation(absl::StrCat(field, ".", name),
                        absl::StrCat("had ", was, " ", unit, ", has to have ", expected, ": the product of the shape",
                                     unit == "bytes" ? absl::StrCat(" times ", compute::ItemSize(type)) : ""));
  };
  switch (tensor.payload_case()) {
    case v1::Tensor::kData:
      check("data", static_cast<int64_t>(tensor.data().size()), element_count * compute::ItemSize(type), "bytes");
      return;
    case v1::Tensor::kDoubles:
      check("doubles.values", tensor.doubles().values_size(), element_count, "numbers");
      return;
    case v1::Tensor::kIntegers:
      check("integers.values", tensor.integers().values_size(), element_count, "numbers");
      return;
    case v1::Tensor::PAYLOAD_NOT_SET:
      // An empty tensor has nothing to send; proto3 clients may leave out empty bytes.
      if (element_count == 0) return;
      errors.AddViolation(absl::StrCat(field, ".data"),
                          absl::StrCat("was not given, has to have ", element_count * compute::ItemSize(type),
                                       " bytes (or doubles or integers ", element_count, " numbers)"));
  }
}

// Copies typed numbers into `decoded.owned`; the first that T cannot hold is a violation.
template <typename T, typename Values>
void Convert(const Values& values, absl::string_view field, DecodedTensor& decoded, RequestErrors& errors) {
  T* out = decoded.owned.As<T>();
  for (int i = 0; i < values.size(); ++i) {
    const auto value = values[i];
    out[i] = static_cast<T>(value);
    if constexpr (std::is_integral_v<std::decay_t<decltype(value)>>) {
      // 2^63 is what the largest integers round to; it does not convert back.
      const bool exact = static_cast<double>(out[i]) < 9223372036854775808.0 && static_cast<int64_t>(out[i]) == value;
      if (exact) continue;
      errors.AddViolation(compute::Indexed(field, static_cast<size_t>(i)),
                          absl::StrCat("was ", value, ", which ", compute::Name(compute::kDataTypeOf<T>),
                                       " does not represent exactly; send doubles to have it rounded"));
      return;
    }
  }
}

}  // namespace

std::optional<DecodedTensor> CheckTensor(bool given, const v1::Tensor& tensor, absl::string_view field,
                                         const compute::Limits& limits, RequestErrors& errors, TensorTypes types) {
  if (!given) {
    errors.AddViolation(field, "was not given, is required");
    return std::nullopt;
  }
  const auto type = DecodeRequired(tensor.data_type(), absl::StrCat(field, ".data_type"), errors.violations());
  const std::string shape_field = absl::StrCat(field, ".shape");
  if (tensor.shape_size() > compute::kMaxRank) {
    errors.AddViolation(shape_field,
                        absl::StrCat("had rank ", tensor.shape_size(), ", has to have rank 0..", compute::kMaxRank));
    return std::nullopt;
  }
  DecodedTensor decoded;
  decoded.view.shape =
      compute::Shape(absl::MakeConstSpan(tensor.shape().data(), static_cast<size_t>(tensor.shape_size())));
  decoded.form = tensor.has_doubles() || tensor.has_integers() ? TensorForm::kTyped : TensorForm::kBytes;
  if (tensor.has_axes()) decoded.axes = tensor.axes();
  decoded.type_known = type.has_value();
  if (!type.has_value()) return decoded;
  decoded.view.type = *type;
  types == TensorTypes::kIndices ? CheckIndices(tensor, *type, field, errors) : CheckComputable(*type, field, errors);
  const bool sizes_good = std::all_of(decoded.view.shape.begin(), decoded.view.shape.end(),
                                      [](int64_t size) { return size >= 0 && size <= compute::kMaxSize; });
  if (!sizes_good) return decoded;
  const absl::Status size = compute::CheckTensorSize(decoded.view.shape, *type, shape_field, limits);
  errors.AddLimit(size);
  if (size.ok()) CheckPayload(tensor, *type, *compute::ElementCount(decoded.view.shape), field, errors);
  return decoded;
}

void LoadElements(const v1::Tensor& tensor, absl::string_view field, DecodedTensor& decoded, RequestErrors& errors) {
  const void* bytes = tensor.data().data();
  const auto item_size = static_cast<uintptr_t>(compute::ItemSize(decoded.view.type));
  if (decoded.form == TensorForm::kBytes && reinterpret_cast<uintptr_t>(bytes) % item_size == 0) {
    decoded.view.data = bytes;
    return;
  }
  absl::StatusOr<compute::Tensor> owned = compute::Tensor::Allocate(decoded.view.type, decoded.view.shape);
  if (!owned.ok()) {
    errors.AddLimit(owned.status());
    return;
  }
  decoded.owned = *std::move(owned);
  decoded.view.data = decoded.owned.data();
  if (decoded.form == TensorForm::kBytes) {
    std::memcpy(decoded.owned.data(), bytes, tensor.data().size());
    return;
  }
  WithType(decoded.view.type, [&](auto zero) {
    using T = decltype(zero);
    if (tensor.has_doubles()) {
      Convert<T>(tensor.doubles().values(), absl::StrCat(field, ".doubles.values"), decoded, errors);
    } else {
      Convert<T>(tensor.integers().values(), absl::StrCat(field, ".integers.values"), decoded, errors);
    }
  });
}

v1::Tensor EncodeTensor(const compute::Tensor& tensor, TensorForm form, absl::string_view axes) {
  v1::Tensor message;
  message.set_data_type(Encode(tensor.type()));
  for (const int64_t size : tensor.shape()) message.add_shape(size);
  if (!axes.empty()) message.set_axes(std::string(axes));
  if (form == TensorForm::kBytes) {
    message.set_data(tensor.data(), static_cast<size_t>(tensor.size_bytes()));
    return message;
  }
  WithType(tensor.type(), [&](auto zero) {
    using T = decltype(zero);
    const T* values = tensor.As<T>();
    const auto count = static_cast<int>(tensor.element_count());
    if constexpr (std::is_integral_v<T>) {
      message.mutable_integers()->mutable_values()->Add(values, values + count);
    } else {
      message.mutable_doubles()->mutable_values()->Add(values, values + count);
    }
  });
  return message;
}

std::optional<std::string> MergeAxes(const std::optional<std::string>& layout, const std::optional<std::string>& axes,
                                     compute::Layout::Role role, absl::string_view field,
                                     compute::Violations& violations) {
  if (!layout.has_value() && axes.has_value() && !compute::Layout::Parse(*axes, role).has_value()) {
    violations.Add(
        absl::StrCat(field, ".axes"),
        absl::StrCat("was '", absl::CHexEscape(axes->substr(0, 16)), "', has to be the letters of a layout, ",
                     role == compute::Layout::Role::kFilter ? "e.g. HW, HWIO or OIHW" : "e.g. HW, HWC or NCHW",
                     ", or left out"));
    return std::nullopt;
  }
  if (layout.has_value() && axes.has_value() && *layout != *axes) {
    violations.Add(absl::StrCat(field, ".axes"),
                   absl::StrCat("was '", absl::CHexEscape(axes->substr(0, 16)), "', has to be '",
                                absl::CHexEscape(layout->substr(0, 16)), "', the operation's layout, or left out"));
  }
  return layout.has_value() ? layout : axes;
}

void CheckAxes(const DecodedTensor& decoded, absl::string_view letters, absl::string_view field,
               compute::Violations& violations) {
  if (!decoded.axes.has_value() || absl::string_view(*decoded.axes) == letters) return;
  violations.Add(absl::StrCat(field, ".axes"), absl::StrCat("was '", absl::CHexEscape(decoded.axes->substr(0, 16)),
                                                            "', has to be '", letters, "', or left out"));
}

void CheckShape(const DecodedTensor& decoded, const compute::Shape& shape, absl::string_view whose,
                absl::string_view field, compute::Violations& violations) {
  if (decoded.view.shape == shape) return;
  violations.Add(absl::StrCat(field, ".shape"),
                 absl::StrCat("was ", decoded.view.shape.ToString(), ", has to be ", shape.ToString(), ", ", whose));
}

void CheckSameType(const DecodedTensor& decoded, const DecodedTensor& input, absl::string_view field,
                   compute::Violations& violations) {
  if (!decoded.type_known || !input.type_known || decoded.view.type == input.view.type) return;
  violations.Add(absl::StrCat(field, ".data_type"),
                 absl::StrCat("was ", v1::DataType_Name(Encode(decoded.view.type)), ", has to be ",
                              v1::DataType_Name(Encode(input.view.type)), ", as the input's"));
}

}  // namespace tensord::server
