// Services whose calls a test holds and lets go, in place of the real ones: a test that links fake_services.cc has its
// server run these.
#ifndef TENSORD_TESTS_SERVER_FAKE_SERVICES_H_
#define TENSORD_TESTS_SERVER_FAKE_SERVICES_H_

#include <condition_variable>
#include <mutex>

namespace tensord::testing {

// What the fake services are told, and what they saw. One for the process; Reset it at the beginning of each test.
//
// ServerService/GetServerInfo answers at once. TensorService/Activate runs on the pool until it is released (OK) or
// cancelled (CANCELLED). Both refuse with UNAVAILABLE while draining.
class FakeControl {
 public:
  static FakeControl& Get();

  void Reset();
  void Release();
  void WaitUntilRunning(int count);
  [[nodiscard]] bool drain_began();

  // For the services.
  void BeginDrain();
  void CancelAll();
  // Blocks; whether the call was released rather than cancelled.
  bool Hold();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int running_ = 0;
  bool released_ = false;
  bool cancelled_ = false;
  bool draining_ = false;
};

}  // namespace tensord::testing

#endif  // TENSORD_TESTS_SERVER_FAKE_SERVICES_H_
