// The daemon as a process, for tests.
#ifndef TENSORD_TESTS_SERVER_DAEMON_PROCESS_H_
#define TENSORD_TESTS_SERVER_DAEMON_PROCESS_H_

#include <sys/types.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tensord::testing {

// A running tensord. What is still alive at the end is killed.
class DaemonProcess {
 public:
  // Starts the program with these arguments, and with no TENSORD_ variables but these.
  explicit DaemonProcess(const std::vector<std::string>& arguments,
                         const std::map<std::string, std::string>& environment = {});
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  // Reads standard error up to the next line of this event; null where it ends without one. Fails the test after a
  // minute.
  nlohmann::json WaitForEvent(const std::string& event);
  // The address of the next "listening" or other event that has one.
  std::string WaitForAddress(const std::string& event);
  void Signal(int signal_number) const;
  // Waits for the end; the exit code, or 1000 plus the signal that ended it.
  int WaitForExit();

  // All of standard error, and of standard output, after WaitForExit.
  [[nodiscard]] const std::string& errors() const { return errors_; }
  [[nodiscard]] const std::string& output() const { return output_; }

 private:
  // Appends what comes next to `text`; false at the end.
  static bool ReadMore(int fd, std::string& text);

  pid_t pid_ = -1;
  int output_fd_ = -1;
  int errors_fd_ = -1;
  std::string output_;
  std::string errors_;
  size_t parsed_ = 0;  // of errors_: up to where events were looked at
};

}  // namespace tensord::testing

#endif  // TENSORD_TESTS_SERVER_DAEMON_PROCESS_H_
