#include "client/cli/batch/answer_writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tensord::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookAround{200};

}  // namespace

AnswerWriter::AnswerWriter(const AnswerWriterOptions& options, std::function<bool(const Answer&)> write,
                           std::function<void(const BatchCounts&)> look)
    : options_(options), write_(std::move(write)), look_(std::move(look)), thread_([this] { Run(); }) {}

AnswerWriter::~AnswerWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  answered_.notify_all();
  thread_.join();
}

bool AnswerWriter::HasRoom() const {
  if (open_ == 0 || failed_) return true;
  return open_ < std::max<size_t>(options_.window, 1) && waiting_bytes_ < options_.max_waiting_bytes;
}

uint64_t AnswerWriter::Expect(Origin origin) {
  std::unique_lock lock(mutex_);
  written_.wait(lock, [this] { return HasRoom(); });
  expected_.emplace(next_place_, std::move(origin));
  ++open_;
  return next_place_++;
}

void AnswerWriter::Deliver(uint64_t place, v1::StreamComputeResponse response) {
  {
    const std::lock_guard lock(mutex_);
    const auto expected = expected_.find(place);
    if (expected == expected_.end()) return;
    waiting_bytes_ += static_cast<int64_t>(response.ByteSizeLong());
    answers_.emplace(place, Answer{.origin = std::move(expected->second), .response = std::move(response)});
    expected_.erase(expected);
  }
  answered_.notify_one();
}

void AnswerWriter::DeliverError(uint64_t place, const absl::Status& status) {
  Deliver(place, std::move(ErrorAnswer({}, status).response));
}

BatchCounts AnswerWriter::Finish() {
  std::unique_lock lock(mutex_);
  written_.wait(lock, [this] { return open_ == 0 || failed_; });
  return counts_;
}

bool AnswerWriter::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

std::map<uint64_t, Answer>::iterator AnswerWriter::Due() {
  if (failed_) return answers_.end();
  return options_.is_ordered ? answers_.find(next_written_) : answers_.begin();
}

void AnswerWriter::Look(std::unique_lock<std::mutex>& lock) {
  const BatchCounts counts = counts_;
  lock.unlock();
  look_(counts);
  lock.lock();
}

void AnswerWriter::Run() {
  std::unique_lock lock(mutex_);
  steady_clock::time_point looked = steady_clock::now();
  while (!stopping_) {
    const bool is_idle = Due() == answers_.end();
    if (is_idle || steady_clock::now() - looked >= kLookAround) {
      Look(lock);
      looked = steady_clock::now();
    }
    if (is_idle) {
      answered_.wait_for(lock, kLookAround, [this] { return stopping_ || Due() != answers_.end(); });
      continue;
    }
    const auto node = answers_.extract(Due());
    const Answer& answer = node.mapped();
    const auto size = static_cast<int64_t>(answer.response.ByteSizeLong());
    lock.unlock();
    const bool written = write_(answer);
    lock.lock();
    waiting_bytes_ -= size;
    ++next_written_;
    --open_;
    ++counts_.done;
    if (answer.is_error()) ++counts_.failed;
    if (!written) failed_ = true;
    written_.notify_all();
  }
}

}  // namespace tensord::cli
