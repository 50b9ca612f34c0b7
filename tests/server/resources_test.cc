#include "server/resources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/temporary_directory.h"

namespace tensord::server {
namespace {

using ::testing::Optional;
using testing::TemporaryDirectory;

// A machine made of files.
class ResourcesTest : public ::testing::Test {
 protected:
  [[nodiscard]] ResourceRoots roots() const { return {folder_.path("proc"), folder_.path("cgroup")}; }
  void Proc(const std::string& name, const std::string& text) { folder_.Write("proc/" + name, text); }
  void Cgroup(const std::string& name, const std::string& text) { folder_.Write("cgroup/" + name, text); }

  TemporaryDirectory folder_;
};

TEST_F(ResourcesTest, NothingMountedMeansNoQuotaAndNoLimit) {
  EXPECT_EQ(CgroupCpuQuota(roots()), std::nullopt);
  EXPECT_EQ(CgroupMemoryLimitBytes(roots()), std::nullopt);
  EXPECT_EQ(UsableCpuCount(roots(), 6), 6);
}

TEST_F(ResourcesTest, ReadsQuotaOfVersionTwo) {
  Proc("self/cgroup", "0::/\n");
  Cgroup("cpu.max", "150000 100000\n");
  EXPECT_THAT(CgroupCpuQuota(roots()), Optional(1.5));
  EXPECT_EQ(UsableCpuCount(roots(), 8), 2);
}

TEST_F(ResourcesTest, MaxMeansNoQuotaInVersionTwo) {
  Cgroup("cpu.max", "max 100000\n");
  Cgroup("memory.max", "max\n");
  EXPECT_EQ(CgroupCpuQuota(roots()), std::nullopt);
  EXPECT_EQ(CgroupMemoryLimitBytes(roots()), std::nullopt);
}

TEST_F(ResourcesTest, LeastQuotaOfGroupAndThoseAboveHolds) {
  Proc("self/cgroup", "0::/pod/container\n");
  Cgroup("cpu.max", "max 100000\n");
  Cgroup("pod/cpu.max", "200000 100000\n");
  Cgroup("pod/container/cpu.max", "400000 100000\n");
  Cgroup("pod/memory.max", "1000000\n");
  Cgroup("pod/container/memory.max", "2000000\n");
  EXPECT_THAT(CgroupCpuQuota(roots()), Optional(2.0));
  EXPECT_THAT(CgroupMemoryLimitBytes(roots()), Optional(1000000));
}

TEST_F(ResourcesTest, ReadsVersionOneWithJointMountName) {
  Proc("self/cgroup", "4:memory:/a\n3:cpu,cpuacct:/b\n");
  Cgroup("cpu,cpuacct/b/cpu.cfs_quota_us", "250000\n");
  Cgroup("cpu,cpuacct/b/cpu.cfs_period_us", "100000\n");
  Cgroup("memory/a/memory.limit_in_bytes", "536870912\n");
  EXPECT_THAT(CgroupCpuQuota(roots()), Optional(2.5));
  EXPECT_EQ(UsableCpuCount(roots(), 8), 3);
  EXPECT_THAT(CgroupMemoryLimitBytes(roots()), Optional(536870912));
}

TEST_F(ResourcesTest, ContainerWithHostPathsFindsItsGroupAtTheMount) {
  Proc("self/cgroup", "1:cpu:/docker/0123\n");
  Cgroup("cpu/cpu.cfs_quota_us", "50000\n");
  Cgroup("cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_THAT(CgroupCpuQuota(roots()), Optional(0.5));
  EXPECT_EQ(UsableCpuCount(roots(), 8), 1);
}

TEST_F(ResourcesTest, PathOutsideTheNamespaceIsTheRoot) {
  Proc("self/cgroup", "0::/../../other\n");
  folder_.Write("other/cpu.max", "100000 100000\n");
  Cgroup("cpu.max", "300000 100000\n");
  EXPECT_THAT(CgroupCpuQuota(roots()), Optional(3.0));
}

TEST_F(ResourcesTest, VersionOneSaysNoLimitByMinusOneAndByTheLargestPageCount) {
  Cgroup("cpu/cpu.cfs_quota_us", "-1\n");
  Cgroup("cpu/cpu.cfs_period_us", "100000\n");
  Cgroup("memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(CgroupCpuQuota(roots()), std::nullopt);
  EXPECT_EQ(CgroupMemoryLimitBytes(roots()), std::nullopt);
}

class NonsenseTest : public ResourcesTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(NonsenseTest, CountsAsNoQuotaAndNoLimit) {
  const std::string nonsense = GetParam();
  for (const char* file :
       {"cpu.max", "memory.max", "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us", "memory/memory.limit_in_bytes"}) {
    Cgroup(file, nonsense);
  }
  Proc("self/cgroup", nonsense);
  Proc("meminfo", nonsense);
  EXPECT_EQ(CgroupCpuQuota(roots()), std::nullopt);
  EXPECT_EQ(CgroupMemoryLimitBytes(roots()), std::nullopt);
  EXPECT_EQ(UsableCpuCount(roots(), 3), 3);
  EXPECT_GT(PhysicalMemoryBytes(roots()), 0);
}

INSTANTIATE_TEST_SUITE_P(Contents, NonsenseTest,
                         ::testing::Values("", "\n", "0", "0 0", "-5 100000", "100000 0", "100000 -1", "abc", "1e5 1e5",
                                           "1 2 3", "99999999999999999999 1", "0x10 0x10", "::::", "4:", "\xff\xfe"));

TEST_F(ResourcesTest, ProcessorsAreAtMostThoseOfTheAffinity) {
  Cgroup("cpu.max", "1600000 100000\n");
  EXPECT_EQ(UsableCpuCount(roots(), 4), 4);
  EXPECT_EQ(UsableCpuCount(roots(), 0), 1);
}

TEST_F(ResourcesTest, HugeQuotaDoesNotOverflow) {
  Cgroup("cpu.max", "9223372036854775807 1\n");
  EXPECT_EQ(UsableCpuCount(roots(), 4), 4);
}

TEST_F(ResourcesTest, MemoryIsTheLesserOfLimitAndRam) {
  Proc("meminfo", "MemTotal:        1000 kB\nMemFree:  10 kB\n");
  EXPECT_EQ(UsableMemoryBytes(roots()), 1000 * 1024);
  Cgroup("memory.max", "5000\n");
  EXPECT_EQ(UsableMemoryBytes(roots()), 5000);
  Cgroup("memory.max", "99999999999\n");
  EXPECT_EQ(UsableMemoryBytes(roots()), 1000 * 1024);
}

TEST(RealMachineTest, HasProcessorsAndMemory) {
  EXPECT_GE(AffinityCpuCount(), 1);
  EXPECT_GE(UsableMemoryBytes(ResourceRoots()), int64_t{1} << 20);
}

}  // namespace
}  // namespace tensord::server
