#include "server/convert/server_info_convert.h"

#include <array>
#include <charconv>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "server/convert/append.h"
#include "server/convert/enum_convert.h"
#include "server/service_names.h"
#include "server/version.h"
#include "tensord/compute/conventions.h"
#include "tensord/compute/layout.h"

namespace tensord::server {
namespace {

void AddMethods(const google::protobuf::ServiceDescriptor& service, v1::GetServerInfoResponse& response) {
  for (int m = 0; m < service.method_count(); ++m) {
    Append(*response.mutable_methods()) = absl::StrCat(service.full_name(), "/", service.method(m)->name());
  }
}

void AddLimits(const Settings& settings, const ClientLimits& client_limits, v1::ServerLimits& limits) {
  limits.set_max_message_bytes(settings.max_message_bytes);
  limits.set_max_tensor_bytes(settings.max_tensor_bytes);
  limits.set_max_multiplication_count(settings.max_multiplications);
  limits.set_memory_budget_bytes(settings.memory_budget_bytes);
  limits.set_thread_count(settings.threads);
  limits.set_queue_count(settings.queue);
  limits.set_default_deadline_ms(settings.default_deadline.count());
  limits.set_drain_timeout_ms(settings.drain_timeout.count());
  limits.set_multiplication_budget(settings.multiplication_budget);
  limits.set_transport_quota_bytes(settings.transport_quota_bytes);
  limits.set_client_in_flight_count(client_limits.calls_in_flight);
  limits.set_client_calls_per_second(client_limits.calls_per_second);
  limits.set_client_multiplications_per_second(client_limits.multiplications_per_second);
  limits.set_token_required(!settings.auth_tokens.empty());
}

v1::ServerState EncodeState(const ServerState& state) {
  v1::ServerState message;
  message.set_draining(state.draining);
  message.set_uptime_ms(state.uptime_ms);
  message.set_in_flight_count(state.calls_in_flight);
  message.set_queue_count(state.queue_length);
  message.set_memory_used_bytes(state.memory_used_bytes);
  message.set_multiplication_in_flight_count(state.multiplications_in_flight);
  message.set_client_count(state.client_count);
  return message;
}

// The default layouts for the ranks 1..5 where the channels stand as the profile puts them, or O and I in each other's
// place.
std::string Layouts(compute::Layout::Role role, bool channels_first, bool swap = false) {
  std::string text;
  for (int rank = 1; rank <= 5; ++rank) {
    const bool filter = role == compute::Layout::Role::kFilter;
    const bool channels = rank >= 3;
    const bool batch = !filter && rank >= 4;
    const int spatial_rank = rank - (batch ? 1 : 0) - (channels ? (filter ? 2 : 1) : 0);
    absl::StrAppend(&text, rank == 1 ? "" : ", ",
                    compute::Layout::Make(role, spatial_rank, batch, channels, channels_first).letters());
  }
  if (swap) {
    for (char& letter : text) letter = letter == 'O' ? 'I' : letter == 'I' ? 'O' : letter;
  }
  return text;
}

// The default layouts of a convolution's input with 1 to 3 spatial axes: without a batch, then with one.
std::string ConvolutionLayouts(bool channels_first) {
  std::string text;
  for (const bool batch : {false, true}) {
    for (int spatial_rank = 1; spatial_rank <= compute::kMaxSpatialRank; ++spatial_rank) {
      const auto layout =
          compute::Layout::Make(compute::Layout::Role::kActivation, spatial_rank, batch, true, channels_first);
      absl::StrAppend(&text, text.empty() ? "" : spatial_rank == 1 ? "; " : ", ", layout.letters());
    }
  }
  return text;
}

// The shortest decimal that reads back to the same number.
std::string Shortest(double value) {
  std::array<char, 32> text;
  const std::to_chars_result result = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), result.ptr};
}

