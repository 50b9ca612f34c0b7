// Memory that runs out on purpose. Linking this replaces operator new and delete of the whole program, and malloc as
// called from what is linked statically; what gRPC takes by its own malloc never fails.
#ifndef TENSORD_TESTS_ALLOCATION_FAILING_ALLOCATOR_H_
#define TENSORD_TESTS_ALLOCATION_FAILING_ALLOCATOR_H_

#include <cstdint>

namespace tensord::allocation {

// While one of these lives, allocations of its thread are counted, and those number `first` to `first + count - 1`
// fail; the first has number 1. Scopes do not nest.
class FailureScope {
 public:
  FailureScope(int64_t first, int64_t count);
  ~FailureScope();
  FailureScope(const FailureScope&) = delete;
  FailureScope& operator=(const FailureScope&) = delete;

  // Ends counting and failing before the scope does.
  void End();
  [[nodiscard]] int64_t allocation_count() const;
  [[nodiscard]] int64_t failure_count() const;
  // How many of the failures came while a protobuf list of objects grew. Up to protobuf 3.21 and on, the list loses the
  // element that it had made before it found no room for its address: one block is left behind each time.
  [[nodiscard]] int64_t protobuf_list_failure_count() const;
};

// Blocks that operator new gave out within scopes, of any thread, and that were not given back yet.
[[nodiscard]] int64_t LiveCount();

}  // namespace tensord::allocation

#endif  // TENSORD_TESTS_ALLOCATION_FAILING_ALLOCATOR_H_
