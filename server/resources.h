// What this machine, or the container, gives the process: processors and memory.
#ifndef TENSORD_SERVER_RESOURCES_H_
#define TENSORD_SERVER_RESOURCES_H_

#include <cstdint>
#include <optional>
#include <string>

namespace tensord::server {

// Where the kernel's files are; tests put a folder of their own here.
struct ResourceRoots {
  std::string proc = "/proc";
  std::string cgroup = "/sys/fs/cgroup";
};

// The processors that the cgroup's CPU quota is worth (1.5 is one and a half), by cgroup v2 (cpu.max) or v1
// (cpu.cfs_quota_us over cpu.cfs_period_us): the least of the process's group and those above it. Nothing where there
// is no quota. A file that is missing or makes no sense counts as no quota.
[[nodiscard]] std::optional<double> CgroupCpuQuota(const ResourceRoots& roots);

// The cgroup's memory limit in bytes, by v2 (memory.max) or v1 (memory.limit_in_bytes), as above.
[[nodiscard]] std::optional<int64_t> CgroupMemoryLimitBytes(const ResourceRoots& roots);

// RAM in bytes, from /proc/meminfo; where that cannot be read, from the C library. 0 where neither knows.
[[nodiscard]] int64_t PhysicalMemoryBytes(const ResourceRoots& roots);

// The processors that this process may run on (sched_getaffinity); at least 1.
[[nodiscard]] int AffinityCpuCount();

// The threads worth running: the quota rounded up, at most `affinity_count`, at least 1.
[[nodiscard]] int UsableCpuCount(const ResourceRoots& roots, int affinity_count);

// The memory that this process may use: the lesser of the cgroup's limit and RAM, in bytes; 0 where neither is known.
[[nodiscard]] int64_t UsableMemoryBytes(const ResourceRoots& roots);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RESOURCES_H_
