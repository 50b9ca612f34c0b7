#include "analysis/src/onnx/parse.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "analysis/src/onnx/wire_scan.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::onnx_reader {

absl::Status ParseModel(absl::string_view bytes, ::onnx::ModelProto& model) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the model has ", bytes.size(), " bytes, and Protocol Buffers end at ",
                     std::numeric_limits<int>::max(), ": its weights have to be stripped, or in a file of their own"));
  }
  if (bytes.empty()) return NoModel("there are none");
  TENSORD_RETURN_IF_ERROR(CheckWire(bytes).status());
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return NoModel("a parser refuses them");
  if (!model.has_graph()) return NoModel("there is no graph");
  return absl::OkStatus();
}

}  // namespace tensord::analysis::onnx_reader
