// What a running command works with.
#ifndef TENSORD_CLI_CONTEXT_H_
#define TENSORD_CLI_CONTEXT_H_

#include <grpcpp/channel.h>

#include <memory>
#include <ostream>

#include "absl/status/statusor.h"
#include "client/cli/caller.h"
#include "client/cli/global_flags.h"
#include "client/cli/printer.h"
#include "client/cli/streams.h"

namespace tensord::cli {

class Context {
 public:
  // The flags, and what the streams are of, must outlive the context.
  Context(const GlobalFlags& flags, const Streams& streams);
  // Prints JSON to `out`, over the connection of `other` if that has made its first call. What `other` refers to and
  // `out` must outlive the context.
  Context(Context& other, std::ostream& out);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // The way to the server: the one that --server names, or one in this process, started at the first call.
  [[nodiscard]] absl::StatusOr<Caller*> caller();
  // The channel to the server in this process; null where --server names one. Not to be used after the context is gone.
  [[nodiscard]] absl::StatusOr<std::shared_ptr<grpc::Channel>> local_channel();
  [[nodiscard]] Printer& printer() { return *printer_; }
  [[nodiscard]] std::istream& in() { return streams_.in; }
  [[nodiscard]] std::ostream& out() { return streams_.out; }
  [[nodiscard]] std::ostream& err() { return streams_.err; }
  [[nodiscard]] const GlobalFlags& flags() const { return flags_; }
  // Whether somebody watches err() who wants to see how work goes on.
  [[nodiscard]] bool shows_progress() const;

 private:
  struct Connection;
  absl::Status Connect();

  const GlobalFlags& flags_;
  Streams streams_;
  std::unique_ptr<Printer> printer_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_CONTEXT_H_
