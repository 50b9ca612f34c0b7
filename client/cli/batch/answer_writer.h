// Answers that come in any order, written one after the other.
#ifndef TENSORD_CLI_BATCH_ANSWER_WRITER_H_
#define TENSORD_CLI_BATCH_ANSWER_WRITER_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "client/cli/batch/answer.h"

namespace tensord::cli {

struct AnswerWriterOptions {
  // Operations that are not yet written, at most; and the bytes of answers that wait for others to be written first.
  size_t window = 64;
  int64_t max_waiting_bytes = int64_t{64} << 20;
  // Whether answers are written in the order of their operations, or as they come.
  bool is_ordered = true;
};

// What a batch has come to so far.
struct BatchCounts {
  int64_t done = 0;  // failed or not
  int64_t failed = 0;
};

// Writes on a thread of its own, which is the only one that calls `write` and `look`. Threads: any, but each method is
// documented.
class AnswerWriter {
 public:
  // `write` writes an answer, and says whether it could. `look` is called five times a second, and whenever there is
  // nothing to write.
  AnswerWriter(const AnswerWriterOptions& options, std::function<bool(const Answer&)> write,
               std::function<void(const BatchCounts&)> look);
  // Waits for nothing: what was not delivered is not written.
  ~AnswerWriter();
  AnswerWriter(const AnswerWriter&) = delete;
  AnswerWriter& operator=(const AnswerWriter&) = delete;

  // A place for the answer to one more operation, counted from 0. Blocks while too much is unwritten. One thread.
  [[nodiscard]] uint64_t Expect(Origin origin);

  // The answer to the operation with that place, each once. Any thread; never waits for what is written.
  void Deliver(uint64_t place, v1::StreamComputeResponse response);
  void DeliverError(uint64_t place, const absl::Status& status);

  // Waits until everything that was expected is written, or until something cannot be written.
  BatchCounts Finish();

  // Whether something could not be written. Nothing more is then.
  [[nodiscard]] bool failed() const;

 private:
  void Run();
  // Calls `look_`, without the lock meanwhile.
  void Look(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] bool HasRoom() const;
  // The next answer to be written, or none.
  std::map<uint64_t, Answer>::iterator Due();

  const AnswerWriterOptions options_;
  const std::function<bool(const Answer&)> write_;
  const std::function<void(const BatchCounts&)> look_;

  mutable std::mutex mutex_;
  std::condition_variable answered_;  // for the thread
  std::condition_variable written_;   // for those that wait for it
  std::map<uint64_t, Origin> expected_;
  std::map<uint64_t, Answer> answers_;
  int64_t waiting_bytes_ = 0;
  uint64_t next_place_ = 0;
  uint64_t next_written_ = 0;  // of the order
  size_t open_ = 0;
  BatchCounts counts_;
  bool failed_ = false;
  bool stopping_ = false;
  std::thread thread_;  // the last: it uses everything above
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_BATCH_ANSWER_WRITER_H_
