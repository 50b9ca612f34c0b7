// Large batches, in pieces that are computed while others travel.
#ifndef TENSORD_CLIENT_CHUNKS_H_
#define TENSORD_CLIENT_CHUNKS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "tensord/client/client.h"
#include "tensord/client/compute_stream.h"
#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/pooling.pb.h"
#include "tensord/v1/transposed_convolution.pb.h"

namespace tensord::client {

struct ChunkOptions {
  // About how many bytes of input a message brings, but always whole samples and at least one; at least as many as the
  // filter and the bias, which come with every message, and which would else outweigh it.
  int64_t chunk_bytes = int64_t{4} << 20;
  StreamOptions stream = {};
};

// The answer to the request as the rpc of that name gives it, computed sample by sample on one stream (StreamCompute):
// the server works on a few samples while the next ones travel, and neither the input nor the output has to fit into a
// message. Each chunk of samples is answered as if it were the batch, and so is each element, within its documented
// bound. The request is used up; memory: input, output, and the stream's max_unanswered_bytes.
//
// The input's first axis has to be the batch, N, and its elements have to be bytes (Tensor.data). An input with fewer
// than two samples is sent as it is. Indices of maxima are those of the whole batch. `output_sha256` is left out: it is
// over the whole output.
//
// Errors:  the first chunk's in the order of the batch, as its rpc would have ended; kInvalidArgument - the input's
// first
//          axis is another one, or its elements are numbers; kResourceExhausted - there is no memory for the output;
//          those of ComputeStream::Finish.
// Threads: as ComputeStream::Send: not in a callback.
[[nodiscard]] absl::StatusOr<v1::ConvolveResponse> ConvolveInChunks(ClientInterface& client,
                                                                    v1::ConvolveRequest request,
                                                                    const ChunkOptions& options = {});
[[nodiscard]] absl::StatusOr<v1::ConvolveTransposeResponse> ConvolveTransposeInChunks(
    ClientInterface& client, v1::ConvolveTransposeRequest request, const ChunkOptions& options = {});
[[nodiscard]] absl::StatusOr<v1::PoolResponse> PoolInChunks(ClientInterface& client, v1::PoolRequest request,
                                                            const ChunkOptions& options = {});

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_CHUNKS_H_
