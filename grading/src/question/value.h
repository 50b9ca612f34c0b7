// What a part asks for, as it was computed.
#ifndef TENSORD_GRADING_QUESTION_VALUE_H_
#define TENSORD_GRADING_QUESTION_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/numbers.pb.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::grading {

// A tensor. Elements are exact: of INT64 only those up to 2^53 are taken.
struct TensorValue {
  v1::DataType type = v1::DATA_TYPE_FLOAT32;
  std::vector<int64_t> shape;
  std::string layout;            // a letter for each axis; empty where it is not known
  std::vector<double> elements;  // row-major
  // By how much an element that is computed in `type`, in any order of summation, may be off this one; empty where none
  // may be.
  std::vector<double> bounds;
};

// A size or a count: a number, or an expression of symbols.
struct Size {
  std::optional<absl::int128> number;
  std::string text;  // decimal digits, or the expression

  friend bool operator==(const Size& a, const Size& b) { return a.text == b.text; }
};

// A count, or several: a shape.
struct SizesValue {
  bool is_list = false;
  std::vector<Size> sizes;
  std::vector<std::string> axes;  // names; empty where they have none
};

using Computed = std::variant<TensorValue, SizesValue>;

[[nodiscard]] bool operator==(const Computed& a, const Computed& b);

[[nodiscard]] Size SizeOf(absl::int128 number);
[[nodiscard]] Size SizeOf(const v1::Count& count);
// "120", "-3".
[[nodiscard]] std::string DecimalText(absl::int128 number);

// Error: kInvalidArgument - the payload does not have as many elements as the shape says, or there is an integer beyond
// 2^53.
[[nodiscard]] absl::StatusOr<TensorValue> TensorValueOf(const v1::Tensor& tensor);
// As doubles, in the payload of `type`, which is one of the floating or integer ones; elements are converted by value.
[[nodiscard]] v1::Tensor MakeTensor(v1::DataType type, absl::Span<const int64_t> shape,
                                    absl::Span<const double> elements);

// The product of the sizes; nothing where it is above 2^40 or one is negative.
[[nodiscard]] std::optional<int64_t> ElementCount(absl::Span<const int64_t> shape);
// Row-major.
[[nodiscard]] std::vector<int64_t> CellOf(int64_t place, absl::Span<const int64_t> shape);
// "(1, 3)".
[[nodiscard]] std::string CellText(absl::Span<const int64_t> cell);
// The shortest decimal that is read as the same double: "0.1", "-2", "NaN".
[[nodiscard]] std::string NumberText(double number);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_QUESTION_VALUE_H_
