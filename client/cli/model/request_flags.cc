#include "client/cli/model/request_flags.h"

#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

absl::Status AddSize(const std::string& text, v1::AnalyzeModelRequest& request) {
  const size_t sign = text.find('=');
  std::optional<int64_t> size;
  if (sign != std::string::npos && sign > 0) size = ParseInteger(absl::string_view(text).substr(sign + 1));
  if (!size.has_value() || *size < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("--set: was '", Escape(text), "'\nexpected: a symbol and a size of at least 1, e.g. N=8"));
  }
  (*request.mutable_symbols())[text.substr(0, sign)] = *size;
  return absl::OkStatus();
}

// Billions of something as a number of it; no value where that is none, or not above 0.
std::optional<double> Billions(absl::string_view text) {
  const std::optional<double> value = ParseDouble(text);
  if (!value.has_value() || !(*value > 0) || !std::isfinite(*value * 1e9)) return std::nullopt;
  return *value * 1e9;
}

}  // namespace

absl::StatusOr<v1::CostConvention> ParseConvention(absl::string_view text) {
  v1::CostConvention convention;
  for (const absl::string_view part : absl::StrSplit(text, '+')) {
    const std::string name = Canonical(part);
    if (name == "bias") {
      convention.set_bias(true);
    } else if (name == "skip-padding") {
      convention.set_skip_padding(true);
    } else if (name == "by-output") {
      convention.set_transposed_by_output(true);
    } else if (name != "default" || text.find('+') != absl::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--convention: was '", Escape(text), "'", DidYouMean(name, {"default", "bias", "skip-padding", "by-output"}),
          "\nexpected: default, bias, skip-padding or by-output, or several of the last three, e.g. "
          "bias+skip-padding"));
    }
  }
  return convention;
}

absl::StatusOr<v1::Machine> ParseMachine(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ',');
  const std::optional<double> flops = parts.size() == 2 ? Billions(parts[0]) : std::nullopt;
  const std::optional<double> bytes = parts.size() == 2 ? Billions(parts[1]) : std::nullopt;
  if (!flops.has_value() || !bytes.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--machine: was '", Escape(text),
                     "'\nexpected: GFLOP/s and GB/s of memory, each greater than 0, e.g. 35600,900"));
  }
  v1::Machine machine;
  machine.set_flops_per_second(*flops);
  machine.set_bytes_per_second(*bytes);
  return machine;
}

void ModelRequestFlags::Declare(CLI::App& app) {
  const auto several = [&](const char* name, std::vector<std::string>& values, const char* placeholder,
                           const char* help) {
    app.add_option(name, values, help)
        ->type_name(placeholder)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  several("--data-input", data_inputs_, "NAME",
          "The input that is data, the others are then parameters; may be given again");
  several("--set", sizes_, "SYMBOL=SIZE", "A size in place of a symbol, e.g. N=8; may be given again");
  convention_.Declare(app, "--convention", "NAME",
                      "How MACs are counted: default, or bias (adding one counts), skip-padding (products with it do "
                      "not), by-output (transposed convolutions), joined by +");
  machine_.Declare(app, "--machine", "GFLOPS,GB/S", "Whether arithmetic or memory bounds each layer on that machine");
}

absl::Status ModelRequestFlags::Fill(v1::AnalyzeModelRequest& request) const {
  for (const std::string& name : data_inputs_) request.add_data_inputs(name);
  for (const std::string& text : sizes_) TENSORCTL_RETURN_IF_ERROR(AddSize(text, request));
  if (convention_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(*request.mutable_convention(), ParseConvention(convention_.value()));
  }
  if (machine_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(*request.mutable_machine(), ParseMachine(machine_.value()));
  }
  return absl::OkStatus();
}

}  // namespace tensord::cli
