// The elements of a tensor message: read one by one, or made from numbers.
#ifndef TENSORD_CLI_ELEMENTS_H_
#define TENSORD_CLI_ELEMENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli {

// The largest tensor that is read: the servers' own default limit.
inline constexpr int64_t kMaxTensorBytes = int64_t{192} << 20;
// The deepest nesting, and the highest rank, that is read.
inline constexpr size_t kMaxRank = 32;

// `float32`, ...; `unknown` for what is none.
[[nodiscard]] std::string TypeName(v1::DataType type);
// The type of that name, or an error that lists them.
[[nodiscard]] absl::StatusOr<v1::DataType> ParseType(absl::string_view name);
[[nodiscard]] const std::vector<std::string>& TypeNames();
// Bytes of one element; 0 for what is no type.
[[nodiscard]] int64_t ItemSize(v1::DataType type);
[[nodiscard]] bool IsInteger(v1::DataType type);

// The number of elements of `shape`. Errors: a negative size; more than kMaxTensorBytes of `type`.
[[nodiscard]] absl::StatusOr<int64_t> ElementCount(const std::vector<int64_t>& shape, v1::DataType type);

// `5 x 4`; `scalar` without sizes.
[[nodiscard]] std::string ShapeText(const std::vector<int64_t>& shape);
// `(1,3)`: where element `flat` of a row-major tensor lies.
[[nodiscard]] std::string PlaceText(int64_t flat, const std::vector<int64_t>& shape);

// Reads a tensor's elements whatever form they travel in. The tensor must outlive it.
class Elements {
 public:
  // Errors: an unknown type, sizes that are negative or too many, a payload that is not as long as the shape says.
  [[nodiscard]] static absl::StatusOr<Elements> Of(const v1::Tensor& tensor);

  [[nodiscard]] int64_t count() const { return count_; }
  [[nodiscard]] v1::DataType type() const { return tensor_->data_type(); }
  [[nodiscard]] const std::vector<int64_t>& shape() const { return shape_; }

  // Element `i`: exactly, but for integers beyond 2^53.
  [[nodiscard]] double Real(int64_t i) const;
  // Element `i` of an integer type.
  [[nodiscard]] int64_t Integer(int64_t i) const;
  // Element `i` as its shortest decimal, see number.h.
  [[nodiscard]] std::string Text(int64_t i) const;
  // Whether element `i` is less than element `j`; false where either is NaN.
  [[nodiscard]] bool Less(int64_t i, int64_t j) const;

 private:
  Elements(const v1::Tensor& tensor, std::vector<int64_t> shape, int64_t count)
      : tensor_(&tensor), shape_(std::move(shape)), count_(count) {}

  const v1::Tensor* tensor_;
  std::vector<int64_t> shape_;
  int64_t count_;
};

// Appends numbers to a tensor's bytes in one type.
//
// A real number is rounded to nearest even into a floating type, and has to be finite there if it was before; an
// integer type takes it only if it holds that very value. AppendInteger also wants the very value in a floating type.
// Errors name the value and the type: callers add the place.
class ElementBuilder {
 public:
  explicit ElementBuilder(v1::DataType type) : type_(type) {}

  [[nodiscard]] absl::Status AppendReal(double value);
  [[nodiscard]] absl::Status AppendInteger(int64_t value);
  // A decimal number, rounded once.
  [[nodiscard]] absl::Status AppendText(absl::string_view decimal);

  [[nodiscard]] int64_t size_bytes() const { return static_cast<int64_t>(bytes_.size()); }
  [[nodiscard]] std::string Take() { return std::move(bytes_); }

 private:
  v1::DataType type_;
  std::string bytes_;
};

// A tensor of that type and shape around little-endian `bytes`.
[[nodiscard]] v1::Tensor MakeTensor(v1::DataType type, const std::vector<int64_t>& shape, std::string bytes);

// `tensor` in another type, by value. Errors name the first element that does not fit and its place.
[[nodiscard]] absl::StatusOr<v1::Tensor> ConvertTo(const v1::Tensor& tensor, v1::DataType type);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_ELEMENTS_H_
