// A stream of operations that survives the end of its connections.
#ifndef TENSORD_CLIENT_SRC_RESUMED_STREAM_H_
#define TENSORD_CLIENT_SRC_RESUMED_STREAM_H_

#include <grpcpp/alarm.h>
#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/status/status.h"
#include "client/cpp/src/call_registry.h"
#include "tensord/client/compute_stream.h"
#include "tensord/v1/stream.pb.h"

namespace tensord::client {

// At most one attempt, which is one gRPC stream, or one alarm is under way at a time; they end what they began on
// gRPC's threads, so that answers never meet. Without either the stream is idle, and nothing is unanswered.
//
// Threads: everything meets under one mutex. gRPC calls back on threads of its own, never on the one that asks, but for
// TryCancel, which is therefore called without the lock.
class ResumedStream final : public ComputeStream {
 public:
  // `calls` must outlive the stream. `options.retry` has to be there.
  ResumedStream(const std::shared_ptr<grpc::Channel>& channel, CallRegistry* calls, int64_t max_message_bytes,
                StreamOptions options, OnAnswer on_answer);
  ~ResumedStream() override;

  [[nodiscard]] absl::Status Send(v1::StreamComputeRequest request) override;
  [[nodiscard]] absl::Status Finish() override;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using Clock = std::chrono::steady_clock;
  struct Attempt;
  struct Unanswered {
    grpc::ByteBuffer request;  // with the key as its id; its slices own the message
    uint64_t user_id;
    int64_t bytes;
    int64_t index;  // on the attempt's stream; -1: not sent on it yet
  };
  using Table = std::map<uint64_t, Unanswered>;

  // With the lock held.
  [[nodiscard]] bool HasRoomFor(int64_t bytes) const;
  void BeginAttempt();
  void Pump();
  void StopWriting();
  [[nodiscard]] Table::iterator Find(const v1::StreamComputeResponse& response);
  [[nodiscard]] std::chrono::milliseconds Pause(const absl::Status& status) const;
  // Calls back about an operation that is taken out of the table, without the lock meanwhile.
  void Deliver(Lock& lock, Table::iterator place, v1::StreamComputeResponse response);
  // Answers what is left with `status`. Nothing may be touched afterwards.
  void End(Lock lock, const absl::Status& status);

  void OnRead(v1::StreamComputeResponse response);
  void OnReadsEnded();
  void OnWritten(bool ok);
  void OnAttemptDone(const grpc::Status& status);
  void OnAlarm();

  grpc::TemplatedGenericStub<grpc::ByteBuffer, v1::StreamComputeResponse> stub_;
  CallRegistry* const calls_;
  const int64_t max_message_bytes_;
  const StreamOptions options_;
  const Clock::time_point begun_ = Clock::now();
  const OnAnswer on_answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // The rest is guarded by mutex_.
  Table unanswered_;
  uint64_t next_key_ = 1;  // 0 is what the answer to a message that could not be decoded bears
  uint64_t next_write_ = 1;
  int64_t count_ = 0;  // unanswered, those included whose callback runs
  int64_t bytes_ = 0;
  std::shared_ptr<Attempt> attempt_;
  std::optional<grpc::Alarm> alarm_;
  bool alarm_is_set_ = false;
  int failures_ = 0;  // attempts in a row without an answer
  bool finishing_ = false;
  bool cancelled_ = false;
  bool ended_ = false;  // final_ is decided
  bool done_ = false;   // and all is answered
  absl::Status final_;
};

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_SRC_RESUMED_STREAM_H_
