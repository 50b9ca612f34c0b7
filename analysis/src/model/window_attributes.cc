#include "analysis/src/model/window_attributes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

constexpr int64_t kMaxNumber = (int64_t{1} << 31) - 1;

// `count` numbers of at least `least`; all `otherwise` where the attribute is not given.
absl::StatusOr<std::vector<int64_t>> ListOf(const NodeView& node, absl::string_view name, size_t count, int64_t least,
                                            int64_t otherwise) {
  TENSORD_ASSIGN_OR_RETURN(std::vector<int64_t> numbers, node.Ints(name));
  if (!node.HasAttribute(name)) numbers.assign(count, otherwise);
  if (numbers.size() != count) {
    return node.Error(absl::StrCat("its attribute ", name, " has ", numbers.size(), " entries, has to have ", count));
  }
  for (const int64_t number : numbers) {
    if (number < least || number > kMaxNumber) {
      return node.Error(
          absl::StrCat("its attribute ", name, " has the entry ", number, ", has to be ", least, "..", kMaxNumber));
    }
  }
  return numbers;
}

absl::StatusOr<compute::PaddingMode> ModeOf(const NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const std::string mode, node.Text("auto_pad", "NOTSET"));
  if (mode == "NOTSET" || mode.empty()) return compute::PaddingMode::kExplicit;
  if (mode == "VALID") return compute::PaddingMode::kValid;
  if (mode == "SAME_UPPER") return compute::PaddingMode::kSameUpper;
  if (mode == "SAME_LOWER") return compute::PaddingMode::kSameLower;
  return node.Error(absl::StrCat("its attribute auto_pad was \"", PrintableName(mode),
                                 "\", has to be NOTSET, VALID, SAME_UPPER or SAME_LOWER"));
}

// What SAME padding puts before an input of that length.
Integer SamePadding(const WindowAxis& axis, const Integer& input) {
  const Integer steps = *Subtract(CeilDivide(input, axis.stride), 1);
  const std::optional<Integer> extent = WindowExtent(axis.sizes).constant();
  const std::optional<Integer> last = Multiply(steps, axis.stride);
  if (!extent.has_value() || !last.has_value()) return 0;
  const std::optional<Integer> end = Add(*last, *extent);
  const std::optional<Integer> total = end.has_value() ? Subtract(*end, input) : std::nullopt;
  if (!total.has_value() || total->negative()) return 0;
  return axis.mode == compute::PaddingMode::kSameUpper ? FloorDivide(*total, 2) : CeilDivide(*total, 2);
}

// Cells at the output's end that no window has to reach are fewer than a step of the windows or of their taps.
// Source: https://onnx.ai/onnx/operators/onnx__ConvTranspose.html (output_padding)
absl::Status CheckOutputPadding(const NodeView& node, const WindowAxis& axis, int64_t output_padding) {
  const int64_t limit = std::max(axis.stride, axis.sizes.dilation);
  if (output_padding < limit) return absl::OkStatus();
  return node.Error(absl::StrCat("its attribute output_padding has the entry ", output_padding, " along ",
                                 std::string(1, axis.sizes.letter), ", has to be less than ", limit,
                                 ", the larger of its stride and dilation"));
}

