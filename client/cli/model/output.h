// Where the text of an analysis goes.
#ifndef TENSORD_CLI_MODEL_OUTPUT_H_
#define TENSORD_CLI_MODEL_OUTPUT_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/context.h"
#include "client/cli/flags/flag.h"
#include "client/cli/report.h"
#include "client/cli/style.h"

namespace tensord::cli {

// --out, or standard output.
class TextOutput {
 public:
  void Declare(CLI::App& app) { out_.Declare(app, "--out", "FILE", "Write what would be printed there"); }
  [[nodiscard]] absl::Status Deliver(const std::string& text, Context& context) const;
  [[nodiscard]] Style style(const Context& context) const;
  // How wide a table may be: the terminal, or what fits a page.
  [[nodiscard]] size_t width() const;

 private:
  Flag out_;
};

// What --format json prints of it.
[[nodiscard]] absl::StatusOr<std::string> ReportJson(Context& context, const Report& report);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_OUTPUT_H_
