#include "server/rpc/json_log.h"

#include <grpc/support/log.h>
#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/config_values.h"

namespace tensord::server {
namespace {

constexpr size_t kQueueLines = 8192;
constexpr std::chrono::milliseconds kFlushTimeout{1000};
constexpr std::chrono::milliseconds kFlushStep{1};
constexpr size_t kMaxValueBytes = 256;
constexpr char kCutMark[] = "...";

std::string Cut(const std::string& text) {
  if (text.size() <= kMaxValueBytes) return text;
  size_t length = kMaxValueBytes - std::strlen(kCutMark);
  // Not inside a character: back over at most three continuation bytes of UTF-8.
  for (int i = 0; i < 3 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U; ++i) --length;
  return text.substr(0, length) + kCutMark;
}

nlohmann::ordered_json ToJson(const LogField& field) {
  if (const auto* text = std::get_if<std::string>(&field.value)) return Cut(*text);
  return std::visit([](const auto& value) -> nlohmann::ordered_json { return value; }, field.value);
}

// Writes without the C library's streams: a process that ends would wait for their locks, and so for ever where the
// writer hangs because nobody reads.
class StandardErrorSink final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    for (size_t written = 0; written < line.size();) {
      const ssize_t count = write(STDERR_FILENO, line.data() + written, line.size() - written);
      if (count >= 0) {
        written += static_cast<size_t>(count);
      } else if (errno == EAGAIN) {
        pollfd room = {STDERR_FILENO, POLLOUT, 0};
        poll(&room, 1, -1);
      } else if (errno != EINTR) {
        return;  // closed: there is nobody to tell
      }
    }
  }
  void flush_() override {}
};

// Counts the lines that have gone through another sink.
class CountingSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  CountingSink(std::shared_ptr<spdlog::sinks::sink> inner, std::shared_ptr<std::atomic<int64_t>> count)
      : inner_(std::move(inner)), count_(std::move(count)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    inner_->log(message);
    count_->fetch_add(1, std::memory_order_release);
  }
  void flush_() override { inner_->flush(); }
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    inner_->set_formatter(std::move(formatter));
  }

  const std::shared_ptr<spdlog::sinks::sink> inner_;
  const std::shared_ptr<std::atomic<int64_t>> count_;
};

// gRPC calls a plain function, possibly from threads that outlive the log, so that the log is behind a lock.
struct GrpcSink {
  std::mutex mutex;
  Log* log = nullptr;
  std::chrono::steady_clock::time_point second_began;
  int lines_in_second = 0;
  int64_t dropped_count = 0;
};

GrpcSink& grpc_sink() {
  static auto* const sink = new GrpcSink();
  return *sink;
}

constexpr int kMaxGrpcLinesPerSecond = 10;

void LogFromGrpc(gpr_log_func_args* arguments) {
  if (arguments->severity < GPR_LOG_SEVERITY_ERROR) return;
  GrpcSink& sink = grpc_sink();
  const std::lock_guard lock(sink.mutex);
  if (sink.log == nullptr) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - sink.second_began >= std::chrono::seconds(1)) {
    sink.second_began = now;
    sink.lines_in_second = 0;
  }
  if (++sink.lines_in_second > kMaxGrpcLinesPerSecond) {
    ++sink.dropped_count;
    return;
  }
  const char* slash = std::strrchr(arguments->file, '/');
  std::vector<LogField> fields = {
      {"message", std::string(arguments->message)},
      {"source", absl::StrCat(slash == nullptr ? arguments->file : slash + 1, ":", arguments->line)}};
  if (sink.dropped_count > 0) fields.push_back({"dropped_count", sink.dropped_count});
  sink.dropped_count = 0;
  sink.log->Write(LogLevel::kWarning, "grpc", fields);
}

}  // namespace

JsonLog::JsonLog(LogLevel level) : JsonLog(level, std::make_shared<StandardErrorSink>()) {}

JsonLog::JsonLog(LogLevel level, std::shared_ptr<spdlog::sinks::sink> sink)
    : level_(level),
      written_count_(std::make_shared<std::atomic<int64_t>>(0)),
      writer_(std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1)),
      logger_(std::make_shared<spdlog::async_logger>("tensord",
                                                     std::make_shared<CountingSink>(std::move(sink), written_count_),
                                                     writer_, spdlog::async_overflow_policy::overrun_oldest)) {
  logger_->set_pattern("%v");
  logger_->set_level(spdlog::level::trace);
}

JsonLog::~JsonLog() {
  Flush();
  if (done()) return;
  // Nobody reads the log any more: the writer hangs in its line, and waiting for it would hang as well.
  static_cast<void>(new std::shared_ptr<spdlog::logger>(logger_));
  static_cast<void>(new std::shared_ptr<spdlog::details::thread_pool>(writer_));
}

bool JsonLog::done() const {
  return written_count_->load(std::memory_order_acquire) + dropped_count() >= posted_count_.load();
}

void JsonLog::Flush() {
  const auto deadline = std::chrono::steady_clock::now() + kFlushTimeout;
  while (!done() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(kFlushStep);
}

int64_t JsonLog::dropped_count() const { return static_cast<int64_t>(writer_->overrun_counter()); }

void JsonLog::Write(LogLevel level, absl::string_view event, const std::vector<LogField>& fields) {
  if (!enabled(level)) return;
  nlohmann::ordered_json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  line["level"] = LogLevelName(level);
  line["event"] = Cut(std::string(event));
  for (const LogField& field : fields) line.emplace(Cut(field.name), ToJson(field));
  const std::string text = line.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::ordered_json::error_handler_t::replace);
  posted_count_.fetch_add(1);
  logger_->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
}

GrpcLogRedirect::GrpcLogRedirect(Log* log) {
  {
    const std::lock_guard lock(grpc_sink().mutex);
    GrpcSink& sink = grpc_sink();
    sink.log = log;
    sink.lines_in_second = 0;
    sink.dropped_count = 0;
  }
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  gpr_set_log_function(&LogFromGrpc);
}

GrpcLogRedirect::~GrpcLogRedirect() {
  const std::lock_guard lock(grpc_sink().mutex);
  grpc_sink().log = nullptr;
}

}  // namespace tensord::server
