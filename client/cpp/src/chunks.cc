#include "tensord/client/chunks.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tensord/client/errors.h"

namespace tensord::client {
namespace {

// One per operation: its place in the stream's messages, what of a request travels with every chunk, and what of an
// answer there is for every sample.
struct Convolution {
  using Request = v1::ConvolveRequest;
  using Response = v1::ConvolveResponse;
  static Request* Place(v1::StreamComputeRequest& request) { return request.mutable_convolve(); }
  static Response* Place(v1::StreamComputeResponse& response) {
    return response.has_convolve() ? response.mutable_convolve() : nullptr;
  }
};

struct Transposed {
  using Request = v1::ConvolveTransposeRequest;
  using Response = v1::ConvolveTransposeResponse;
  static Request* Place(v1::StreamComputeRequest& request) { return request.mutable_convolve_transpose(); }
  static Response* Place(v1::StreamComputeResponse& response) {
    return response.has_convolve_transpose() ? response.mutable_convolve_transpose() : nullptr;
  }
};

struct Pooling {
  using Request = v1::PoolRequest;
  using Response = v1::PoolResponse;
  static Request* Place(v1::StreamComputeRequest& request) { return request.mutable_pool(); }
  static Response* Place(v1::StreamComputeResponse& response) {
    return response.has_pool() ? response.mutable_pool() : nullptr;
  }
};

template <typename Request>
int64_t CompanionBytes(const Request& request) {
  return static_cast<int64_t>(request.filter().ByteSizeLong() + request.bias().ByteSizeLong());
}
int64_t CompanionBytes(const v1::PoolRequest& /*request*/) { return 0; }

template <typename Response>
std::vector<v1::Tensor*> TensorsOf(Response& response) {
  std::vector<v1::Tensor*> tensors = {response.mutable_output()};
  if (response.has_error_bounds()) {
    tensors.push_back(response.mutable_error_bounds()->mutable_computed());
    tensors.push_back(response.mutable_error_bounds()->mutable_any_order());
  }
  return tensors;
}

// Indices are counted from the chunk's first sample: those that count samples at all are moved to the batch's.
template <typename Response>
void MoveIndices(Response& /*response*/, int64_t /*first_sample*/, int64_t /*sample_elements*/) {}
void MoveIndices(v1::PoolResponse& response, int64_t first_sample, int64_t sample_elements) {
  const v1::IndexBase base = response.conventions().index_base();
  if (!response.has_indices() || base == v1::INDEX_BASE_PLANE || base == v1::INDEX_BASE_LAYOUT_PER_SAMPLE) {
    return;
  }
  std::string& data = *response.mutable_indices()->mutable_data();
  for (size_t at = 0; at + sizeof(int64_t) <= data.size(); at += sizeof(int64_t)) {
    int64_t index = 0;
    std::memcpy(&index, &data[at], sizeof(index));
    if (index < 0) continue;  // a window without any element
    index += first_sample * sample_elements;
    std::memcpy(&data[at], &index, sizeof(index));
  }
}
std::vector<v1::Tensor*> TensorsOf(v1::PoolResponse& response) {
  std::vector<v1::Tensor*> tensors = TensorsOf<v1::PoolResponse>(response);
  if (response.has_indices()) tensors.push_back(response.mutable_indices());
  return tensors;
}

absl::Status NoBatch(absl::string_view layout) {
  return absl::InvalidArgumentError(absl::StrCat("input: its first axis is not the batch, N, but its layout is ",
                                                 layout,
                                                 "; send it as one message, or with the batch first (input_layout)"));
}

// One batch on its way.
template <typename Operation>
class ChunkedCall {
 public:
  using Request = typename Operation::Request;
  using Response = typename Operation::Response;

