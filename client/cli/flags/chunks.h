// The flag that says how a large batch travels, and the call that does as it says.
#ifndef TENSORD_CLI_FLAGS_CHUNKS_H_
#define TENSORD_CLI_FLAGS_CHUNKS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "client/cli/caller.h"
#include "tensord/client/chunks.h"
#include "tensord/client/client.h"

namespace tensord::cli {

// --chunk-bytes.
class ChunkFlag {
 public:
  void Declare(CLI::App& app);

  // The answer to the request, by one call, or in chunks where the flag says so or no message can be as large.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(Caller& caller,
                                void (client::ClientInterface::*call)(Request, const client::CallOptions&,
                                                                      client::Callback<Response>),
                                absl::StatusOr<Response> (*in_chunks)(client::ClientInterface&, Request,
                                                                      const client::ChunkOptions&),
                                Request request) const {
    client::ChunkOptions options;
    if (given()) options.chunk_bytes = bytes_;
    const bool too_large = static_cast<int64_t>(request.ByteSizeLong()) > client::ClientOptions().max_message_bytes;
    if (given() ? bytes_ > 0 : too_large) return caller.CallInChunks(in_chunks, std::move(request), options);
    return caller.Call(call, std::move(request));
  }

 private:
  [[nodiscard]] bool given() const { return option_->count() > 0; }

  CLI::Option* option_ = nullptr;
  int64_t bytes_ = 0;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_FLAGS_CHUNKS_H_
