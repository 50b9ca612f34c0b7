#include "client/cli/flags/numbers.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/elements.h"
#include "client/cli/flags/enum_names.h"
#include "client/cli/number.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

absl::Status Bad(const Flag& flag, absl::string_view what, absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(flag.name(), ": '", Escape(flag.value()), "' is no ", what, "\nexpected: ", expected));
}

// A flag's value as a list of what `parse` makes of each part; nothing where one is none.
template <typename Number>
std::optional<std::vector<Number>> ParseList(const Flag& flag, std::optional<Number> (*parse)(absl::string_view)) {
  std::vector<Number> numbers;
  for (const absl::string_view part : absl::StrSplit(flag.value(), ',')) {
    const std::optional<Number> number = parse(absl::StripAsciiWhitespace(part));
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

void NumbersFlags::Declare(CLI::App& app) {
  accumulation_.Declare(app, "--accumulation", absl::StrJoin(FlagNames(*v1::Accumulation_descriptor()), "|"),
                        "How sums are made: in the type, in float64, or exactly, each rounded once. Default: fast");
  app.add_flag("--bounds", bounds_, "Return bounds of the error of each number, too");
}

void NumbersFlags::DeclareOutputType(CLI::App& app) {
  output_type_
      .Declare(app, "--output-type", absl::StrJoin(TypeNames(), "|"),
               "The result's type, where integers leave a choice")
      ->check(OneOf(TypeNames()));
}

void NumbersFlags::DeclareQuantization(CLI::App& app) {
  DeclareOutputType(app);
  input_zero_point_.Declare(app, "--input-zero-point", "N", "Subtract N from each int8 or uint8 of the input");
  filter_zero_point_.Declare(app, "--filter-zero-point", "N,...",
                             "The same for the filter, one per output channel or one for all");
  input_scale_.Declare(app, "--input-scale", "R", "What 1 stands for in the input; with all scales: requantise");
  filter_scale_.Declare(app, "--filter-scale", "R,...", "In the filter, one per output channel or one for all");
  output_scale_.Declare(app, "--output-scale", "R", "In the result, which is then int8 or uint8");
  output_zero_point_.Declare(app, "--output-zero-point", "N", "What 0 is in the result, with scales");
}

bool NumbersFlags::quantized() const {
  for (const Flag* flag :
       {&input_zero_point_, &filter_zero_point_, &output_zero_point_, &input_scale_, &filter_scale_, &output_scale_}) {
    if (flag->given()) return true;
  }
  return false;
}

absl::Status NumbersFlags::FillAccumulation(v1::Accumulation& accumulation) const {
  if (!accumulation_.given()) return absl::OkStatus();
  TENSORCTL_ASSIGN_OR_RETURN(const int number,
                             ParseEnum(accumulation_.name(), accumulation_.value(), *v1::Accumulation_descriptor()));
  accumulation = static_cast<v1::Accumulation>(number);
  return absl::OkStatus();
}

absl::Status NumbersFlags::FillOutputType(v1::DataType& type) const {
  if (!output_type_.given()) return absl::OkStatus();
  TENSORCTL_ASSIGN_OR_RETURN(type, ParseType(output_type_.value()));
  return absl::OkStatus();
}

absl::Status NumbersFlags::FillQuantization(v1::Quantization& quantization) const {
  const auto integer = [](const Flag& flag, auto set) -> absl::Status {
    if (!flag.given()) return absl::OkStatus();
    const std::optional<int64_t> value = ParseInteger(flag.value());
    if (!value) return Bad(flag, "integer", "an integer, e.g. 128");
    set(*value);
    return absl::OkStatus();
  };
  const auto scale = [](const Flag& flag, auto set) -> absl::Status {
    if (!flag.given()) return absl::OkStatus();
    const std::optional<float> value = ParseFloat(flag.value());
    if (!value) return Bad(flag, "number", "a number above 0, e.g. 0.05");
    set(*value);
    return absl::OkStatus();
  };
  TENSORCTL_RETURN_IF_ERROR(integer(input_zero_point_, [&](int64_t v) { quantization.set_input_zero_point(v); }));
  TENSORCTL_RETURN_IF_ERROR(integer(output_zero_point_, [&](int64_t v) { quantization.set_output_zero_point(v); }));
  TENSORCTL_RETURN_IF_ERROR(scale(input_scale_, [&](float v) { quantization.set_input_scale(v); }));
  TENSORCTL_RETURN_IF_ERROR(scale(output_scale_, [&](float v) { quantization.set_output_scale(v); }));
  if (filter_zero_point_.given()) {
    const auto values = ParseList<int64_t>(filter_zero_point_, &ParseInteger);
    if (!values) return Bad(filter_zero_point_, "list of integers", "one per output channel, e.g. 1,2, or one for all");
    quantization.mutable_filter_zero_points()->Add(values->begin(), values->end());
  }
  if (filter_scale_.given()) {
    const auto values = ParseList<float>(filter_scale_, &ParseFloat);
    if (!values) return Bad(filter_scale_, "list of numbers", "one per output channel, e.g. 0.1,0.2, or one for all");
    quantization.mutable_filter_scales()->Add(values->begin(), values->end());
  }
  return absl::OkStatus();
}

void AddProof(const std::string& name, const v1::ErrorBounds* bounds, const std::string& sha256, Report& report) {
  if (bounds != nullptr) {
    report.bounds.push_back({name == "output" ? "error_bounds" : name + "_error_bounds", *bounds});
  }
  if (!sha256.empty()) report.values.push_back({name + "_sha256", sha256});
}

}  // namespace tensord::cli
