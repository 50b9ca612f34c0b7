#include "tests/allocation/answer.h"

#include <exception>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/convert/activation_convert.h"
#include "server/convert/analysis_convert.h"
#include "server/convert/convolution_convert.h"
#include "server/convert/pooling_convert.h"
#include "server/convert/server_info_convert.h"
#include "server/convert/unpooling_convert.h"
#include "server/rpc/guarded.h"
#include "server/rpc/typed_message.h"
#include "server/services/stream_message.h"
#include "tensord/compute/status_macros.h"
#include "tensord/v1/stream.pb.h"
#include "tests/contract/requests.h"

namespace tensord::allocation {
namespace {

using server::PreparedCall;
using server::PrepareOptions;

PrepareOptions Options() {
  static const server::Settings settings;
  return {.limits = {}, .thread_count = 4, .settings = &settings};
}

template <typename Request, typename Response>
Rpc RpcOf(absl::StatusOr<PreparedCall<Response>> (*prepare)(const Request&, const PrepareOptions&)) {
  return [prepare](const grpc::ByteBuffer& bytes, compute::Executor& executor, grpc::ByteBuffer& response) {
    return server::Guard("answering the request", [&]() -> absl::Status {
      Request request;
      TENSORD_RETURN_IF_ERROR(server::DecodeMessage(bytes, request));
      TENSORD_ASSIGN_OR_RETURN(PreparedCall<Response> call, prepare(request, Options()));
      server::AttachedTensors attached;
      TENSORD_ASSIGN_OR_RETURN(Response answer, call.run({{.executor = &executor}, &attached}));
      return server::EncodeMessage(answer, attached, response);
    });
  };
}

// An operation of a stream, whose errors are answers too.
Rpc StreamRpc() {
  return [](const grpc::ByteBuffer& bytes, compute::Executor& executor, grpc::ByteBuffer& response) {
    return server::Guard("answering the request", [&]() -> absl::Status {
      const std::unique_ptr<server::StreamedMessage> message = server::MakeStreamMessage(0);
      absl::Status status = message->Prepare(bytes, Options());
      if (status.ok()) status = message->Run({.executor = &executor}, response);
      if (!status.ok()) TENSORD_RETURN_IF_ERROR(message->EncodeError(status, response));
      return status;
    });
  };
}

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

struct Rpcs {
  Rpc convolve = RpcOf(&server::PrepareConvolve);
  Rpc convolve_backward = RpcOf(&server::PrepareConvolveBackward);
  Rpc convolve_transpose = RpcOf(&server::PrepareConvolveTranspose);
  Rpc convolve_transpose_backward = RpcOf(&server::PrepareConvolveTransposeBackward);
  Rpc pool = RpcOf(&server::PreparePool);
  Rpc pool_backward = RpcOf(&server::PreparePoolBackward);
  Rpc unpool = RpcOf(&server::PrepareUnpool);
  Rpc unpool_backward = RpcOf(&server::PrepareUnpoolBackward);
  Rpc activate = RpcOf(&server::PrepareActivate);
  Rpc activate_backward = RpcOf(&server::PrepareActivateBackward);
  Rpc analyze_layer = RpcOf(&server::PrepareAnalyzeLayer);
  Rpc describe_dataset = RpcOf(&server::PrepareDescribeDataset);
  Rpc stream = StreamRpc();
  Rpc get_server_info = RpcOf(&server::PrepareGetServerInfo);
};

class CaseList {
 public:
  void Add(const std::string& name, const Rpc& rpc, const google::protobuf::Message& request) {
    AddBytes(name, rpc, request.SerializeAsString());
  }
  void AddBytes(const std::string& name, const Rpc& rpc, const std::string& bytes) {
    cases_.push_back({name, rpc, ToBuffer(bytes)});
  }
  std::vector<Case> Take() { return std::move(cases_); }

