#include "server/memory_trimmer.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "server/rpc/freed_pieces.h"
#include "tensord/compute/buffer_pool.h"

namespace tensord::server {

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t total = 0;
  int64_t resident = 0;
  if (!(file >> total >> resident)) return -1;
  return resident * sysconf(_SC_PAGESIZE);
}

MemoryTrimmer::MemoryTrimmer()
    : MemoryTrimmer(Options{.take_freed_pieces = [] { return FreedPieces::OfProcess().Take(); },
                            .free_idle = [] { compute::BufferPool::OfProcess().FreeIdle(); },
                            .resident_bytes = &ResidentBytes,
                            .trim = [] { static_cast<void>(malloc_trim(0)); }}) {}

MemoryTrimmer::MemoryTrimmer(Options options)
    : options_(std::move(options)),
      floor_bytes_(options_.resident_bytes()),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void MemoryTrimmer::Run(const std::stop_token& stop) {
  for (int64_t glance = 0; !stop.stop_requested(); ++glance) {
    if (options_.take_freed_pieces() > 0) Trim();
    if (glance % options_.glances_a_look == 0) Look();
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, stop, options_.glance, [] { return false; });
  }
}

void MemoryTrimmer::Look() {
  options_.free_idle();
  const int64_t resident = options_.resident_bytes();
  if (resident < 0) return;
  floor_bytes_ = std::min(floor_bytes_, resident);
  const int64_t growth = resident - floor_bytes_;
  looks_above_ = growth > options_.lasting_bytes ? looks_above_ + 1 : 0;
  if (growth <= options_.slack_bytes && looks_above_ < options_.lasting_looks) return;
  Trim();
}

void MemoryTrimmer::Trim() {
  options_.trim();
  looks_above_ = 0;
  // What could not be given back is in use, and counts as such.
  floor_bytes_ = options_.resident_bytes();
}

}  // namespace tensord::server
