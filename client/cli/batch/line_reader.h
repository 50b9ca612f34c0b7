// The lines of a file that is read as it goes.
#ifndef TENSORD_CLI_BATCH_LINE_READER_H_
#define TENSORD_CLI_BATCH_LINE_READER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>

namespace tensord::cli {

struct Line {
  int64_t number = 0;  // counted from 1, blank lines and comments too
  std::string text;    // without its end; the beginning only where it is too long
  bool is_too_long = false;
};

class LineReader {
 public:
  // `in` must outlive the reader. A line may have `max_bytes`; the rest of a longer one is passed over.
  LineReader(std::istream& in, size_t max_bytes) : in_(in), max_bytes_(max_bytes) {}

  // The next line that is neither blank nor a comment (#), or nothing at the end. A missing line break at the end, and
  // a carriage return before a line break, make no difference.
  [[nodiscard]] std::optional<Line> Next();

  // Whether the file ended because it could not be read any further.
  [[nodiscard]] bool failed() const { return in_.bad(); }

  // How much of the file has been read. Any thread.
  [[nodiscard]] int64_t bytes_read() const { return bytes_read_.load(std::memory_order_relaxed); }

 private:
  std::optional<Line> NextOfAnyKind();

  std::istream& in_;
  const size_t max_bytes_;
  int64_t line_count_ = 0;
  std::atomic<int64_t> bytes_read_ = 0;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_BATCH_LINE_READER_H_
