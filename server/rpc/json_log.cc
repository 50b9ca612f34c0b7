#include "server/rpc/json_log.h"

#include <grpc/support/log.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/config_values.h"

namespace tensord::server {
namespace {

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

JsonLog::JsonLog(LogLevel level) : JsonLog(level, std::make_shared<spdlog::sinks::stderr_sink_mt>()) {}

JsonLog::JsonLog(LogLevel level, std::shared_ptr<spdlog::sinks::sink> sink)
    : level_(level), logger_(std::make_unique<spdlog::logger>("tensord", std::move(sink))) {
  logger_->set_pattern("%v");
  logger_->set_level(spdlog::level::trace);
  logger_->flush_on(spdlog::level::trace);
}

JsonLog::~JsonLog() = default;

void JsonLog::Write(LogLevel level, absl::string_view event, const std::vector<LogField>& fields) {
  if (level_ == LogLevel::kOff || level < level_) return;
  nlohmann::ordered_json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  line["level"] = LogLevelName(level);
  line["event"] = Cut(std::string(event));
  for (const LogField& field : fields) line.emplace(Cut(field.name), ToJson(field));
  const std::string text = line.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::ordered_json::error_handler_t::replace);
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