 private:
  std::vector<Case> cases_;
};

// AnalyzeModel and GradingService are not among them: their messages have maps, and protobuf 3.21's map does not
// survive an allocation that fails inside it. docs/adr/0028-grading.md.
void AddGood(const Rpcs& rpcs, CaseList& list) {
  list.Add("Convolve", rpcs.convolve, contract::GoodConvolve());
  list.Add("ConvolveBackward", rpcs.convolve_backward, contract::GoodConvolveBackward());
  list.Add("ConvolveTranspose", rpcs.convolve_transpose, contract::GoodConvolveTranspose());
  list.Add("ConvolveTransposeBackward", rpcs.convolve_transpose_backward, contract::GoodConvolveTransposeBackward());
  list.Add("Pool", rpcs.pool, contract::GoodPool());
  list.Add("PoolBackward", rpcs.pool_backward, contract::GoodPoolBackward());
  list.Add("Unpool", rpcs.unpool, contract::GoodUnpool());
  list.Add("UnpoolBackward", rpcs.unpool_backward, contract::GoodUnpoolBackward());
  list.Add("Activate", rpcs.activate, contract::GoodActivate());
  list.Add("ActivateBackward", rpcs.activate_backward, contract::GoodActivateBackward());
  list.Add("PreluBackward", rpcs.activate_backward, contract::GoodPreluBackward());
  list.Add("Softmax", rpcs.activate, contract::GoodSoftmax());
  list.Add("AnalyzeConvolution", rpcs.analyze_layer, contract::GoodAnalyzeConvolution());
  list.Add("AnalyzeTransposed", rpcs.analyze_layer, contract::GoodAnalyzeTransposed());
  list.Add("AnalyzePooling", rpcs.analyze_layer, contract::GoodAnalyzePooling());
  list.Add("DescribeDataset", rpcs.describe_dataset, contract::GoodDescribeDataset());
  v1::StreamComputeRequest streamed;
  *streamed.mutable_pool() = contract::GoodPool();
  list.Add("StreamedPool", rpcs.stream, streamed);
  list.Add("GetServerInfo", rpcs.get_server_info, v1::GetServerInfoRequest());
}

// Large enough for every kernel to take scratch memory, and for loops of several pieces.
void AddLarge(const Rpcs& rpcs, CaseList& list) {
  v1::ConvolveRequest convolve;
  *convolve.mutable_input() = contract::Ramp({2, 40, 40, 8});
  *convolve.mutable_filter() = contract::Ramp({3, 3, 8, 24});
  *convolve.mutable_bias() = contract::Ramp({24});
  convolve.mutable_activation()->set_kind(v1::ACTIVATION_KIND_GELU);
  convolve.mutable_conventions()->mutable_padding()->set_mode(v1::PADDING_MODE_SAME_UPPER);
  list.Add("LargeConvolve", rpcs.convolve, convolve);

  v1::ConvolveBackwardRequest backward = contract::GoodConvolveBackward();
  *backward.mutable_input() = convolve.input();
  *backward.mutable_filter() = convolve.filter();
  *backward.mutable_bias() = convolve.bias();
  *backward.mutable_conventions() = convolve.conventions();
  *backward.mutable_output_gradient() = contract::Ramp({2, 40, 40, 24});
  list.Add("LargeConvolveBackward", rpcs.convolve_backward, backward);

  // The same with a padded copy of the input, and of its gradient.
  convolve.mutable_conventions()->mutable_padding()->set_source(v1::PADDING_SOURCE_REFLECT);
  list.Add("ReflectingConvolve", rpcs.convolve, convolve);
  *backward.mutable_conventions() = convolve.conventions();
  list.Add("ReflectingConvolveBackward", rpcs.convolve_backward, backward);

  v1::ConvolveTransposeRequest transpose = contract::GoodConvolveTranspose();
  *transpose.mutable_input() = convolve.input();
  *transpose.mutable_filter() = convolve.filter();
  *transpose.mutable_bias() = convolve.bias();
  list.Add("LargeConvolveTranspose", rpcs.convolve_transpose, transpose);

  v1::ConvolveTransposeBackwardRequest transpose_backward = contract::GoodConvolveTransposeBackward();
  *transpose_backward.mutable_input() = convolve.input();
  *transpose_backward.mutable_filter() = convolve.filter();
  *transpose_backward.mutable_bias() = convolve.bias();
  *transpose_backward.mutable_output_gradient() = contract::Ramp({2, 82, 82, 24});
  list.Add("LargeConvolveTransposeBackward", rpcs.convolve_transpose_backward, transpose_backward);

  v1::PoolRequest pool = contract::GoodPool();
  *pool.mutable_input() = convolve.input();
  list.Add("LargePool", rpcs.pool, pool);

  v1::PoolBackwardRequest pool_backward = contract::GoodPoolBackward();
  *pool_backward.mutable_input() = convolve.input();
  *pool_backward.mutable_output_gradient() = contract::Ramp({2, 20, 20, 8});
  list.Add("LargePoolBackward", rpcs.pool_backward, pool_backward);

  v1::ActivateBackwardRequest activate = contract::GoodActivateBackward();
  *activate.mutable_input() = convolve.input();
  *activate.mutable_output_gradient() = convolve.input();
  list.Add("LargeActivateBackward", rpcs.activate_backward, activate);
  activate.mutable_activation()->set_kind(v1::ACTIVATION_KIND_SOFTMAX);
  activate.mutable_activation()->set_axis("H");
  list.Add("LargeSoftmaxBackward", rpcs.activate_backward, activate);

  // One slope, so that its gradient's sum is made in pieces.
  v1::ActivateBackwardRequest prelu = contract::GoodPreluBackward();
  *prelu.mutable_input() = contract::Ramp({2, 200, 200, 2});
  *prelu.mutable_output_gradient() = prelu.input();
  *prelu.mutable_slope() = contract::Ramp({1});
  list.Add("LargePreluBackward", rpcs.activate_backward, prelu);
}

// Exact sums with bounds and hashes, integers with scales, and what is wrong with those.
void AddNumbers(const Rpcs& rpcs, CaseList& list) {
  v1::ConvolveRequest exact = contract::GoodConvolve();
  exact.mutable_activation()->set_kind(v1::ACTIVATION_KIND_RELU);
  exact.set_accumulation(v1::ACCUMULATION_EXACT);
  exact.set_return_error_bounds(true);
  list.Add("ExactConvolve", rpcs.convolve, exact);

  v1::ConvolveBackwardRequest faithful = contract::GoodConvolveBackward();
  faithful.clear_activation();
  faithful.mutable_gradients()->RemoveLast();
  faithful.set_accumulation(v1::ACCUMULATION_FAITHFUL);
  faithful.set_return_error_bounds(true);
  list.Add("FaithfulConvolveBackward", rpcs.convolve_backward, faithful);

  v1::ConvolveRequest quantized;
  *quantized.mutable_input() = contract::Integers(v1::DATA_TYPE_UINT8, {5}, {1, 2, 3, 4, 5});
  *quantized.mutable_filter() = contract::Integers(v1::DATA_TYPE_INT8, {2}, {1, -2});
  quantized.mutable_quantization()->set_input_scale(1);
  quantized.mutable_quantization()->add_filter_scales(0.5F);
  quantized.mutable_quantization()->set_output_scale(0.25F);
  list.Add("QuantizedConvolve", rpcs.convolve, quantized);
  quantized.mutable_quantization()->set_output_scale(-1);
  quantized.mutable_quantization()->set_input_zero_point(-1);
  list.Add("BadlyQuantizedConvolve", rpcs.convolve, quantized);

  v1::ConvolveRequest overflowing;
  *overflowing.mutable_input() = contract::Integers(v1::DATA_TYPE_INT32, {2}, {1, 1 << 30});
  *overflowing.mutable_filter() = contract::Integers(v1::DATA_TYPE_INT32, {1}, {1 << 30});
  list.Add("OverflowingConvolve", rpcs.convolve, overflowing);

  v1::PoolRequest average;
  average.set_kind(v1::POOLING_KIND_AVERAGE);
  *average.mutable_input() = contract::Integers(v1::DATA_TYPE_INT8, {5}, {1, 2, 3, 4, 5});
  average.mutable_conventions()->add_window(2);
  average.set_output_type(v1::DATA_TYPE_FLOAT16);
  average.set_accumulation(v1::ACCUMULATION_EXACT);
  average.set_return_error_bounds(true);
  list.Add("AverageOfIntegers", rpcs.pool, average);
}

// Elements as numbers instead of bytes; refusals, which take memory too.
void AddOther(const Rpcs& rpcs, CaseList& list) {
  v1::ConvolveRequest typed = contract::GoodConvolve();
  for (v1::Tensor* tensor : {typed.mutable_input(), typed.mutable_filter(), typed.mutable_bias()}) {
    const std::vector<double> values = contract::Values(*tensor);
    *tensor->mutable_doubles()->mutable_values() = {values.begin(), values.end()};
    tensor->set_data_type(v1::DATA_TYPE_FLOAT64);
  }
  list.Add("TypedConvolve", rpcs.convolve, typed);

  AddNumbers(rpcs, list);
  v1::PoolBackwardRequest ties = contract::GoodPoolBackward();
  ties.mutable_conventions()->set_tie_rule(v1::TIE_RULE_SPLIT);
  list.Add("PoolBackwardOfTies", rpcs.pool_backward, ties);
  v1::PoolRequest norms = contract::GoodPool();
  norms.set_kind(v1::POOLING_KIND_LP);
  norms.set_return_indices(false);
  list.Add("PoolOfNorms", rpcs.pool, norms);
  v1::UnpoolRequest wrong = contract::GoodUnpool();
  wrong.mutable_indices()->mutable_data()->assign(wrong.indices().data().size(), '\x7f');
  list.Add("UnpoolOfWrongIndices", rpcs.unpool, wrong);

  v1::ConvolveRequest bad = contract::GoodConvolve();
  for (int i = 0; i < 30; ++i) bad.mutable_conventions()->add_strides(-1);
  bad.mutable_conventions()->set_groups(-7);
  bad.mutable_input()->set_axes("NHWCX");
  bad.mutable_activation()->set_slope(2);
  list.Add("BadConvolve", rpcs.convolve, bad);
  list.AddBytes("MalformedPool", rpcs.pool, "\xff\xff\xff");

  v1::ConvolveRequest too_much = contract::GoodConvolve();
  for (int i = 0; i < 2; ++i) {
    too_much.mutable_conventions()->mutable_padding()->add_begin(1 << 20);
    too_much.mutable_conventions()->mutable_padding()->add_end(1 << 20);
  }
  list.Add("TooLargeConvolve", rpcs.convolve, too_much);
}

}  // namespace

void PieceWatcher::ParallelFor(int64_t count, absl::FunctionRef<void(int64_t)> body) {
  for (int64_t i = 0; i < count; ++i) {
    try {
      body(i);
    } catch (...) {
      threw_ = true;
    }
  }
}

std::vector<Case> Cases() {
  const Rpcs rpcs;
  CaseList list;
  AddGood(rpcs, list);
  AddLarge(rpcs, list);
  AddOther(rpcs, list);
  return list.Take();
}

std::string ToString(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) return "";
  std::string text;
  for (const grpc::Slice& slice : slices) {
    absl::StrAppend(&text, absl::string_view(reinterpret_cast<const char*>(slice.begin()), slice.size()));
  }
  return text;
}

}  // namespace tensord::allocation
