#include "tests/fuzz/messages_fuzz.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "client/cli/message_file/read.h"
#include "tensord/v1/grading.pb.h"
#include "tests/fuzz/check.h"

namespace tensord::fuzz {
namespace {

constexpr absl::string_view kNames[] = {"f.yaml", "f.json", "f.txtpb"};

template <typename Message>
void Run(absl::string_view text, absl::string_view name) {
  Message message;
  const absl::Status read = cli::message_file::ReadMessageFile(text, name, message, {.max_bytes = size_t{1} << 20});
  if (!read.ok()) {
    Check(absl::StartsWith(read.message(), name), "an error has to name the file", read.message());
    Check(IsShowable(read.message()), "an error has to be fit for a terminal", read.message());
    return;
  }
  Message again;
  Check(again.ParseFromString(message.SerializeAsString()), "a message that was read survives the wire");
}

}  // namespace

void RunMessages(const uint8_t* data, size_t size) {
  if (size == 0) return;
  const absl::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const absl::string_view name = kNames[data[0] / 2 % std::size(kNames)];
  if (data[0] % 2 == 0) {
    Run<v1::Assignment>(text, name);
  } else {
    Run<v1::Submission>(text, name);
  }
}

}  // namespace tensord::fuzz
