#include "tests/allocation/failing_allocator.h"

#include <dlfcn.h>
#include <execinfo.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>

extern "C" {
void* __real_malloc(size_t size);  // NOLINT(bugprone-reserved-identifier): the linker's --wrap names them
void* __wrap_malloc(size_t size);  // NOLINT(bugprone-reserved-identifier)

// protobuf 3.21 loses the element that it has just made where its list cannot grow, also while it parses. The tests
// count these losses and allow no other: so the leak checker of -fsanitize=address need not report them.
const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
const char* __lsan_default_suppressions() { return "leak:google::protobuf::internal::RepeatedPtrFieldBase::Add<\n"; }
}

namespace tensord::allocation {
namespace {

struct Plan {
  bool active = false;
  int64_t first = 0;
  int64_t last = 0;
  int64_t allocation_count = 0;
  int64_t failure_count = 0;
  int64_t protobuf_list_failure_count = 0;
};
thread_local constinit Plan plan;
std::atomic<int64_t> live_count = 0;

// Lies before every block: where the block that holds both begins, and whether it was made within a scope.
struct Header {
  void* begin;
  bool counted;
};
static_assert(sizeof(Header) == 16);

// Whether google::protobuf::internal::RepeatedPtrFieldBase is among the callers. It lives in a shared library, so that
// its functions have names.
bool InProtobufList() {
  void* callers[12];
  const int count = backtrace(callers, static_cast<int>(std::size(callers)));
  for (int i = 0; i < count; ++i) {
    Dl_info info;
    if (dladdr(callers[i], &info) != 0 && info.dli_sname != nullptr &&
        std::strstr(info.dli_sname, "RepeatedPtrFieldBase") != nullptr) {
      return true;
    }
  }
  return false;
}

// Counts an allocation; whether it is to fail.
bool Fails() {
  if (!plan.active) return false;
  ++plan.allocation_count;
  if (plan.allocation_count < plan.first || plan.allocation_count > plan.last) return false;
  plan.active = false;  // looking at the callers allocates
  if (InProtobufList()) ++plan.protobuf_list_failure_count;
  plan.active = true;
  ++plan.failure_count;
  return true;
}

void* Allocate(size_t size, size_t alignment) {
  alignment = std::max(alignment, sizeof(Header));
  if (Fails() || size > static_cast<size_t>(PTRDIFF_MAX) - 2 * alignment) return nullptr;
  char* const begin = static_cast<char*>(__real_malloc(size + sizeof(Header) + alignment));
  if (begin == nullptr) return nullptr;
  const auto address = reinterpret_cast<uintptr_t>(begin) + sizeof(Header);
  const size_t to_aligned = (alignment - address % alignment) % alignment;
  char* const block = begin + sizeof(Header) + to_aligned;
  new (block - sizeof(Header)) Header{.begin = begin, .counted = plan.active};
  if (plan.active) live_count.fetch_add(1, std::memory_order_relaxed);
  return block;
}

void* AllocateOrThrow(size_t size, size_t alignment) {
  void* const block = Allocate(size, alignment);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void Free(void* block) noexcept {
  if (block == nullptr) return;
  const Header* const header = reinterpret_cast<const Header*>(static_cast<char*>(block) - sizeof(Header));
  if (header->counted) live_count.fetch_sub(1, std::memory_order_relaxed);
  std::free(header->begin);
}

}  // namespace

FailureScope::FailureScope(int64_t first, int64_t count) {
  plan = {};
  plan.first = first;
  plan.last = first + count - 1;
  plan.active = true;
}
FailureScope::~FailureScope() { End(); }
void FailureScope::End() { plan.active = false; }
int64_t FailureScope::allocation_count() const { return plan.allocation_count; }
int64_t FailureScope::failure_count() const { return plan.failure_count; }
int64_t FailureScope::protobuf_list_failure_count() const { return plan.protobuf_list_failure_count; }

int64_t LiveCount() { return live_count.load(std::memory_order_relaxed); }

}  // namespace tensord::allocation

namespace alloc = tensord::allocation;

void* __wrap_malloc(size_t size) { return alloc::Fails() ? nullptr : __real_malloc(size); }

void* operator new(size_t size) { return alloc::AllocateOrThrow(size, 0); }
void* operator new[](size_t size) { return alloc::AllocateOrThrow(size, 0); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return alloc::Allocate(size, 0); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return alloc::Allocate(size, 0); }
void* operator new(size_t size, std::align_val_t alignment) {
  return alloc::AllocateOrThrow(size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return alloc::AllocateOrThrow(size, static_cast<size_t>(alignment));
}
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return alloc::Allocate(size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return alloc::Allocate(size, static_cast<size_t>(alignment));
}
void operator delete(void* block) noexcept { alloc::Free(block); }
void operator delete[](void* block) noexcept { alloc::Free(block); }
void operator delete(void* block, size_t) noexcept { alloc::Free(block); }
void operator delete[](void* block, size_t) noexcept { alloc::Free(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { alloc::Free(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { alloc::Free(block); }
void operator delete(void* block, std::align_val_t) noexcept { alloc::Free(block); }
void operator delete[](void* block, std::align_val_t) noexcept { alloc::Free(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { alloc::Free(block); }
void operator delete[](void* block, size_t, std::align_val_t) noexcept { alloc::Free(block); }
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept { alloc::Free(block); }
void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept { alloc::Free(block); }
