// batch: many operations from a file, over one stream.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/batch/answer.h"
#include "client/cli/batch/answer_writer.h"
#include "client/cli/batch/interrupt.h"
#include "client/cli/batch/line_reader.h"
#include "client/cli/batch/progress_bar.h"
#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/io/file.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"
#include "tensord/client/compute_stream.h"

namespace tensord::cli {
namespace {

constexpr int64_t kMostUnanswered = 65536;

absl::Status FileError(absl::string_view what, const std::string& path) {
  return absl::InvalidArgumentError(absl::StrCat(what, " ", Escape(path), ": ", std::strerror(errno)));
}

class Batch : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("batch", "Many operations from a file, over one stream");
    command->add_option("FILE", path_, "One operation per line, or - for standard input")->required();
    command->add_option("--out", out_path_, "Write the answers there, as JSON, and nothing to standard output")
        ->type_name("FILE");
    command->add_flag("--unordered", unordered_, "Write answers as they come. Default: in the order of the lines");
    command->add_option("--window", window_, "Operations to have unanswered at most, 1 to 65536. Default: 64")
        ->type_name("N")
        ->check(CLI::Range(int64_t{1}, kMostUnanswered));
    command->footer(
        R"(A line is a StreamComputeRequest in protobuf's JSON, at most 1 GiB of it; blank lines and lines that begin with # do
not count. Each gets an answer, or an error of its own, with its line's number; with --format json and --out:
  {"line":3,"id":"7","pool":{...}}   {"line":4,"id":"8","error":{"code":"INVALID_ARGUMENT",...}}
--deadline is for the whole batch; default: none. Ctrl-C: no more is read, and what was sent is answered; once more ends it.
Exit codes: 0 every operation was done; 1 one failed, or the connection did; 2 a mistake in flags or files.

Examples:
  tensorctl batch operations.jsonl
  tensorctl batch operations.jsonl --out answers.jsonl
  make-operations | tensorctl --server localhost:50051 batch - --format json --unordered)");
    return command;
  }