  ChunkedCall(Request request, const ChunkOptions& options) : request_(std::move(request)) {
    v1::Tensor& input = *request_.mutable_input();
    data_ = std::move(*input.mutable_data());
    input.clear_data();
    samples_ = input.shape(0);
    sample_bytes_ = static_cast<int64_t>(data_.size()) / samples_;
    for (int axis = 1; axis < input.shape_size(); ++axis) sample_elements_ *= input.shape(axis);
    const int64_t bytes = std::max(options.chunk_bytes, CompanionBytes(request_));
    chunk_samples_ = std::clamp<int64_t>(sample_bytes_ == 0 ? samples_ : bytes / sample_bytes_, 1, samples_);
  }

  // Whether there is something to split, and it can be: what is wrong is for the server to say.
  static bool CanSplit(const Request& request) {
    const v1::Tensor& input = request.input();
    if (input.shape_size() == 0 || input.shape(0) < 2) return false;
    int64_t elements = 1;
    for (const int64_t size : input.shape()) {
      if (size < 1 || __builtin_mul_overflow(elements, size, &elements)) return false;
    }
    const auto bytes = static_cast<int64_t>(input.data().size());
    return bytes > 0 && bytes % elements == 0;
  }

  absl::StatusOr<Response> Run(ClientInterface& client, const StreamOptions& options) {
    const std::unique_ptr<ComputeStream> stream =
        client.StreamCompute(options, [this](v1::StreamComputeResponse answer) { Take(std::move(answer)); });
    absl::Status sent;
    for (int64_t first = 0; first < samples_ && sent.ok() && !failed_; first += chunk_samples_) {
      v1::StreamComputeRequest message;
      Request& chunk = *Operation::Place(message);
      chunk = request_;
      const int64_t count = SamplesFrom(first);
      chunk.mutable_input()->set_shape(0, count);
      chunk.mutable_input()->set_data(&data_[static_cast<size_t>(first * sample_bytes_)],
                                      static_cast<size_t>(count * sample_bytes_));
      sent = stream->Send(std::move(message));
    }
    const absl::Status end = stream->Finish();
    // No answer comes any more. An operation's error is nearer to the reason than the stream's.
    if (!errors_.empty()) return errors_.begin()->second;
    if (!sent.ok()) return sent;
    if (!end.ok()) return end;
    std::vector<v1::Tensor*> tensors = TensorsOf(*whole_);
    for (size_t i = 0; i < tensors.size(); ++i) {
      *tensors[i]->mutable_data() = std::move(parts_[i]);
      tensors[i]->set_shape(0, samples_);
    }
    return *std::move(whole_);
  }

 private:
  [[nodiscard]] int64_t SamplesFrom(int64_t first) const { return std::min(chunk_samples_, samples_ - first); }

  // On a thread of gRPC's, one at a time, and before Finish returns.
  void Take(v1::StreamComputeResponse answer) {
    const int64_t index = answer.index();
    absl::Status status;
    try {
      status = Join(answer, index * chunk_samples_);
    } catch (const std::bad_alloc&) {
      status = absl::ResourceExhaustedError("there is no memory for the output");
    }
    if (status.ok()) return;
    errors_.emplace(index, std::move(status));
    failed_ = true;
  }

  absl::Status Join(v1::StreamComputeResponse& answer, int64_t first) {
    if (answer.has_error()) return FromRpcStatus(answer.error());
    Response* const chunk = Operation::Place(answer);
    if (chunk == nullptr) return absl::InternalError("the server answered another operation than it was asked");
    const std::string& layout = chunk->conventions().input_layout();
    if (layout.empty() || absl::ascii_toupper(static_cast<unsigned char>(layout[0])) != 'N') return NoBatch(layout);
    MoveIndices(*chunk, first, sample_elements_);
    const std::vector<v1::Tensor*> tensors = TensorsOf(*chunk);
    if (parts_.empty()) parts_.resize(tensors.size());
    if (tensors.size() != parts_.size()) return absl::InternalError("the chunks' answers differ in what they hold");
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (absl::Status placed = Put(*tensors[i], first, parts_[i]); !placed.ok()) return placed;
      tensors[i]->clear_data();
    }
    if (whole_.has_value()) return absl::OkStatus();
    whole_ = std::move(*chunk);
    whole_->clear_output_sha256();
    return absl::OkStatus();
  }

