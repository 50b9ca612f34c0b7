#include "client/cli/errors.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/text.h"
#include "tensord/client/errors.h"

namespace tensord::cli {
namespace {

// The fields of every request, the longer before what they begin with.
constexpr std::pair<const char*, const char*> kFlags[] = {
    {"conventions.strides", "--stride"},
    {"symbolic_strides", "--stride"},
    {"conventions.dilations", "--dilation"},
    {"conventions.padding", "--padding"},
    {"conventions.groups", "--groups"},
    {"conventions.input_layout", "--layout"},
    {"conventions.filter_layout", "--filter-layout"},
    {"conventions.kernel", "--flip-filter"},
    {"conventions.window", "--window"},
    {"conventions.length_rule", "--rounding"},
    {"conventions.average_divisor", "--divisor"},
    {"conventions.fixed_divisor", "--divisor"},
    {"conventions.p", "--p"},
    {"conventions.window_mode", "--global"},
    {"conventions.output_size", "--output-size"},
    {"conventions.output_padding", "--output-padding"},
    {"conventions.output_shape", "--output-shape"},
    {"conventions.tie_rule", "--ties"},
    {"conventions.empty_window", "--empty-window"},
    {"conventions.padding_limit", "--padding-limit"},
    {"conventions.index_base", "--index-base"},
    {"output_shape", "--output-shape"},
    {"accumulation", "--accumulation"},
    {"output_type", "--output-type"},
    {"quantization.input_zero_point", "--input-zero-point"},
    {"quantization.filter_zero_points", "--filter-zero-point"},
    {"quantization.input_scale", "--input-scale"},
    {"quantization.filter_scales", "--filter-scale"},
    {"quantization.output_scale", "--output-scale"},
    {"quantization.output_zero_point", "--output-zero-point"},
    {"return_error_bounds", "--bounds"},
    {"output", "--output-type"},
    {"index_range", "--index-range"},
    {"indices", "--indices"},
    {"output_gradient", "--output-gradient"},
    {"input_shape", "--input-shape"},
    {"filter_shape", "--filter-shape"},
    {"return_indices", "--indices"},
    {"return_slope_gradient", "--out-slope-gradient"},
    {"data_type", "--type"},
    {"input.axes", "--layout"},
    {"input", "--input"},
    {"slope.axes", "--slope-layout"},
    {"slope", "--slope"},
    {"filter", "--filter"},
    {"bias", "--bias"},
    {"axes", "--axes"},
    {"profile", "--profile"},
    {"kind", "--kind"},
};

// Whether `field` is `name`, or lies within it.
bool Within(absl::string_view field, absl::string_view name) {
  if (!absl::StartsWith(field, name)) return false;
  return field.size() == name.size() || field[name.size()] == '.' || field[name.size()] == '[';
}

// What to do about it, or nothing.
std::string Hint(const absl::Status& status, absl::string_view server) {
  if (const auto retry = client::RetryInfoOf(status)) {
    const double seconds = static_cast<double>(retry->retry_delay().seconds()) + retry->retry_delay().nanos() * 1e-9;
    return absl::StrCat("try again in ", seconds, " s");
  }
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      return "allow more time, e.g. --deadline 5m";
    case absl::StatusCode::kUnavailable:
      return server.empty() ? ""
                            : "is a tensord running there, and does it speak TLS where --tls says so (and only then)?";
    case absl::StatusCode::kUnimplemented:
      return "the server may be older than this program";
    default:
      break;
  }
  const bool about_types =
      absl::StrContains(status.message(), "data_type") &&
      (absl::StrContains(status.message(), "FLOAT") || absl::StrContains(status.message(), "float"));
  return about_types ? "--type float32 or --type float64 gives every tensor the same type" : "";
}

std::string Headline(const absl::Status& status, absl::string_view server) {
  const std::string whose = server.empty() ? "" : absl::StrCat(" by ", Escape(server));
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return absl::StrCat("refused", whose, " as invalid");
    case absl::StatusCode::kUnimplemented:
      return absl::StrCat("refused", whose, " as not supported");
    case absl::StatusCode::kResourceExhausted:
      return absl::StrCat("refused", whose, " as too much");
    case absl::StatusCode::kDeadlineExceeded:
      return "no answer in time";
    case absl::StatusCode::kUnavailable:
      return server.empty() ? "failed" : absl::StrCat("cannot reach ", Escape(server));
    default:
      return absl::StrCat("failed", whose);
  }
}

}  // namespace

std::string FlagOf(absl::string_view field, absl::string_view activation_flag) {
  for (const absl::string_view layer : {"convolution.", "transposed_convolution.", "pooling."}) {
    if (absl::StartsWith(field, layer)) field.remove_prefix(layer.size());
  }
  if (Within(field, "activation")) return std::string(activation_flag);
  for (const auto& [name, flag] : kFlags) {
    if (!Within(field, name)) continue;
    // A tensor's type is chosen by a flag of its own.
    return absl::EndsWith(field, ".data_type") ? absl::StrCat(flag, " or --type") : flag;
  }
  return "";
}

std::string UsageErrorText(const absl::Status& status, absl::string_view command, const Style& style) {
  return absl::StrCat(style.Red("error:"), " ", Escape(status.message(), /*keep_lines=*/true), "\n",
                      style.Dim(absl::StrCat("see ", command, " --help")), "\n");
}

std::string FailureText(const absl::Status& status, absl::string_view server, absl::string_view activation_flag,
                        const Style& style) {
  std::string text = absl::StrCat(style.Red("error:"), " ", Headline(status, server), " (",
                                  absl::StatusCodeToString(status.code()), ")");
  const auto bad_request = client::BadRequestOf(status);
  if (bad_request && bad_request->field_violations_size() > 0) {
    text += ":\n";
    for (const auto& violation : bad_request->field_violations()) {
      const std::string flag = FlagOf(violation.field(), activation_flag);
      const std::string where =
          flag.empty() ? Escape(violation.field()) : absl::StrCat(flag, " (", Escape(violation.field()), ")");
      absl::StrAppend(&text, "  ", style.Bold(where), ": ", Escape(violation.description()), "\n");
    }
  } else {
    absl::StrAppend(&text, ": ", Escape(status.message()), "\n");
  }
  const std::string hint = Hint(status, server);
  if (!hint.empty()) absl::StrAppend(&text, style.Dim("hint: " + hint), "\n");
  return text;
}

}  // namespace tensord::cli
