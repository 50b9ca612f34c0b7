#include "client/load/mix.h"

#include <grpcpp/support/slice.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numeric>
#include <random>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/pooling.pb.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::load {
namespace {

constexpr int kOrderLength = 10000;

constexpr const char* kConvolve = "/tensord.v1.TensorService/Convolve";
constexpr const char* kConvolveBackward = "/tensord.v1.TensorService/ConvolveBackward";
constexpr const char* kPool = "/tensord.v1.TensorService/Pool";
constexpr const char* kAnalyzeLayer = "/tensord.v1.AnalysisService/AnalyzeLayer";
constexpr const char* kDescribeDataset = "/tensord.v1.AnalysisService/DescribeDataset";

// float32 as bytes, values in -1..1 that are always the same.
v1::Tensor MakeTensor(std::initializer_list<int64_t> shape) {
  v1::Tensor tensor;
  tensor.set_data_type(v1::DATA_TYPE_FLOAT32);
  int64_t count = 1;
  for (const int64_t size : shape) {
    tensor.add_shape(size);
    count *= size;
  }
  std::mt19937 random(static_cast<uint32_t>(count));
  std::vector<float> values(static_cast<size_t>(count));
  // Whole 256ths: no sum of the mix is near a denormal number.
  for (float& value : values) value = static_cast<float>(static_cast<int>(random() % 513) - 256) / 256.0f;
  tensor.set_data(values.data(), values.size() * sizeof(float));
  return tensor;
}

v1::ConvolveRequest SmallConvolution() {
  v1::ConvolveRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_PYTORCH);
  *request.mutable_input() = MakeTensor({1, 3, 32, 32});
  *request.mutable_filter() = MakeTensor({16, 3, 3, 3});
  return request;
}

// Much work for its bytes, so that the transport is not what is measured: one channel of 64x64, a filter of 41x41.
v1::ConvolveRequest HeavyConvolution() {
  v1::ConvolveRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_PYTORCH);
  *request.mutable_input() = MakeTensor({1, 1, 64, 64});
  *request.mutable_filter() = MakeTensor({1, 1, 41, 41});
  request.mutable_conventions()->mutable_padding()->set_mode(v1::PADDING_MODE_SAME_UPPER);
  return request;
}

v1::ConvolveBackwardRequest SmallBackward() {
  v1::ConvolveBackwardRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_PYTORCH);
  *request.mutable_input() = MakeTensor({1, 3, 32, 32});
  *request.mutable_filter() = MakeTensor({16, 3, 3, 3});
  *request.mutable_output_gradient() = MakeTensor({1, 16, 30, 30});
  request.add_gradients(v1::CONVOLUTION_GRADIENT_INPUT);
  request.add_gradients(v1::CONVOLUTION_GRADIENT_FILTER);
  return request;
}

v1::PoolRequest SmallPool(v1::PoolingKind kind) {
  v1::PoolRequest request;
  request.set_kind(kind);
  request.set_profile(v1::CONVENTION_PROFILE_PYTORCH);
  *request.mutable_input() = MakeTensor({1, 16, 30, 30});
  request.mutable_conventions()->add_window(2);
  request.mutable_conventions()->add_strides(2);
  return request;
}

v1::AnalyzeLayerRequest Layer() {
  v1::AnalyzeLayerRequest request;
  v1::ConvolutionLayer* layer = request.mutable_convolution();
  layer->add_input_shape()->set_symbol("N");
  for (const int64_t size : {48, 64, 10}) layer->add_input_shape()->set_value(size);
  for (const int64_t size : {3, 3, 10, 20}) layer->add_filter_shape()->set_value(size);
  return request;
}

v1::DescribeDatasetRequest Dataset() {
  v1::DescribeDatasetRequest request;
  request.set_data_type(v1::DATA_TYPE_UINT8);
  const std::pair<const char*, int64_t> axes[] = {{"image", 1000}, {"colour", 3}, {"height", 256}, {"width", 256}};
  for (const auto& [name, size] : axes) {
    v1::DatasetAxis* axis = request.add_axes();
    axis->set_name(name);
    axis->mutable_size()->set_value(size);
  }
  return request;
}

Kind Good(const char* name, const char* method, double weight, const google::protobuf::Message& request) {
  return {.name = name, .method = method, .request = ToBuffer(request), .weight = weight, .expected = {"OK"}};
}

