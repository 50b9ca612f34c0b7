// The flags of the commands that analyse models.
#ifndef TENSORD_CLI_MODEL_REQUEST_FLAGS_H_
#define TENSORD_CLI_MODEL_REQUEST_FLAGS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/flags/flag.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// --data-input, --set, --convention and --machine.
class ModelRequestFlags {
 public:
  void Declare(CLI::App& app);
  // Fills all of a request but its model.
  [[nodiscard]] absl::Status Fill(v1::AnalyzeModelRequest& request) const;

 private:
  std::vector<std::string> data_inputs_;
  std::vector<std::string> sizes_;
  Flag convention_, machine_;
};

// `default`, or `bias`, `skip-padding` and `by-output`, joined by `+`. Errors say what was expected.
[[nodiscard]] absl::StatusOr<v1::CostConvention> ParseConvention(absl::string_view text);
// `GFLOPS,GB/S`, in billions a second, each greater than 0: `35600,900`.
[[nodiscard]] absl::StatusOr<v1::Machine> ParseMachine(absl::string_view text);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_REQUEST_FLAGS_H_