// A length that is told may cut the windows' cells off, and add fewer than those to them.
absl::Status CheckOutputSize(NodeView& node, const WindowAxis& axis, int64_t told) {
  const Expression reached = (axis.sizes.input - 1) * axis.stride + WindowExtent(axis.sizes);
  const Expression longest = reached + (std::max(axis.stride, axis.sizes.dilation) - 1);
  const Expression room = longest - told;
  const std::optional<Integer> number = room.constant();
  if (number.has_value() && number->negative()) {
    return node.Error(absl::StrCat("its attribute output_shape has the size ", told, " along ",
                                   std::string(1, axis.sizes.letter), ", has to be at most ", longest.ToString(),
                                   ": its windows reach ", reached.ToString(), " cells from its input ",
                                   node.Describe(0)));
  }
  const std::optional<Integer> bound = room.LowerBound();
  if (!bound.has_value() || bound->negative()) node.Require(AtLeastText(longest, told));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Expression> WindowAxis::Length(NodeView& node, compute::LengthRule rule) const {
  const Derivation length = OutputLength(rule, mode, sizes);
  if (const std::optional<Expression> room = RoomForOneWindow(rule, mode, sizes)) {
    const std::optional<Integer> number = room->constant();
    if (number.has_value() && number->negative()) {
      return node.Error(absl::StrCat("its window of ", WindowExtent(sizes).ToString(), " along ",
                                     std::string(1, sizes.letter), " is longer than its padded input: ",
                                     node.Describe(0), ", padding ", sizes.pad_begin, " and ", sizes.pad_end));
    }
    if (!number.has_value()) node.Require(AtLeastText(*room, 0));
  }
  return length.value();
}

absl::StatusOr<std::vector<WindowAxis>> WindowAxesOf(NodeView& node, const Shape& input,
                                                     const std::optional<Shape>& filter) {
  const size_t count = input.size() - 2;
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> windows, ListOf(node, "kernel_shape", count, 1, 1));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> strides, ListOf(node, "strides", count, 1, 1));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> dilations, ListOf(node, "dilations", count, 1, 1));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> pads, ListOf(node, "pads", 2 * count, 0, 0));
  TENSORD_ASSIGN_OR_RETURN(const compute::PaddingMode mode, ModeOf(node));
  if (!filter.has_value() && !node.HasAttribute("kernel_shape")) {
    return node.Error("its attribute kernel_shape is missing");
  }
  std::vector<WindowAxis> axes;
  for (size_t i = 0; i < count; ++i) {
    const bool explicit_pads = mode == compute::PaddingMode::kExplicit;
    Expression window = filter.has_value() ? (*filter)[i] : Expression(windows[i]);
    if (filter.has_value() && node.HasAttribute("kernel_shape")) {
      TENSORD_RETURN_IF_ERROR(node.RequireEqual(
          window, windows[i], absl::StrCat("its filter ", node.Describe(1), " has to have the sizes of kernel_shape")));
    }
    // The last three axes are D, H, W.
    constexpr char kLetters[] = "DHW";
    const size_t letter = i + 3 >= count ? i + 3 - count : 0;
    WindowAxis axis{.sizes = {.letter = kLetters[letter],
                              .input = input[i + 2],
                              .window = std::move(window),
                              .stride = strides[i],
                              .dilation = dilations[i],
                              .pad_begin = explicit_pads ? pads[i] : 0,
                              .pad_end = explicit_pads ? pads[i + count] : 0},
                    .mode = mode,
                    .stride = strides[i],
                    .pad_begin = explicit_pads ? pads[i] : 0};
    const bool same = mode == compute::PaddingMode::kSameUpper || mode == compute::PaddingMode::kSameLower;
    if (const std::optional<Integer> length = input[i + 2].constant(); same && length.has_value()) {
      axis.pad_begin = SamePadding(axis, *length);
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

absl::StatusOr<std::vector<Expression>> TransposedLengths(NodeView& node, const std::vector<WindowAxis>& axes) {
  const size_t count = axes.size();
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> output_padding, ListOf(node, "output_padding", count, 0, 0));
  for (size_t i = 0; i < count; ++i) TENSORD_RETURN_IF_ERROR(CheckOutputPadding(node, axes[i], output_padding[i]));
  std::vector<Expression> lengths;
  if (node.HasAttribute("output_shape")) {
    TENSORD_ASSIGN_OR_RETURN(std::vector<int64_t> shape, node.Ints("output_shape"));
    // Some writers give the batch and the channels too.
    if (shape.size() == count + 2) shape.erase(shape.begin(), shape.begin() + 2);
    if (shape.size() != count || std::any_of(shape.begin(), shape.end(), [](int64_t size) { return size < 1; })) {
      return node.Error(absl::StrCat("its attribute output_shape has to have ", count, " sizes of at least 1"));
    }
    for (size_t i = 0; i < count; ++i) TENSORD_RETURN_IF_ERROR(CheckOutputSize(node, axes[i], shape[i]));
    lengths.assign(shape.begin(), shape.end());
    return lengths;
  }
  for (size_t i = 0; i < count; ++i) {
    const Expression length = TransposedLength(axes[i].mode, axes[i].sizes, output_padding[i]).value();
    const std::optional<Integer> number = length.constant();
    if (number.has_value() && *number < Integer(1)) {
      return node.Error(absl::StrCat("its output would be ", number->ToString(), " long along ",
                                     std::string(1, axes[i].sizes.letter), ", has to be at least 1"));
    }
    if (!number.has_value()) node.Require(AtLeastText(length, 1));
    lengths.push_back(length);
  }
  return lengths;
}

}  // namespace tensord::analysis::model
