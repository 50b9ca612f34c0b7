// The flags that say how numbers are made and whether the proof is asked for, and the proof in a report.
#ifndef TENSORD_CLI_FLAGS_NUMBERS_H_
#define TENSORD_CLI_FLAGS_NUMBERS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/cli/flags/flag.h"
#include "client/cli/report.h"
#include "client/cli/status_macros.h"
#include "tensord/v1/numbers.pb.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli {

// --accumulation and --bounds; --output-type and the quantisation's where they are declared.
class NumbersFlags {
 public:
  void Declare(CLI::App& app);
  void DeclareOutputType(CLI::App& app);
  // Those of a convolution: --output-type too.
  void DeclareQuantization(CLI::App& app);

  // Fills what Request has of them.
  template <typename Request>
  [[nodiscard]] absl::Status Fill(Request& request) const {
    v1::Accumulation accumulation = v1::ACCUMULATION_UNSPECIFIED;
    TENSORCTL_RETURN_IF_ERROR(FillAccumulation(accumulation));
    request.set_accumulation(accumulation);
    request.set_return_error_bounds(bounds_);
    if constexpr (requires { request.output_type(); }) {
      v1::DataType type = v1::DATA_TYPE_UNSPECIFIED;
      TENSORCTL_RETURN_IF_ERROR(FillOutputType(type));
      request.set_output_type(type);
    }
    if constexpr (requires { request.mutable_quantization(); }) {
      if (quantized()) return FillQuantization(*request.mutable_quantization());
    }
    return absl::OkStatus();
  }

  // The type that the bias of such a request has to have; unspecified where it is the input's. After Fill.
  template <typename Request>
  [[nodiscard]] static v1::DataType BiasType(const Request& request) {
    if constexpr (requires { request.quantization(); }) {
      const v1::DataType input = request.input().data_type();
      if (input != v1::DATA_TYPE_INT8 && input != v1::DATA_TYPE_UINT8) return v1::DATA_TYPE_UNSPECIFIED;
      return request.output_type() == v1::DATA_TYPE_INT64 ? v1::DATA_TYPE_INT64 : v1::DATA_TYPE_INT32;
    } else {
      return v1::DATA_TYPE_UNSPECIFIED;
    }
  }

 private:
  [[nodiscard]] bool quantized() const;
  [[nodiscard]] absl::Status FillAccumulation(v1::Accumulation& accumulation) const;
  [[nodiscard]] absl::Status FillOutputType(v1::DataType& type) const;
  [[nodiscard]] absl::Status FillQuantization(v1::Quantization& quantization) const;

  Flag accumulation_, output_type_;
  Flag input_zero_point_, filter_zero_point_, output_zero_point_, input_scale_, filter_scale_, output_scale_;
  bool bounds_ = false;
};

// Adds the proof of the result `name` to a report: its bounds as `error_bounds` (those of other results than the output
// as `NAME_error_bounds`), where there are any; its hash as `NAME_sha256`, where it is not empty.
void AddProof(const std::string& name, const v1::ErrorBounds* bounds, const std::string& sha256, Report& report);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_FLAGS_NUMBERS_H_
