#include "server/resources.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tensord::server {
namespace {

// The file's words, or none where it cannot be read. The kernel's files are small: what is past 64 KiB is not read.
std::vector<std::string> ReadWords(const std::string& path) {
  std::ifstream file(path);
  std::string text(64 << 10, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
}

std::optional<int64_t> PositiveNumber(const std::string& word) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(word, &value) || value <= 0) return std::nullopt;
  return value;
}

std::optional<int64_t> ReadPositiveNumber(const std::string& path) {
  const std::vector<std::string> words = ReadWords(path);
  return words.size() == 1 ? PositiveNumber(words[0]) : std::nullopt;
}

// The process's group in the hierarchy of `controller`, or in v2's where `controller` is empty, as a path ("/" or
// "/a/b"), from lines such as "4:cpu,cpuacct:/a/b" and "0::/a/b".
std::string GroupPath(const ResourceRoots& roots, absl::string_view controller) {
  for (const std::string& line : ReadWords(roots.proc + "/self/cgroup")) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    const std::vector<std::string> controllers = absl::StrSplit(parts[1], ',');
    const bool wanted = controller.empty()
                            ? parts[0] == "0" && parts[1].empty()
                            : std::find(controllers.begin(), controllers.end(), controller) != controllers.end();
    // A path with ".." lies outside the namespace's root, so that only the root can be seen.
    if (wanted) return absl::StrContains(parts[2], "..") ? "/" : parts[2];
  }
  return "/";
}

// `mount`, and the folders of `path` below it, from the deepest up. Inside a container the path may be the host's and
// exist in part or not at all below the mount: folders that are not there are then simply without files.
std::vector<std::string> GroupFolders(const std::string& mount, std::string path) {
  std::vector<std::string> folders;
  while (path.size() > 1) {
    folders.push_back(mount + path);
    path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
  }
  folders.push_back(mount);
  return folders;
}

// The folders to look for a controller's files in: of v2, and of v1 under each name that distributions mount it by.
struct Hierarchies {
  std::vector<std::string> v2;
  std::vector<std::string> v1;
};

Hierarchies FindFolders(const ResourceRoots& roots, absl::string_view controller,
                        const std::vector<std::string>& v1_mounts) {
  Hierarchies result;
  const std::string v2_path = GroupPath(roots, "");
  for (const char* mount : {"", "/unified"}) {
    for (std::string& folder : GroupFolders(roots.cgroup + mount, v2_path)) result.v2.push_back(std::move(folder));
  }
  const std::string v1_path = GroupPath(roots, controller);
  for (const std::string& mount : v1_mounts) {
    for (std::string& folder : GroupFolders(absl::StrCat(roots.cgroup, "/", mount), v1_path)) {
      result.v1.push_back(std::move(folder));
    }
  }
  return result;
}

template <typename T>
void TakeLesser(std::optional<T>& least, std::optional<T> value) {
  if (value && (!least || *value < *least)) least = value;
}

std::optional<double> Ratio(std::optional<int64_t> quota, std::optional<int64_t> period) {
  if (!quota || !period) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

}  // namespace

std::optional<double> CgroupCpuQuota(const ResourceRoots& roots) {
  const Hierarchies folders = FindFolders(roots, "cpu", {"cpu", "cpu,cpuacct", "cpuacct,cpu"});
  std::optional<double> least;
  for (const std::string& folder : folders.v2) {
    const std::vector<std::string> words = ReadWords(folder + "/cpu.max");  // "150000 100000" or "max 100000"
    if (words.size() == 2) TakeLesser(least, Ratio(PositiveNumber(words[0]), PositiveNumber(words[1])));
  }
  for (const std::string& folder : folders.v1) {
    TakeLesser(least, Ratio(ReadPositiveNumber(folder + "/cpu.cfs_quota_us"),  // -1: no quota
                            ReadPositiveNumber(folder + "/cpu.cfs_period_us")));
  }
  return least;
}

std::optional<int64_t> CgroupMemoryLimitBytes(const ResourceRoots& roots) {
  const Hierarchies folders = FindFolders(roots, "memory", {"memory"});
  std::optional<int64_t> least;
  for (const std::string& folder : folders.v2) TakeLesser(least, ReadPositiveNumber(folder + "/memory.max"));
  for (const std::string& folder : folders.v1) TakeLesser(least, ReadPositiveNumber(folder + "/memory.limit_in_bytes"));
  // v1 says "no limit" by the largest number of pages.
  constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max() - (int64_t{1} << 20);
  if (least && *least >= kNoLimit) return std::nullopt;
  return least;
}

int64_t PhysicalMemoryBytes(const ResourceRoots& roots) {
  const std::vector<std::string> words = ReadWords(roots.proc + "/meminfo");
  if (words.size() >= 3 && words[0] == "MemTotal:" && words[2] == "kB") {
    const std::optional<int64_t> kibibytes = PositiveNumber(words[1]);
    if (kibibytes && *kibibytes <= (std::numeric_limits<int64_t>::max() >> 10)) return *kibibytes << 10;
  }
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  return pages > 0 && page_bytes > 0 ? int64_t{pages} * page_bytes : 0;
}

int AffinityCpuCount() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  // A machine of more than 1024 processors does not fit in the set.
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int UsableCpuCount(const ResourceRoots& roots, int affinity_count) {
  const int most = std::max(1, affinity_count);
  const std::optional<double> quota = CgroupCpuQuota(roots);
  if (!quota || *quota >= most) return most;
  return std::max(1, static_cast<int>(std::ceil(*quota)));
}

int64_t UsableMemoryBytes(const ResourceRoots& roots) {
  const int64_t physical = PhysicalMemoryBytes(roots);
  const std::optional<int64_t> limit = CgroupMemoryLimitBytes(roots);
  if (!limit) return physical;
  return physical == 0 ? *limit : std::min(*limit, physical);
}

}  // namespace tensord::server