std::vector<Kind> Standard() {
  return {Good("convolve", kConvolve, 70, SmallConvolution()),
          Good("convolve-backward", kConvolveBackward, 15, SmallBackward()),
          Good("pool-max", kPool, 5, SmallPool(v1::POOLING_KIND_MAX)),
          Good("pool-average", kPool, 5, SmallPool(v1::POOLING_KIND_AVERAGE)),
          Good("analyze-layer", kAnalyzeLayer, 3, Layer()),
          Good("describe-dataset", kDescribeDataset, 2, Dataset())};
}

double TotalWeight(const std::vector<Kind>& kinds) {
  return std::accumulate(kinds.begin(), kinds.end(), 0.0,
                         [](double sum, const Kind& kind) { return sum + kind.weight; });
}

// Adds the kind, or its weight where it is there.
void AddKind(Kind kind, std::vector<Kind>& kinds) {
  for (Kind& known : kinds) {
    if (known.name != kind.name) continue;
    known.weight += kind.weight;
    return;
  }
  kinds.push_back(std::move(kind));
}

std::vector<Kind> Heavy() { return {Good("heavy-convolve", kConvolve, 100, HeavyConvolution())}; }

}  // namespace

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer ToBuffer(const google::protobuf::Message& message) { return ToBuffer(message.SerializeAsString()); }

std::vector<std::string> MixNames() { return {"standard", "heavy"}; }

std::vector<std::string> KindNames() {
  std::vector<std::string> names;
  for (const std::vector<Kind>& kinds : {Standard(), Heavy()}) {
    for (const Kind& kind : kinds) names.push_back(kind.name);
  }
  return names;
}

absl::StatusOr<std::vector<Kind>> GoodKinds(absl::string_view mix) {
  if (mix == "standard") return Standard();
  if (mix == "heavy") return Heavy();
  for (const std::vector<Kind>& kinds : {Standard(), Heavy()}) {
    for (const Kind& kind : kinds) {
      if (kind.name == mix) return std::vector<Kind>{kind};
    }
  }
  return absl::InvalidArgumentError(absl::StrCat("mix: was \"", mix, "\", has to be one of ",
                                                 absl::StrJoin(MixNames(), ", "), ", ",
                                                 absl::StrJoin(KindNames(), ", ")));
}

absl::StatusOr<std::vector<Kind>> ParseMix(absl::string_view text) {
  std::vector<Kind> mix;
  std::set<std::string> seen;
  double whole = 0;
  for (const absl::string_view item : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(item, absl::MaxSplits('=', 1));
    double weight = 1;
    const bool has_weight = parts.first.size() < item.size();
    if (has_weight && (!absl::SimpleAtod(parts.second, &weight) || !std::isfinite(weight) || weight <= 0)) {
      return absl::InvalidArgumentError(absl::StrCat("'", item, "' has no weight above 0"));
    }
    absl::StatusOr<std::vector<Kind>> kinds = GoodKinds(parts.first);
    if (!kinds.ok()) return absl::InvalidArgumentError(absl::StrCat("'", parts.first, "' is no kind of call"));
    if (!seen.emplace(parts.first).second) {
      return absl::InvalidArgumentError(absl::StrCat("'", parts.first, "' is given twice"));
    }
    const double own = TotalWeight(*kinds);
    for (Kind& kind : *kinds) {
      kind.weight *= weight / own;
      AddKind(std::move(kind), mix);
    }
    whole += weight;
  }
  for (const Kind& kind : mix) {
    if (kind.weight * kOrderLength < whole) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", kind.name, "' would be less than one call in ", kOrderLength));
    }
  }
  return mix;
}

std::vector<uint16_t> MakeOrder(const std::vector<Kind>& kinds, uint64_t seed) {
  const double total = TotalWeight(kinds);
  std::vector<uint16_t> order;
  double until = 0;
  for (size_t i = 0; i < kinds.size(); ++i) {
    until += kinds[i].weight;
    const double end = std::round(until / total * kOrderLength);
    while (static_cast<double>(order.size()) < end) order.push_back(static_cast<uint16_t>(i));
  }
  std::shuffle(order.begin(), order.end(), std::mt19937_64(seed));
  return order;
}

}  // namespace tensord::load
