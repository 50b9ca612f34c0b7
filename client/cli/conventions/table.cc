#include "client/cli/conventions/table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/cli/flags/enum_names.h"

namespace tensord::cli {
namespace {

constexpr std::pair<const char*, const char*> kMeanings[] = {
    {"kernel", "which way a filter is read; TRUE_CONVOLUTION reverses it"},
    {"padding", "the cells around the input"},
    {"padding_source", "what padding reads as"},
    {"dilation", "steps between a window's elements, counted from 1: 1 is dense"},
    {"convolution_input_layout",
     "the order of an input's axes for 1, 2 and 3 spatial ones, without and with a batch; a filter of rank 1 or 2 has "
     "no "
     "channels, and goes with W or HW"},
    {"pooling_input_layout", "the order of an input's axes, by its rank; an activation's likewise"},
    {"filter_layout", "the order of a filter's axes, by its rank; I counts the channels of one group"},
    {"transposed_filter_layout", "the same for a transposed convolution, where O counts the channels of one group"},
    {"pooling_stride", "steps between a pooling's windows"},
    {"length_rule", "how many windows there are; under the SAME paddings ceil(N/s), whatever the rule"},
    {"average_divisor", "what an average divides by, where some window reaches past the input"},
    {"tie_rule", "which of several equal maxima gets the gradient"},
    {"nan_rule", "which NaN of a window its maximum, a NaN, has the index of"},
    {"index_base", "from where the indices of maxima are counted"},
    {"padding_limit", "the most padding on one side of a pooling's window; more is refused"},
    {"empty_window", "what the maximum of nothing but padding is"},
    {"window_mode", "what says where the windows are"},
    {"index_range", "within what the indices of an unpooling have to lie"},
    {"lp_exponent", "p of Lp pooling, (sum |x|^p)^(1/p)"},
    {"hard_sigmoid_slope", "slope of max(0, min(1, slope x + offset))"},
    {"hard_sigmoid_offset", "offset of max(0, min(1, slope x + offset))"},
    {"leaky_relu_slope", "what an x below 0 is multiplied by"},
    {"elu_alpha", "alpha of alpha (exp(x) - 1), for x below 0"},
    {"gelu_form", "x Phi(x) itself, or by its approximation with tanh"},
    {"softplus_beta", "beta of log(1 + exp(beta x)) / beta"},
    {"celu_alpha", "alpha of alpha (exp(x / alpha) - 1), for x below 0"},
    {"thresholded_relu_alpha", "what x has to be above not to become 0"},
    {"hard_tanh_minimum", "the least that x becomes"},
    {"hard_tanh_maximum", "the most that x becomes"},
    {"softmax_axis", "the axis of softmax and log-softmax; -1 is the last"},
    {"kink_slope",
     "the derivative at a kink: which branch's; of relu, leaky relu, elu, selu, thresholded relu and prelu"},
    {"hard_kink_slope", "the same of hard sigmoid, hard swish, hard tanh and relu6"},
    {"slope_match", "how prelu's slopes lie over the input: from the last axis on, or along C"},
};

std::string Meaning(absl::string_view name) {
  for (const auto& [known, meaning] : kMeanings) {
    if (name == known) return meaning;
  }
  return "";
}

void AddColumn(const v1::ProfileDescription& description, const std::string& name, ConventionTable& table) {
  const bool is_default = description.profile() == v1::CONVENTION_PROFILE_UNSPECIFIED;
  table.columns.push_back({name, is_default ? name : absl::AsciiStrToUpper(name)});
  for (const v1::ConventionSetting& setting : description.settings()) {
    auto row = std::find_if(table.rows.begin(), table.rows.end(),
                            [&](const ConventionRow& known) { return known.name == setting.name(); });
    if (row == table.rows.end()) {
      row = table.rows.insert(row, {setting.name(), Meaning(setting.name()), {}});
    }
    row->values.resize(table.columns.size());
    row->values.back() = setting.value();
  }
  for (ConventionRow& row : table.rows) row.values.resize(table.columns.size());
}

}  // namespace

bool ConventionRow::differs() const {
  return std::any_of(values.begin(), values.end(), [&](const std::string& value) { return value != values[0]; });
}

absl::StatusOr<ConventionTable> MakeConventionTable(const v1::GetServerInfoResponse& info,
                                                    const std::vector<v1::ConventionProfile>& profiles) {
  std::vector<v1::ConventionProfile> missing = profiles;
  ConventionTable table;
  for (const v1::ProfileDescription& description : info.profiles()) {
    const auto* value = v1::ConventionProfile_descriptor()->FindValueByNumber(description.profile());
    if (value == nullptr) continue;
    const bool is_default = value->number() == v1::CONVENTION_PROFILE_UNSPECIFIED;
    if (is_default != table.columns.empty()) continue;
    const bool wanted = std::find(profiles.begin(), profiles.end(), description.profile()) != profiles.end();
    if (!is_default && !profiles.empty() && !wanted) continue;
    missing.erase(std::remove(missing.begin(), missing.end(), description.profile()), missing.end());
    AddColumn(description, is_default ? "default" : ShortName(*value), table);
  }
  if (table.columns.empty()) return absl::UnimplementedError("the server does not tell its conventions");
  if (!missing.empty()) {
    return absl::UnimplementedError(
        absl::StrCat("the server does not know the profile ",
                     ShortName(*v1::ConventionProfile_descriptor()->FindValueByNumber(missing.front()))));
  }
  return table;
}

}  // namespace tensord::cli
