// Memory that runs out at any allocation of the first call of a process, when much is made that later calls find: the
// call ends, and the next one is answered.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "server/convert/status_convert.h"
#include "server/rpc/warm_up.h"
#include "tensord/compute/buffer_pool.h"
#include "tests/allocation/answer.h"
#include "tests/allocation/failing_allocator.h"

namespace tensord::allocation {
namespace {

constexpr int64_t kNever = int64_t{1} << 60;
// Exit codes of the forked processes.
constexpr int kRefused = 0;
constexpr int kNothingFailed = 3;
constexpr int kNextNotAnswered = 4;
// A process that waits for a lock for ever ends by this signal's timer.
constexpr unsigned kHangSeconds = 20;

struct Result {
  absl::StatusCode code;
  int64_t failure_count;
};

Result Answer(const Case& tested, int64_t first) {
  PieceWatcher executor;
  grpc::ByteBuffer response;
  const FailureScope scope(first, 1);
  const absl::Status status = tested.rpc(tested.request, executor, response);
  try {
    static_cast<void>(server::ToGrpcStatus(status));
  } catch (const std::bad_alloc&) {  // as Call::FinishWith does
    return {absl::StatusCode::kResourceExhausted, scope.failure_count()};
  }
  return {status.code(), scope.failure_count()};
}

// What a process does whose first call this is.
int RunCold(const Case& tested, int64_t first, absl::StatusCode expected) {
  alarm(kHangSeconds);
  if (Answer(tested, first).failure_count == 0) return kNothingFailed;
  return Answer(tested, kNever).code == expected ? kRefused : kNextNotAnswered;
}

int WaitFor(pid_t process) {
  int status = 0;
  EXPECT_EQ(waitpid(process, &status, 0), process);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1'000 + WTERMSIG(status);
}

template <typename Run>
int InFork(const Run& run) {
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process == 0) _exit(run());
  return WaitFor(process);
}

class ColdAllocationTest : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    server::WarmUp();
    compute::BufferPool::OfProcess().SetLimit(0);
  }
};

std::string CaseName(const testing::TestParamInfo<Case>& info) { return info.param.name; }

TEST_P(ColdAllocationTest, TheFirstCallEndsAndTheNextIsAnswered) {
  const Case& tested = GetParam();
  const auto expected =
      static_cast<absl::StatusCode>(InFork([&] { return static_cast<int>(Answer(tested, kNever).code); }));
  for (int64_t first = 1;; ++first) {
    const int end = InFork([&] { return RunCold(tested, first, expected); });
    if (end == kNothingFailed) break;
    ASSERT_EQ(end, kRefused) << "allocation " << first << " failed: 4: the next call was answered otherwise; above "
                             << "1000: ended by signal " << end - 1'000;
    ASSERT_LT(first, 100'000);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryRpc, ColdAllocationTest, testing::ValuesIn(Cases()), CaseName);

}  // namespace
}  // namespace tensord::allocation
