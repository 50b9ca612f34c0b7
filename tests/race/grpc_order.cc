// Tells ThreadSanitizer in which order gRPC hands bytes from thread to thread. Debian's gRPC is not instrumented: that
// the writing of a message comes before its reading on another thread of the process, and the reading before the memory
// is used anew, is ordered by locks that ThreadSanitizer does not see. What gRPC's functions do is left as it is; each
// of the definitions below stands before the library's of the same name, for its C++ layer too, and calls it.
//
// Every order is of one slice only, told by the address of its bytes: what two messages have nothing to do with each
// other stays unordered. Linked into every program that is built with ThreadSanitizer; see TensordTargets.cmake.
#include <dlfcn.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/slice.h>
#include <sanitizer/tsan_interface.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <utility>

namespace {

// The function of this name in the library.
template <typename Function>
Function* Next(Function* /*here*/, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// A short slice's bytes are in the slice itself, which is copied.
bool IsShared(const grpc_slice& slice) { return slice.refcount != nullptr; }

// The slices were put there by gRPC, out of ThreadSanitizer's sight.
template <typename Function>
__attribute__((no_sanitize("thread"))) void ForEachSlice(const grpc_byte_buffer* buffer, Function function) {
  if (buffer == nullptr || buffer->type != GRPC_BB_RAW) return;
  const grpc_slice_buffer& slices = buffer->data.raw.slice_buffer;
  for (size_t i = 0; i < slices.count; ++i) {
    if (IsShared(slices.slices[i])) function(slices.slices[i].data.refcounted.bytes);
  }
}

void Release(const grpc_byte_buffer* buffer) { ForEachSlice(buffer, &__tsan_release); }
void Acquire(const grpc_byte_buffer* buffer) { ForEachSlice(buffer, &__tsan_acquire); }

// As one of several owners lets go: what it did comes before what the last one does.
void LetGo(const grpc_byte_buffer* buffer) {
  Release(buffer);
  Acquire(buffer);
}

// What is to be called when nobody has the bytes any more. In memory of its own: tests count allocations.
struct Owner {
  void* bytes = nullptr;
  void (*destroy)(void*) = nullptr;
  void* user_data = nullptr;
};

class Owners {
 public:
  // Null where there are too many at a time.
  Owner* Take(const Owner& owner) {
    const std::lock_guard lock(mutex_);
    for (size_t tried = 0; tried < owners_.size(); ++tried) {
      Owner& place = owners_[next_];
      next_ = (next_ + 1) % owners_.size();
      if (place.destroy != nullptr) continue;
      place = owner;
      return &place;
    }
    return nullptr;
  }
  Owner GiveBack(Owner* owner) {
    const std::lock_guard lock(mutex_);
    return std::exchange(*owner, Owner{});
  }

 private:
  std::mutex mutex_;
  std::array<Owner, 4096> owners_;
  size_t next_ = 0;
};

Owners& AllOwners() {
  static Owners owners;
  return owners;
}

void Destroy(void* data) {
  const Owner owner = AllOwners().GiveBack(static_cast<Owner*>(data));
  __tsan_acquire(owner.bytes);
  owner.destroy(owner.user_data);
}

}  // namespace

// A message that was written is sent.
grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t count, void* tag, void* reserved) {
  static auto* const next = Next(&grpc_call_start_batch, "grpc_call_start_batch");
  for (size_t i = 0; i < count; ++i) {
    if (ops[i].op == GRPC_OP_SEND_MESSAGE) Release(ops[i].data.send_message.send_message);
  }
  return next(call, ops, count, tag, reserved);
}

// A message that was received is read.
int grpc_byte_buffer_reader_init(grpc_byte_buffer_reader* reader, grpc_byte_buffer* buffer) {
  static auto* const next = Next(&grpc_byte_buffer_reader_init, "grpc_byte_buffer_reader_init");
  Acquire(buffer);
  return next(reader, buffer);
}

// It was read, and somebody else may be the last to let go of its bytes.
void grpc_byte_buffer_destroy(grpc_byte_buffer* buffer) {
  static auto* const next = Next(&grpc_byte_buffer_destroy, "grpc_byte_buffer_destroy");
  LetGo(buffer);
  next(buffer);
}
void grpc_slice_unref(grpc_slice slice) {
  static auto* const next = Next(&grpc_slice_unref, "grpc_slice_unref");
  if (IsShared(slice)) {
    __tsan_release(slice.data.refcounted.bytes);
    __tsan_acquire(slice.data.refcounted.bytes);
  }
  next(slice);
}

// The last one has let go of them, on whatever thread.
grpc_slice grpc_slice_new_with_user_data(void* bytes, size_t size, void (*destroy)(void*), void* user_data) {
  static auto* const next = Next(&grpc_slice_new_with_user_data, "grpc_slice_new_with_user_data");
  Owner* const owner = AllOwners().Take({.bytes = bytes, .destroy = destroy, .user_data = user_data});
  return owner == nullptr ? next(bytes, size, destroy, user_data) : next(bytes, size, &Destroy, owner);
}
