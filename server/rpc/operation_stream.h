// A call with many operations on it, each answered for itself.
#ifndef TENSORD_SERVER_RPC_OPERATION_STREAM_H_
#define TENSORD_SERVER_RPC_OPERATION_STREAM_H_

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/rpc/call_account.h"
#include "server/rpc/call_environment.h"
#include "server/rpc/message.h"
#include "server/rpc/operation.h"

namespace tensord::server {

// A message of a stream: an error is an answer too.
class StreamedMessage : public Message {
 public:
  // The answer that says that the operation ended with `status`, which is not OK. Before Release.
  virtual absl::Status EncodeError(const absl::Status& status, grpc::ByteBuffer& response) = 0;
};

// The reactor of a stream. It deletes itself when gRPC is done with it and its work has ended.
//
// What it holds is bounded: it reads the next message only while fewer than a window's operations are being worked on,
// none waits to be tried again, not too many answers wait to be sent, and one operation more would be within its share
// of the memory budget. HTTP/2's flow control does the rest. An operation that is refused with the advice to try again
// (a full queue or budget, a client's rate) is tried again here, for as long as its deadline allows; meanwhile nothing
// more is read. docs/adr/0015.
//
// Threads: gRPC's, workers and the alarm's meet under one mutex; nothing of gRPC's calls back on the thread that asks,
// but for TryCancel.
class OperationStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>, public ActiveCall {
 public:
  // Makes the message with that index, counted from 0.
  using MakeMessage = std::function<std::unique_ptr<StreamedMessage>(int64_t index)>;

  // `method`: of static lifetime.
  OperationStream(CallEnvironment* environment, grpc::CallbackServerContext* context, absl::string_view method,
                  MakeMessage make_message);
  ~OperationStream() override;

  // To be called once, when the call's headers are there.
  void Start();
  void Cancel() override;
  void BeginDrain() override;

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  using TimePoint = Operation::TimePoint;
  enum class SlotState { kReading, kWorking, kResting, kAnswered };
  struct Slot;
  struct AlarmLink;
  using Slots = std::list<std::unique_ptr<Slot>>;
  using Lock = std::unique_lock<std::mutex>;

  // Runs an operation whose message is there, or lets it rest where its client calls too often. Without the lock.
  void Launch(Slot& slot);
  void OnOperationDone(Slot& slot, const absl::Status& status);
  // Puts the answer to an operation that ended with `status` in line. Without the lock.
  void Answer(Slot& slot, const absl::Status& status);

  // With the lock held.
  [[nodiscard]] bool MayRead() const;
  // Whether one operation more, as large as the last, is within the stream's share of the memory budget, or is needed
  // to keep the workers busy.
  [[nodiscard]] bool HasMemoryForOneMore() const;
  [[nodiscard]] bool IsOver() const;
  [[nodiscard]] absl::Status EndStatus() const;
  void BeginRead();
  void BeginWrite();
  void SetRetry(Slot& slot, const absl::Status& refusal, TimePoint retry_at);
  // Stops all work: nobody takes answers any more.
  void Break();
  [[nodiscard]] Slot* FindDue(TimePoint now);
  [[nodiscard]] TimePoint NextDue(TimePoint now) const;
  void ArmAlarm();
  // Begins whatever can begin: a write, a read, or the end; gives the lock back. Nothing may be touched afterwards.
  void Advance(Lock lock);

  // Ends what is late, tries again what may be, breaks off a client that takes nothing.
  void OnAlarm();

  CallEnvironment* const environment_;
  grpc::CallbackServerContext* const context_;
  const MakeMessage make_message_;
  const size_t thread_count_;
  const size_t window_;
  const int64_t memory_share_;
  CallAccount account_;
  std::atomic<int64_t> held_bytes_ = 0;  // of the memory budget, by the operations below
  std::mutex mutex_;
  // The rest is guarded by mutex_.
  absl::Status refusal_;  // decided on the headers
  Slots slots_;           // being read, worked on, or resting
  Slots answers_;         // in the order of writing; the first is being written while writing_
  Slot* reading_ = nullptr;
  int64_t last_operation_bytes_ = 0;  // of the memory budget, for the operation that was answered last
  size_t working_ = 0;
  size_t resting_ = 0;
  bool writing_ = false;
  bool read_closed_ = false;  // the client sends no more
  bool draining_ = false;
  bool broken_ = false;  // nobody takes answers any more
  bool finished_ = false;
  TimePoint patience_ends_;  // of the write that is under way, or of a refusal that waits for its message
  int64_t operation_count_ = 0;
  int64_t failed_count_ = 0;
  int64_t received_bytes_ = 0;
  int64_t sent_bytes_ = 0;
  std::shared_ptr<AlarmLink> alarm_link_;
  bool alarm_is_set_ = false;
  std::optional<grpc::Alarm> alarm_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_OPERATION_STREAM_H_
