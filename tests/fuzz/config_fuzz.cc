#include "tests/fuzz/config_fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/config_resolve.h"
#include "server/config_table.h"
#include "tests/fuzz/check.h"

namespace tensord::fuzz {
namespace {

using server::ConfigOutcome;
using Arguments = std::vector<std::string>;

// A file in memory, with a path.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(memfd_create("settings", 0)) { Check(descriptor_ >= 0, "a file in memory can be made"); }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  void Write(absl::string_view text) {
    const bool written = ftruncate(descriptor_, 0) == 0 &&
                         pwrite(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
    Check(written, "a file in memory can be written");
  }
  [[nodiscard]] std::string path() const { return absl::StrCat("/proc/self/fd/", descriptor_); }

 private:
  const int descriptor_;
};

ConfigOutcome Resolve(const Arguments& arguments) {
  return server::ResolveConfig({.arguments = arguments,
                                .environment = {},
                                .defaults = server::DefaultSettingsFor(/*cpu_count=*/2, /*memory_bytes=*/1 << 30)});
}

std::vector<std::string> Texts(const server::Settings& settings) {
  std::vector<std::string> texts;
  for (const server::SettingDescription& setting : server::SettingTable()) {
    for (const std::string& text : setting.print(settings)) texts.push_back(absl::StrCat(setting.name, ": ", text));
  }
  return texts;
}

// What --print-config says of settings is a file that gives them.
void CheckPrinted(Arguments arguments, const server::Settings& settings, MemoryFile& file) {
  arguments.emplace_back("--print-config");
  const ConfigOutcome printed = Resolve(arguments);
  Check(printed.exit_code == 0, "settings that hold can be printed", printed.errors);
  Check(IsShowable(printed.output), "settings can be shown", printed.output);
  file.Write(printed.output);
  const ConfigOutcome again = Resolve({"--config", file.path()});
  Check(!again.exit_code.has_value(), "settings that were printed can be read", again.errors);
  Check(Texts(again.settings) == Texts(settings), "settings that were printed are read as the same", printed.output);
}

}  // namespace

void RunConfig(const uint8_t* data, size_t size) {
  static MemoryFile file;
  if (size == 0) return;
  const absl::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Arguments arguments;
  if (data[0] % 2 == 0) {
    file.Write(text);
    arguments = {"--config", file.path()};
  } else if (!absl::StrContains(text, "--config")) {  // which could name any file of this machine
    arguments = absl::StrSplit(text, '\n');
  }
  const ConfigOutcome outcome = Resolve(arguments);
  if (outcome.exit_code.has_value()) {
    Check(outcome.exit_code == 0 || outcome.exit_code == 2, "a run that is over has code 0 or 2");
    Check(!outcome.errors.empty() || !outcome.output.empty(), "who leaves says why");
    Check(IsShowable(outcome.errors), "problems can be shown", outcome.errors);
    return;
  }
  Check(server::FindProblems(outcome.settings).empty(), "settings that hold are without problems", text);
  CheckPrinted(arguments, outcome.settings, file);
}

}  // namespace tensord::fuzz
