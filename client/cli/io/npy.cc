#include "client/cli/io/npy.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/elements.h"
#include "client/cli/io/npy_header.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

void SwapBytes(std::string& bytes, size_t item_size) {
  for (size_t i = 0; i + item_size <= bytes.size(); i += item_size) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + item_size));
  }
}

// From the order in which the first axis varies fastest to the one in which the last does.
std::string ToRowMajor(const std::string& bytes, const std::vector<int64_t>& shape, size_t item_size) {
  std::string row_major(bytes.size(), '\0');
  std::vector<size_t> place(shape.size(), 0);
  std::vector<size_t> strides(shape.size(), item_size);
  for (size_t axis = 1; axis < shape.size(); ++axis) {
    strides[axis] = strides[axis - 1] * static_cast<size_t>(shape[axis - 1]);
  }
  size_t from = 0;
  for (size_t to = 0; to < bytes.size(); to += item_size) {
    std::copy_n(bytes.data() + from, item_size, row_major.data() + to);
    for (size_t axis = shape.size(); axis-- > 0;) {
      from += strides[axis];
      if (++place[axis] < static_cast<size_t>(shape[axis])) break;
      from -= strides[axis] * place[axis];
      place[axis] = 0;
    }
  }
  return row_major;
}

const char* Descriptor(v1::DataType type) {
  switch (type) {
    case v1::DATA_TYPE_FLOAT16:
      return "<f2";
    case v1::DATA_TYPE_FLOAT32:
      return "<f4";
    case v1::DATA_TYPE_FLOAT64:
      return "<f8";
    case v1::DATA_TYPE_INT8:
      return "|i1";
    case v1::DATA_TYPE_UINT8:
      return "|u1";
    case v1::DATA_TYPE_INT32:
      return "<i4";
    case v1::DATA_TYPE_INT64:
      return "<i8";
    default:
      return nullptr;
  }
}

// The elements as little-endian bytes, whatever form the tensor has.
absl::StatusOr<std::string> ElementBytes(const v1::Tensor& tensor) {
  TENSORCTL_ASSIGN_OR_RETURN(const Elements elements, Elements::Of(tensor));
  if (tensor.has_data()) return tensor.data();
  ElementBuilder builder(tensor.data_type());
  for (int64_t i = 0; i < elements.count(); ++i) {
    TENSORCTL_RETURN_IF_ERROR(IsInteger(tensor.data_type()) ? builder.AppendInteger(elements.Integer(i))
                                                            : builder.AppendReal(elements.Real(i)));
  }
  return builder.Take();
}

}  // namespace

absl::StatusOr<v1::Tensor> ReadNpy(absl::string_view file) {
  TENSORCTL_ASSIGN_OR_RETURN(const NpyHeader header, ParseNpyHeader(file));
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t count, ElementCount(header.shape, header.type));
  const auto item_size = static_cast<size_t>(ItemSize(header.type));
  const size_t wanted = static_cast<size_t>(count) * item_size;
  const size_t there = file.size() - header.size_bytes;
  if (there != wanted) {
    return absl::InvalidArgumentError(
        absl::StrCat(there < wanted ? "it is truncated" : "it is too long", ": the shape ", ShapeText(header.shape),
                     " of ", TypeName(header.type), " takes ", wanted, " bytes, but ", there, " follow the header"));
  }
  std::string bytes(file.substr(header.size_bytes));
  if (header.big_endian) SwapBytes(bytes, item_size);
  if (header.fortran_order && header.shape.size() > 1) bytes = ToRowMajor(bytes, header.shape, item_size);
  return MakeTensor(header.type, header.shape, std::move(bytes));
}

absl::StatusOr<std::string> WriteNpy(const v1::Tensor& tensor) {
  const char* descriptor = Descriptor(tensor.data_type());
  if (descriptor == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("a .npy file cannot hold ", TypeName(tensor.data_type()), "; a .json file can"));
  }
  TENSORCTL_ASSIGN_OR_RETURN(const std::string bytes, ElementBytes(tensor));
  std::string header = absl::StrCat("{'descr': '", descriptor, "', 'fortran_order': False, 'shape': (",
                                    absl::StrJoin(tensor.shape(), ", "), tensor.shape_size() == 1 ? ",), }" : "), }");
  // Magic, version and length take 10 bytes; the payload is aligned to 64, by blanks and a line break.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  return absl::StrCat(file, header, bytes);
}

}  // namespace tensord::cli
