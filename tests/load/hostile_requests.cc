// Requests that have to be refused. Each is cheap to send; what it asks for is not cheap to give.
#include "tests/load/hostile_requests.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/pooling.pb.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::load {
namespace {

constexpr const char* kConvolve = "/tensord.v1.TensorService/Convolve";
constexpr const char* kPool = "/tensord.v1.TensorService/Pool";
constexpr const char* kAnalyzeLayer = "/tensord.v1.AnalysisService/AnalyzeLayer";
constexpr const char* kInvalid = "INVALID_ARGUMENT INVALID_REQUEST";

v1::Tensor Zeros(v1::DataType type, std::initializer_list<int64_t> shape, size_t bytes) {
  v1::Tensor tensor;
  tensor.set_data_type(type);
  for (const int64_t size : shape) tensor.add_shape(size);
  tensor.set_data(std::string(bytes, '\0'));
  return tensor;
}

// A convolution that would be right: 1x1x8x8 with 1x1x3x3.
v1::ConvolveRequest Right() {
  v1::ConvolveRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_PYTORCH);
  *request.mutable_input() = Zeros(v1::DATA_TYPE_FLOAT32, {1, 1, 8, 8}, 256);
  *request.mutable_filter() = Zeros(v1::DATA_TYPE_FLOAT32, {1, 1, 3, 3}, 36);
  return request;
}

void Pad(v1::ConvolveRequest& request, int64_t cells) {
  v1::Padding* padding = request.mutable_conventions()->mutable_padding();
  padding->set_mode(v1::PADDING_MODE_EXPLICIT);
  padding->add_begin(cells);
  padding->add_end(cells);
}

Kind Hostile(const char* name, const char* method, grpc::ByteBuffer request, std::vector<std::string> expected) {
  return {.name = name,
          .method = method,
          .request = std::move(request),
          .weight = 1,
          .hostile = true,
          .expected = std::move(expected)};
}

Kind HostileConvolution(const char* name, const char* expected, void (*spoil)(v1::ConvolveRequest&)) {
  v1::ConvolveRequest request = Right();
  spoil(request);
  return Hostile(name, kConvolve, ToBuffer(request), {expected});
}

// 64 Ki empty sub-messages: two bytes each on the wire, some eighty when decoded.
grpc::ByteBuffer Amplifier() {
  v1::ConvolutionLayer layer;
  for (int i = 0; i < 64 << 10; ++i) layer.add_input_shape();
  v1::AnalyzeLayerRequest request;
  *request.mutable_convolution() = std::move(layer);
  return ToBuffer(request);
}

std::vector<Kind> WrongFields() {
  return {
      HostileConvolution("zero-stride", kInvalid, [](auto& request) { request.mutable_conventions()->add_strides(0); }),
      HostileConvolution("negative-dilation", kInvalid,
                         [](auto& request) { request.mutable_conventions()->add_dilations(-(int64_t{1} << 32)); }),
      HostileConvolution("channels-differ", kInvalid,
                         [](auto& request) {
                           *request.mutable_filter() = Zeros(v1::DATA_TYPE_FLOAT32, {1, 2, 3, 3}, 72);
                         }),
      HostileConvolution("payload-too-short", kInvalid,
                         [](auto& request) { request.mutable_input()->set_data("short"); }),
      HostileConvolution("product-wraps", kInvalid,
                         [](auto& request) {
                           // 2^64 elements are 0 bytes to who does not look.
                           constexpr int64_t kSize = int64_t{1} << 16;
                           *request.mutable_input() = Zeros(v1::DATA_TYPE_FLOAT32, {kSize, kSize, kSize, kSize}, 0);
                         }),
      HostileConvolution(
          "layout-with-line-break", kInvalid,
          [](auto& request) { request.mutable_conventions()->set_input_layout("NCHW\n{\"level\":\"error\"} %s%n"); }),
      HostileConvolution("types-differ", kInvalid,
                         [](auto& request) {
                           *request.mutable_input() = Zeros(v1::DATA_TYPE_INT8, {1, 1, 8, 8}, 64);
                         }),
  };
}

std::vector<Kind> TooMuch() {
  return {
      HostileConvolution("answer-too-large", "RESOURCE_EXHAUSTED TENSOR_TOO_LARGE",
                         [](auto& request) { Pad(request, int64_t{1} << 20); }),
      HostileConvolution("work-too-large", "RESOURCE_EXHAUSTED WORK_TOO_LARGE",
                         [](auto& request) {
                           // 144 KiB that ask for 1.6e12 multiplications, with an answer that is just small enough.
                           *request.mutable_input() = Zeros(v1::DATA_TYPE_FLOAT32, {1, 1, 1, 1}, 4);
                           *request.mutable_filter() = Zeros(v1::DATA_TYPE_FLOAT32, {1, 1, 192, 192}, 4 * 192 * 192);
                           Pad(request, 3400);
                         }),
      Hostile("wire-amplifier", kAnalyzeLayer, Amplifier(),
              {kInvalid, "RESOURCE_EXHAUSTED TENSOR_TOO_LARGE", "RESOURCE_EXHAUSTED MESSAGE_TOO_LARGE",
               "RESOURCE_EXHAUSTED OVERLOADED"}),
  };
}

std::vector<Kind> NoMessages() {
  constexpr const char* kMalformed = "INVALID_ARGUMENT MALFORMED_MESSAGE";
  const std::string whole = Right().SerializeAsString();
  return {
      Hostile("cut-short", kConvolve, ToBuffer(whole.substr(0, whole.size() - 3)), {kMalformed}),
      // A field of 1 GiB of which twelve bytes follow.
      Hostile("length-lies", kPool, ToBuffer(std::string("\x12\x80\x80\x80\x80\x04", 6) + std::string(12, 'x')),
              {kMalformed}),
      Hostile("no-such-method", "/tensord.v1.TensorService/NoSuchMethod", ToBuffer(whole), {"UNIMPLEMENTED"}),
  };
}

}  // namespace

std::vector<Kind> HostileKinds() {
  std::vector<Kind> kinds = WrongFields();
  for (std::vector<Kind>& more : std::vector<std::vector<Kind>>{TooMuch(), NoMessages()}) {
    for (Kind& kind : more) kinds.push_back(std::move(kind));
  }
  return kinds;
}

absl::StatusOr<std::vector<Kind>> MakeMix(absl::string_view mix, double hostile_percent) {
  absl::StatusOr<std::vector<Kind>> kinds = GoodKinds(mix);
  if (!kinds.ok() || hostile_percent <= 0) return kinds;
  double total = 0;
  for (const Kind& kind : *kinds) total += kind.weight;
  for (Kind& kind : *kinds) kind.weight *= (100 - hostile_percent) / total;
  std::vector<Kind> hostile = HostileKinds();
  for (Kind& kind : hostile) {
    kind.weight = hostile_percent / static_cast<double>(hostile.size());
    kinds->push_back(std::move(kind));
  }
  return kinds;
}

}  // namespace tensord::load