  absl::Status Put(const v1::Tensor& tensor, int64_t first, std::string& whole) const {
    const int64_t count = SamplesFrom(first);
    const auto bytes = static_cast<int64_t>(tensor.data().size());
    int64_t whole_bytes = 0;
    if (tensor.shape_size() == 0 || tensor.shape(0) != count || bytes % count != 0 ||
        __builtin_mul_overflow(bytes / count, samples_, &whole_bytes) ||
        (!whole.empty() && whole_bytes != static_cast<int64_t>(whole.size()))) {
      return absl::InternalError("a chunk's answer has another size than the first one's");
    }
    whole.resize(static_cast<size_t>(whole_bytes));
    std::memcpy(&whole[static_cast<size_t>(first * (bytes / count))], tensor.data().data(), tensor.data().size());
    return absl::OkStatus();
  }

  Request request_;   // without the input's elements
  std::string data_;  // which are these
  int64_t samples_ = 0;
  int64_t sample_bytes_ = 0;
  int64_t sample_elements_ = 1;
  int64_t chunk_samples_ = 1;
  std::atomic<bool> failed_ = false;
  // Written by Take.
  std::optional<Response> whole_;           // the first answer to come, without its tensors' elements
  std::vector<std::string> parts_;          // those, of all chunks
  std::map<int64_t, absl::Status> errors_;  // by the chunk
};

// The operation as one message, on a stream of its own.
template <typename Operation>
absl::StatusOr<typename Operation::Response> RunWhole(ClientInterface& client, typename Operation::Request request,
                                                      const StreamOptions& options) {
  absl::StatusOr<typename Operation::Response> result = absl::InternalError("the server gave no answer");
  const std::unique_ptr<ComputeStream> stream =
      client.StreamCompute(options, [&result](v1::StreamComputeResponse answer) {
        typename Operation::Response* const response = Operation::Place(answer);
        if (answer.has_error()) result = FromRpcStatus(answer.error());
        if (response != nullptr) result = std::move(*response);
      });
  v1::StreamComputeRequest message;
  *Operation::Place(message) = std::move(request);
  if (absl::Status sent = stream->Send(std::move(message)); !sent.ok()) return sent;
  if (absl::Status end = stream->Finish(); !end.ok()) return end;
  return result;
}

template <typename Operation>
absl::StatusOr<typename Operation::Response> RunInChunks(ClientInterface& client, typename Operation::Request request,
                                                         const ChunkOptions& options) {
  const v1::Tensor& input = request.input();
  if (input.payload_case() == v1::Tensor::kDoubles || input.payload_case() == v1::Tensor::kIntegers) {
    return absl::InvalidArgumentError("input: only elements in `data` can be split into chunks");
  }
  const std::string& layout =
      request.conventions().has_input_layout() ? request.conventions().input_layout() : input.axes();
  if (!layout.empty() && absl::ascii_toupper(static_cast<unsigned char>(layout[0])) != 'N') return NoBatch(layout);
  if (!ChunkedCall<Operation>::CanSplit(request)) {
    return RunWhole<Operation>(client, std::move(request), options.stream);
  }
  return ChunkedCall<Operation>(std::move(request), options).Run(client, options.stream);
}

}  // namespace

absl::StatusOr<v1::ConvolveResponse> ConvolveInChunks(ClientInterface& client, v1::ConvolveRequest request,
                                                      const ChunkOptions& options) {
  return RunInChunks<Convolution>(client, std::move(request), options);
}

absl::StatusOr<v1::ConvolveTransposeResponse> ConvolveTransposeInChunks(ClientInterface& client,
                                                                        v1::ConvolveTransposeRequest request,
                                                                        const ChunkOptions& options) {
  return RunInChunks<Transposed>(client, std::move(request), options);
}

absl::StatusOr<v1::PoolResponse> PoolInChunks(ClientInterface& client, v1::PoolRequest request,
                                              const ChunkOptions& options) {
  return RunInChunks<Pooling>(client, std::move(request), options);
}

}  // namespace tensord::client
