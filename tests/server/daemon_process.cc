#include "tests/server/daemon_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

namespace tensord::testing {
namespace {

constexpr int kPatienceMs = 60'000;

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

DaemonProcess::DaemonProcess(const std::vector<std::string>& arguments,
                             const std::map<std::string, std::string>& environment) {
  std::vector<std::string> argument_texts = {TENSORD_PROGRAM};
  argument_texts.insert(argument_texts.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment_texts;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::string(*entry).rfind("TENSORD_", 0) != 0) environment_texts.emplace_back(*entry);
  }
  for (const auto& [name, value] : environment) environment_texts.push_back(name + "=" + value);
  std::vector<char*> argv = Pointers(argument_texts);
  std::vector<char*> envp = Pointers(environment_texts);

  std::array<int, 2> out = {};
  std::array<int, 2> err = {};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  pid_ = fork();
  if (pid_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(out[1]);
  close(err[1]);
  output_fd_ = out[0];
  errors_fd_ = err[0];
}

DaemonProcess::~DaemonProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(output_fd_);
  close(errors_fd_);
}

bool DaemonProcess::ReadMore(int fd, std::string& text) {
  pollfd poller = {fd, POLLIN, 0};
  if (poll(&poller, 1, kPatienceMs) <= 0) {
    ADD_FAILURE() << "nothing more from the daemon after: " << text;
    return false;
  }
  std::array<char, 4096> buffer;
  const ssize_t count = read(fd, buffer.data(), buffer.size());
  if (count <= 0) return false;
  text.append(buffer.data(), static_cast<size_t>(count));
  return true;
}

nlohmann::json DaemonProcess::WaitForEvent(const std::string& event) {
  while (true) {
    const size_t end = errors_.find('\n', parsed_);
    if (end == std::string::npos) {
      if (!ReadMore(errors_fd_, errors_)) return nullptr;
      continue;
    }
    const std::string line = errors_.substr(parsed_, end - parsed_);
    parsed_ = end + 1;
    nlohmann::json object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    EXPECT_TRUE(object.is_object()) << "not a JSON object: " << line;
    if (object.is_object() && object.value("event", "") == event) return object;
  }
}

std::string DaemonProcess::WaitForAddress(const std::string& event) {
  const nlohmann::json object = WaitForEvent(event);
  EXPECT_TRUE(object.is_object()) << "no event " << event << " in: " << errors_;
  return object.is_object() ? object.value("address", "") : "";
}

void DaemonProcess::Signal(int signal_number) const { kill(pid_, signal_number); }

int DaemonProcess::WaitForExit() {
  while (ReadMore(errors_fd_, errors_)) {
  }
  while (ReadMore(output_fd_, output_)) {
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

}  // namespace tensord::testing