void AddProfile(compute::Profile profile, v1::GetServerInfoResponse& response) {
  const compute::ProfileDefaults& defaults = compute::DefaultsOf(profile);
  v1::ProfileDescription& description = Append(*response.mutable_profiles());
  description.set_profile(Encode(profile));
  const auto add = [&](const char* name, absl::string_view value) {
    v1::ConventionSetting& setting = Append(*description.mutable_settings());
    setting.set_name(name);
    setting.set_value(std::string(value));
  };
  add("kernel", compute::Name(compute::KernelMode::kCrossCorrelation));
  add("padding", compute::Name(compute::PaddingMode::kValid));
  add("padding_source", compute::Name(compute::PaddingSource::kZero));
  add("dilation", "1");
  add("convolution_input_layout", ConvolutionLayouts(defaults.channels_first));
  add("pooling_input_layout", Layouts(compute::Layout::Role::kActivation, defaults.channels_first));
  add("filter_layout", Layouts(compute::Layout::Role::kFilter, defaults.channels_first));
  add("transposed_filter_layout",
      Layouts(compute::Layout::Role::kFilter, defaults.channels_first, defaults.transposed_swaps_channels));
  add("pooling_stride", defaults.stride_is_window ? "WINDOW" : "1");
  add("length_rule", compute::Name(defaults.length_rule));
  add("average_divisor", defaults.average_divisor.has_value() ? compute::Name(*defaults.average_divisor) : "REFUSED");
  add("tie_rule", compute::Name(defaults.tie_rule));
  add("nan_rule", compute::Name(defaults.nan_rule));
  add("index_base", compute::Name(defaults.index_base));
  add("empty_window", compute::Name(defaults.empty_window));
  add("padding_limit", compute::Name(compute::PaddingLimit::kNone));
  add("window_mode", compute::Name(compute::WindowMode::kExplicit));
  add("index_range", compute::Name(compute::IndexRange::kPlane));
  add("lp_exponent", Shortest(defaults.lp_exponent));
  add("hard_sigmoid_slope", Shortest(defaults.hard_sigmoid_slope));
  add("hard_sigmoid_offset", Shortest(defaults.hard_sigmoid_offset));
  add("leaky_relu_slope", Shortest(defaults.leaky_relu_slope));
  add("elu_alpha", "1");
  add("gelu_form", "EXACT");
  add("softplus_beta", "1");
  add("celu_alpha", "1");
  add("thresholded_relu_alpha", "1");
  add("hard_tanh_minimum", "-1");
  add("hard_tanh_maximum", "1");
  add("softmax_axis", defaults.softmax_axis.has_value() ? absl::StrCat(*defaults.softmax_axis) : "REFUSED");
  // KinkSlope's default, which depends on the function alone.
  add("kink_slope", "LEFT");
  add("hard_kink_slope", "SATURATED");
  add("slope_match", compute::Name(defaults.slope_match));
}

}  // namespace

absl::StatusOr<PreparedCall<v1::GetServerInfoResponse>> PrepareGetServerInfo(const v1::GetServerInfoRequest& request,
                                                                             const PrepareOptions& options) {
  PreparedCall<v1::GetServerInfoResponse> call;
  call.run = [&settings = *options.settings, source = options.state, include_state = request.include_state()](
                 const compute::ExecutionContext&) -> absl::StatusOr<v1::GetServerInfoResponse> {
    v1::GetServerInfoResponse response;
    if (include_state && source != nullptr) *response.mutable_state() = EncodeState(source->state());
    response.set_version(Version());
    AddLimits(settings, source == nullptr ? settings.client_limits : source->client_limits(),
              *response.mutable_limits());
    for (const compute::DataType type : compute::kAllDataTypes) response.add_compute_types(Encode(type));
    const google::protobuf::DescriptorPool& pool = *v1::GetServerInfoRequest::descriptor()->file()->pool();
    for (const std::string& service : ServiceNames()) AddMethods(*pool.FindServiceByName(service), response);
    for (const compute::Profile profile : compute::kAllProfiles) AddProfile(profile, response);
    return response;
  };
  return call;
}

}  // namespace tensord::server
