#include "server/metrics/process_metrics.h"

#include <dirent.h>
#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace tensord::server {
namespace {

using prometheus::MetricType;

// The fields of /proc/self/stat after the process's name, which may hold anything: the first is the state, field 3 of
// proc(5).
std::vector<std::string> ReadStat() {
  std::ifstream file("/proc/self/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t end = text.rfind(')');
  if (end == std::string::npos || end + 2 >= text.size()) return {};
  return absl::StrSplit(text.substr(end + 2), ' ');
}

std::optional<double> Field(const std::vector<std::string>& stat, size_t number) {
  constexpr size_t kFirst = 3;
  double value = 0;
  if (number - kFirst >= stat.size() || !absl::SimpleAtod(stat[number - kFirst], &value)) return std::nullopt;
  return value;
}

std::optional<double> BootTimeSeconds() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return std::nullopt;
}

std::optional<double> OpenFileCount() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), &closedir);
  if (folder == nullptr) return std::nullopt;
  double count = 0;
  while (const dirent* entry = readdir(folder.get())) count += entry->d_name[0] == '.' ? 0 : 1;
  return count - 1;  // the folder's own
}

std::optional<double> FileLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

class Families {
 public:
  void Add(const char* name, const char* help, MetricType type, std::optional<double> value) {
    if (!value.has_value()) return;
    prometheus::ClientMetric metric;
    if (type == MetricType::Counter) {
      metric.counter.value = *value;
    } else {
      metric.gauge.value = *value;
    }
    prometheus::MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = type;
    family.metric.push_back(std::move(metric));
    families_.push_back(std::move(family));
  }
  std::vector<prometheus::MetricFamily> Take() { return std::move(families_); }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  const std::vector<std::string> stat = ReadStat();
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto scaled = [](std::optional<double> value, double factor) -> std::optional<double> {
    return value.has_value() ? std::optional<double>(*value * factor) : std::nullopt;
  };
  std::optional<double> cpu;
  if (const auto user = Field(stat, 14), system = Field(stat, 15); user.has_value() && system.has_value()) {
    cpu = (*user + *system) / ticks;
  }
  std::optional<double> start = scaled(Field(stat, 22), 1 / ticks);
  const std::optional<double> boot = BootTimeSeconds();
  start = start.has_value() && boot.has_value() ? std::optional<double>(*start + *boot) : std::nullopt;
  Families families;
  families.Add("process_cpu_seconds_total", "Processor time, user and system.", MetricType::Counter, cpu);
  families.Add("process_resident_memory_bytes", "Memory in RAM.", MetricType::Gauge,
               scaled(Field(stat, 24), static_cast<double>(sysconf(_SC_PAGESIZE))));
  families.Add("process_open_fds", "Open file descriptors.", MetricType::Gauge, OpenFileCount());
  families.Add("process_max_fds", "Most file descriptors that may be open.", MetricType::Gauge, FileLimit());
  families.Add("process_threads", "Threads.", MetricType::Gauge, Field(stat, 20));
  families.Add("process_start_time_seconds", "When the process began, in seconds since 1970.", MetricType::Gauge,
               start);
  families.Add("tensord_log_lines_dropped_total", "Lines of the log that were lost, as its reader was too slow.",
               MetricType::Counter, static_cast<double>(log_->dropped_count()));
  return families.Take();
}

}  // namespace tensord::server
