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
#include "tensord/compute/float16.h"
#include "tensord/compute/floating_point_mode.h"

namespace tensord::server {
namespace {

using compute::DataType;
using compute::IsFloating;

// How elements of a type are stored, and what numbers they are.
template <typename T>
struct Plain {
  using Item = T;
  static constexpr bool kFloating = std::is_floating_point_v<T>;
  static T Of(double value) { return static_cast<T>(value); }
  static double Real(T item) { return static_cast<double>(item); }
};
template <typename Format>
struct Half {
  using Item = uint16_t;
  static constexpr bool kFloating = true;
  static uint16_t Of(double value) { return Format::Encode(value); }
  static double Real(uint16_t bits) { return Format::Decode(bits); }
};

// Calls f with the codec of `type`, one of the above.
template <typename F>
void WithCodec(DataType type, F&& f) {
  switch (type) {
    case DataType::kFloat16:
      return f(Half<compute::Float16>());
    case DataType::kBfloat16:
      return f(Half<compute::BFloat16>());
    case DataType::kFloat32:
      return f(Plain<float>());
    case DataType::kFloat64:
      return f(Plain<double>());
    case DataType::kInt8:
      return f(Plain<int8_t>());
    case DataType::kUint8:
      return f(Plain<uint8_t>());
    case DataType::kInt32:
      return f(Plain<int32_t>());
    case DataType::kInt64:
      return f(Plain<int64_t>());
  }
}

void CheckType(const v1::Tensor& tensor, DataType type, TensorTypes types, absl::string_view field,
               RequestErrors& errors) {
  if (types == TensorTypes::kIndices) return CheckIndices(tensor, type, field, errors);
  if (tensor.has_doubles() && !IsFloating(type)) {
    errors.AddViolation(absl::StrCat(field, ".doubles"),
                        absl::StrCat("was given, has to be left out: elements of ", v1::DataType_Name(Encode(type)),
                                     " come as bytes or integers"));
  }
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

// Copies reals into `decoded.owned`.
template <typename Codec>
void CopyDoubles(const v1::DoubleArray& doubles, DecodedTensor& decoded) {
  auto* out = static_cast<typename Codec::Item*>(decoded.owned.data());
  for (int i = 0; i < doubles.values_size(); ++i) out[i] = Codec::Of(doubles.values(i));
}

// Whether a real is just that integer. 2^63 is what the largest integers round to; it does not convert back.
bool IsJust(double real, int64_t value) {
  return real >= -9223372036854775808.0 && real < 9223372036854775808.0 && static_cast<int64_t>(real) == value;
}

// Copies integers into `decoded.owned`; the first that its type cannot hold is a violation.
template <typename Codec>
void CopyIntegers(const v1::Int64Array& integers, absl::string_view field, DecodedTensor& decoded,
                  RequestErrors& errors) {
  using Item = typename Codec::Item;
  auto* out = static_cast<Item*>(decoded.owned.data());
  for (int i = 0; i < integers.values_size(); ++i) {
    const int64_t value = integers.values(i);
    if constexpr (Codec::kFloating) {
      out[i] = Codec::Of(static_cast<double>(value));
      if (IsJust(Codec::Real(out[i]), value)) continue;
    } else {
      out[i] = static_cast<Item>(value);
      if (static_cast<int64_t>(out[i]) == value) continue;
    }
    errors.AddViolation(
        compute::Indexed(absl::StrCat(field, ".integers.values"), static_cast<size_t>(i)),
        absl::StrCat("was ", value, ", which ", compute::Name(decoded.view.type), " does not represent exactly",
                     Codec::kFloating ? "; send doubles to have it rounded" : ""));
    return;
  }
}

// Everything but the elements.
v1::Tensor EncodeHead(const compute::Tensor& tensor, absl::string_view axes) {
  v1::Tensor message;
  message.set_data_type(Encode(tensor.type()));
  for (const int64_t size : tensor.shape()) message.add_shape(size);
  if (!axes.empty()) message.set_axes(std::string(axes));
  return message;
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
  CheckType(tensor, *type, types, field, errors);
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
  const compute::ScopedFloatingPointMode mode(compute::FloatingPointMode::Current().Keeping());
  WithCodec(decoded.view.type, [&](auto codec) {
    using Codec = decltype(codec);
    if (tensor.has_doubles()) {
      CopyDoubles<Codec>(tensor.doubles(), decoded);
    } else {
      CopyIntegers<Codec>(tensor.integers(), field, decoded, errors);
    }
  });
}

v1::Tensor EncodeTensor(compute::Tensor tensor, TensorForm form, absl::string_view axes, AttachedTensors& attached) {
  if (form != TensorForm::kBytes || tensor.size_bytes() < AttachedTensors::kMinBytes) {
    return EncodeTensor(tensor, form, axes);
  }
  v1::Tensor message = EncodeHead(tensor, axes);
  attached.Attach(std::move(tensor), message);
  return message;
}

v1::Tensor EncodeTensor(const compute::Tensor& tensor, TensorForm form, absl::string_view axes) {
  v1::Tensor message = EncodeHead(tensor, axes);
  if (form == TensorForm::kBytes) {
    message.set_data(tensor.data(), static_cast<size_t>(tensor.size_bytes()));
    return message;
  }
  const compute::ScopedFloatingPointMode mode(compute::FloatingPointMode::Current().Keeping());
  const auto count = static_cast<int>(tensor.element_count());
  WithCodec(tensor.type(), [&](auto codec) {
    using Codec = decltype(codec);
    const auto* items = static_cast<const typename Codec::Item*>(tensor.data());
    if constexpr (Codec::kFloating) {
      auto& values = *message.mutable_doubles()->mutable_values();
      values.Reserve(count);
      for (int i = 0; i < count; ++i) values.AddAlreadyReserved(Codec::Real(items[i]));
    } else {
      message.mutable_integers()->mutable_values()->Add(items, items + count);
    }
  });
  return message;
}

int64_t TypedAnswerBytes(const compute::Shape& shape, DataType type, TensorForm form) {
  if (form == TensorForm::kBytes) return 0;
  // A number of 8 bytes in the message, and 8 on the wire, or up to 10 for an integer.
  const int64_t beside = IsFloating(type) ? 16 : 18;
  const int64_t allowed = 2 * compute::ItemSize(type);
  return compute::SaturatingMultiply(compute::SaturatingCount(shape), std::max<int64_t>(beside - allowed, 0));
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

void CheckFloating(const DecodedTensor& decoded, absl::string_view field, compute::Violations& violations) {
  if (!decoded.type_known || IsFloating(decoded.view.type)) return;
  violations.Add(absl::StrCat(field, ".data_type"),
                 absl::StrCat("was ", v1::DataType_Name(Encode(decoded.view.type)), ", has to be a floating type"));
}

void CheckSameType(const DecodedTensor& decoded, const DecodedTensor& input, absl::string_view field,
                   compute::Violations& violations) {
  if (!decoded.type_known || !input.type_known || decoded.view.type == input.view.type) return;
  violations.Add(absl::StrCat(field, ".data_type"),
                 absl::StrCat("was ", v1::DataType_Name(Encode(decoded.view.type)), ", has to be ",
                              v1::DataType_Name(Encode(input.view.type)), ", as the input's"));
}

}  // namespace tensord::server
