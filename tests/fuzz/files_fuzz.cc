#include "tests/fuzz/files_fuzz.h"

#include <cmath>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/elements.h"
#include "client/cli/io/csv.h"
#include "client/cli/io/image.h"
#include "client/cli/io/json_tensor.h"
#include "client/cli/io/npy.h"
#include "client/cli/io/npz.h"
#include "tests/fuzz/check.h"

namespace tensord::fuzz {
namespace {

using cli::Elements;

constexpr v1::DataType kTypes[] = {v1::DATA_TYPE_FLOAT32,  v1::DATA_TYPE_FLOAT64, v1::DATA_TYPE_FLOAT16,
                                   v1::DATA_TYPE_BFLOAT16, v1::DATA_TYPE_INT8,    v1::DATA_TYPE_UINT8,
                                   v1::DATA_TYPE_INT32,    v1::DATA_TYPE_INT64};

absl::StatusOr<v1::Tensor> Read(uint8_t selector, absl::string_view file) {
  const v1::DataType type = kTypes[selector / 6 % std::size(kTypes)];
  switch (selector % 6) {
    case 0:
      return cli::ReadNpy(file);
    case 1:
      return cli::ReadNpz(file, "weights");
    case 2:
      return cli::ReadJsonTensor(file, type);
    case 3:
      return cli::ReadCsv(file, type);
    case 4:
      return cli::ReadPng(file);
    default:
      return cli::ReadPgm(file);
  }
}

bool HasNan(const Elements& elements) {
  for (int64_t i = 0; i < elements.count(); ++i) {
    if (std::isnan(elements.Real(i))) return true;
  }
  return false;
}

// Written and read again, it is the same: as .npy in any case, as lists but for NaN's bits and the sizes behind a 0.
void CheckWritten(const v1::Tensor& tensor, const Elements& elements) {
  if (tensor.data_type() != v1::DATA_TYPE_BFLOAT16) {
    const absl::StatusOr<std::string> npy = cli::WriteNpy(tensor);
    Check(npy.ok(), "what was read can be written", npy.status());
    const absl::StatusOr<v1::Tensor> again = cli::ReadNpy(*npy);
    Check(again.ok(), "what was written can be read", again.status());
    Check(again->SerializeAsString() == tensor.SerializeAsString(), "a .npy keeps a tensor as it is");
  }
  if (elements.count() == 0 || HasNan(elements) || elements.shape().size() > cli::kMaxRank) return;
  const absl::StatusOr<v1::Tensor> again = cli::ReadJsonTensor(cli::JsonLists(elements), tensor.data_type());
  Check(again.ok(), "what was written as lists can be read", again.status());
  Check(again->SerializeAsString() == tensor.SerializeAsString(), "lists keep a tensor as it is");
}

}  // namespace

void RunFiles(const uint8_t* data, size_t size) {
  if (size == 0) return;
  const absl::string_view file(reinterpret_cast<const char*>(data) + 1, size - 1);
  const absl::StatusOr<v1::Tensor> tensor = Read(data[0], file);
  if (!tensor.ok()) {
    Check(!tensor.status().message().empty(), "an error has to say what is wrong");
    Check(IsShowable(tensor.status().message()), "an error has to be fit for a terminal", tensor.status().message());
    return;
  }
  const absl::StatusOr<Elements> elements = Elements::Of(*tensor);
  Check(elements.ok(), "a tensor that was read is whole", elements.status());
  CheckWritten(*tensor, *elements);
}

}  // namespace tensord::fuzz