  absl::Status Prepare(TensorSource& /*source*/) override {
    if (path_ != "-") {
      std::error_code ignored;
      if (std::filesystem::is_directory(path_, ignored)) {
        errno = EISDIR;
        return FileError("cannot read", path_);
      }
      file_.open(path_, std::ios::binary);
      if (!file_.is_open()) return FileError("cannot read", path_);
      const auto size = std::filesystem::file_size(path_, ignored);
      if (!ignored) size_ = static_cast<int64_t>(size);
    }
    if (!out_path_.empty()) {
      std::error_code ignored;
      if (std::filesystem::equivalent(path_, out_path_, ignored)) {
        return absl::InvalidArgumentError(absl::StrCat("--out: ", Escape(out_path_), " is the file that is read"));
      }
      out_file_.open(out_path_, std::ios::binary | std::ios::trunc);
      if (!out_file_.is_open()) return FileError("--out: cannot write", out_path_);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    std::ostream& out = out_path_.empty() ? context.out() : out_file_;
    const bool is_json = context.flags().json() || !out_path_.empty();
    // Beside answers that scroll over the terminal there is no place for it.
    const bool shows_bar = context.shows_progress() && (!out_path_.empty() || isatty(STDOUT_FILENO) == 0);
    LineReader reader(path_ == "-" ? context.in() : file_, kMaxLineBytes);
    ProgressBar bar(shows_bar ? &context.err() : nullptr);
    if (!is_json) out << AnswerTextHeader() << "\n";

    const Interrupt interrupt;
    Result result;
    {
      AnswerWriter writer(
          {.window = static_cast<size_t>(window_), .is_ordered = !unordered_},
          [&](const Answer& answer) {
            out << (is_json ? AnswerJson(answer) : AnswerText(answer)) << "\n";
            return out.good();
          },
          [&](const BatchCounts& so_far) {
            out.flush();
            bar.Show(so_far, Fraction(reader));
          });
      result = SendAll(*caller, reader, interrupt, writer);
    }
    bar.Clear();
    out.flush();
    if (!out.good()) {
      return absl::DataLossError(absl::StrCat(out_path_.empty() ? "standard output" : out_path_, " cannot be written"));
    }
    if (!context.flags().quiet()) {
      context.err() << SummaryText(result.counts, bar.seconds()) << (interrupt.requested() ? ", interrupted" : "")
                    << "\n";
    }
    if (!result.status.ok()) return result.status;
    return result.counts.failed == 0 && !interrupt.requested() ? kExitDone : kExitFailed;
  }

 private:
  static constexpr size_t kMaxLineBytes = size_t{1} << 30;

  struct Result {
    BatchCounts counts;
    absl::Status status;  // of the batch as a whole: whether the file was read and the server answered, to the end
  };

  // How much of the file has been read, where there is an end in sight.
  [[nodiscard]] std::optional<double> Fraction(const LineReader& reader) const {
    if (size_ <= 0) return std::nullopt;
    return static_cast<double>(reader.bytes_read()) / static_cast<double>(size_);
  }

  [[nodiscard]] Result SendAll(Caller& caller, LineReader& reader, const Interrupt& interrupt,
                               AnswerWriter& writer) const {
    // Its destruction ends the callbacks.
    const std::unique_ptr<client::ComputeStream> stream =
        caller.StreamCompute({.max_unanswered_count = window_}, [&writer](v1::StreamComputeResponse response) {
          const uint64_t place = response.id();
          writer.Deliver(place, std::move(response));
        });
    absl::Status ended;
    while (ended.ok() && !writer.failed() && !interrupt.requested()) {
      std::optional<Line> line = reader.Next();
      if (!line.has_value()) break;
      ended = SendOne(*std::move(line), *stream, writer);
    }
    const BatchCounts counts = writer.Finish();
    const absl::Status finished = writer.failed() ? absl::OkStatus() : stream->Finish();
    if (!ended.ok()) return {counts, ended};
    if (!finished.ok()) return {counts, finished};
    const bool is_cut = reader.failed() || (path_ == "-" && std::ferror(stdin) != 0);
    if (!is_cut || interrupt.requested()) return {counts, absl::OkStatus()};
    const std::string name = path_ == "-" ? "standard input" : Escape(path_);
    return {counts, absl::DataLossError(absl::StrCat(name, " cannot be read to its end"))};
  }

  // Fails where the stream has ended: of what is wrong with the line itself, its answer tells.
  static absl::Status SendOne(Line line, client::ComputeStream& stream, AnswerWriter& writer) {
    Origin origin{.line = line.number, .id = 0, .operation = {}};
    absl::StatusOr<v1::StreamComputeRequest> request =
        line.is_too_long ? absl::InvalidArgumentError(absl::StrCat("the line is longer than ", kMaxLineBytes, " bytes"))
                         : ParseOperation(line.text);
    line = {};
    if (!request.ok()) {
      writer.DeliverError(writer.Expect(std::move(origin)), request.status());
      return absl::OkStatus();
    }
    origin.id = request->id();
    origin.operation = OperationName(*request);
    const uint64_t place = writer.Expect(std::move(origin));
    request->set_id(place);
    const absl::Status sent = stream.Send(*std::move(request));
    if (sent.ok()) return sent;
    writer.DeliverError(place, sent);
    return absl::IsResourceExhausted(sent) ? absl::OkStatus() : sent;
  }

  std::string path_;
  std::string out_path_;
  bool unordered_ = false;
  int64_t window_ = 64;
  std::ifstream file_;
  std::ofstream out_file_;
  int64_t size_ = 0;
};

}  // namespace

std::unique_ptr<Command> MakeBatch() { return std::make_unique<Batch>(); }

}  // namespace tensord::cli
