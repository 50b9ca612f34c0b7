// Values of flags.
#ifndef TENSORD_CLI_FLAGS_PARSE_H_
#define TENSORD_CLI_FLAGS_PARSE_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/activation.pb.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/conventions.pb.h"
#include "tensord/v1/pooling.pb.h"
#include "tensord/v1/unpooling.pb.h"

namespace tensord::cli {

// Each takes a flag's name, for the error, and its value. Only the form is checked: whether 0 is a stride is for the
// server to say.

// `2,2`
[[nodiscard]] absl::StatusOr<std::vector<int64_t>> ParseIntegers(const std::string& flag, absl::string_view text);

// `N,64,10`: sizes, of which some may be symbols.
[[nodiscard]] absl::StatusOr<std::vector<v1::Dimension>> ParseDimensions(const std::string& flag,
                                                                         absl::string_view text);

// `image=1000,colour=3`
[[nodiscard]] absl::StatusOr<std::vector<v1::DatasetAxis>> ParseAxes(const std::string& flag, absl::string_view text);

// `valid`, `same-upper`, `same-lower`, `full`, `causal`, or `1,1` or `1,1:2,2`: begin, and end where it differs.
[[nodiscard]] absl::StatusOr<v1::Padding> ParsePadding(const std::string& flag, absl::string_view text);

// `relu`, `leaky-relu:slope=0.2,kink=right`, `gelu:form=tanh`, `softmax:axis=C`.
[[nodiscard]] absl::StatusOr<v1::Activation> ParseActivation(const std::string& flag, absl::string_view text);

// `5s`, `500ms`, `2m`, `1h`: at least a millisecond.
[[nodiscard]] absl::StatusOr<std::chrono::milliseconds> ParseDuration(const std::string& flag, absl::string_view text);

[[nodiscard]] absl::StatusOr<v1::ConventionProfile> ParseProfile(const std::string& flag, absl::string_view text);
[[nodiscard]] absl::StatusOr<v1::PaddingSource> ParsePaddingSource(const std::string& flag, absl::string_view text);
[[nodiscard]] absl::StatusOr<v1::PoolingKind> ParsePoolingKind(const std::string& flag, absl::string_view text);
[[nodiscard]] absl::StatusOr<v1::LengthRule> ParseLengthRule(const std::string& flag, absl::string_view text);
[[nodiscard]] absl::StatusOr<v1::TieRule> ParseTieRule(const std::string& flag, absl::string_view text);
[[nodiscard]] absl::StatusOr<v1::EmptyWindow> ParseEmptyWindow(const std::string& flag, absl::string_view text);
[[nodiscard]] absl::StatusOr<v1::PaddingLimit> ParsePaddingLimit(const std::string& flag, absl::string_view text);
[[nodiscard]] absl::StatusOr<v1::IndexBase> ParseIndexBase(const std::string& flag, absl::string_view text);
[[nodiscard]] absl::StatusOr<v1::IndexRange> ParseIndexRange(const std::string& flag, absl::string_view text);
// `2`, `1.5`, `inf`.
[[nodiscard]] absl::StatusOr<double> ParseNumber(const std::string& flag, absl::string_view text);
// `excluded`, `included`, or a number.
[[nodiscard]] absl::Status ParseDivisor(const std::string& flag, absl::string_view text,
                                        v1::PoolingConventions& conventions);

// Every value that a flag of that kind takes: for help texts and completion.
[[nodiscard]] std::vector<std::string> ActivationNames();  // those that a convolution can apply
[[nodiscard]] std::vector<std::string> AllActivationNames();
[[nodiscard]] std::vector<std::string> ProfileNames();
[[nodiscard]] std::vector<std::string> PaddingSourceNames();
[[nodiscard]] std::vector<std::string> PoolingKindNames();
[[nodiscard]] std::vector<std::string> LengthRuleNames();
[[nodiscard]] std::vector<std::string> TieRuleNames();
[[nodiscard]] std::vector<std::string> EmptyWindowNames();
[[nodiscard]] std::vector<std::string> PaddingLimitNames();
[[nodiscard]] std::vector<std::string> IndexBaseNames();
[[nodiscard]] std::vector<std::string> IndexRangeNames();

}  // namespace tensord::cli

#endif  // TENSORD_CLI_FLAGS_PARSE_H_
