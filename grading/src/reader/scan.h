// What a text states: its values, in chains of equal signs, and the words, signs and brackets between them.
#ifndef TENSORD_GRADING_SRC_READER_SCAN_H_
#define TENSORD_GRADING_SRC_READER_SCAN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "grading/src/reader/arithmetic.h"
#include "grading/src/reader/tokens.h"
#include "tensord/grading/reading.h"

namespace tensord::grading::internal {

// The sides of `3*3*10*20 + 10 = 1810`.
struct Chain {
  std::vector<Step> steps;  // at least one
  Value value;              // the last side's
  bool broken = false;      // the last side has letters
  std::string reason;       // why
  std::vector<Note> notes;
};

// A piece of the text. The tokens between brackets are items as well, unless the brackets are an expression's.
struct Item {
  enum class Kind { kValue, kWord, kSign };
  Kind kind = Kind::kSign;
  size_t begin = 0;  // tokens
  size_t end = 0;
  size_t chain = 0;  // of kValue: its index in Scan::chains
  char sign = 0;     // of kSign

  [[nodiscard]] bool Is(char c) const { return kind == Kind::kSign && sign == c; }
  [[nodiscard]] bool IsValue() const { return kind == Kind::kValue; }
  [[nodiscard]] bool IsWord() const { return kind == Kind::kWord; }
};

struct ScanOptions {
  ArithmeticOptions arithmetic;
  // Sides that = or ≈ joins are one chain; else each is a value, and the sign an item.
  bool chains = true;
  // A side behind x or × is no part of a chain: `46 x 62 x 20 = 57040` as a shape.
  bool cross_ends_chains = false;
  // An equal sign behind a word always gives that word a value.
  bool names_end_chains = false;
  // A letter beside an operator makes the side broken; else the letters and signs are items.
  bool letters_break = true;
};

struct Scan {
  std::vector<Item> items;
  std::vector<Chain> chains;
};

// Everything that the text states.
// Errors: Unreadable where a limit is exceeded or a number divided by 0.
[[nodiscard]] std::variant<Scan, Unreadable> ScanText(const Tokens& tokens, const ReadLimits& limits,
                                                      const ScanOptions& options);

// What is wrong with a text that is empty or longer than it may be.
[[nodiscard]] std::optional<Unreadable> CheckText(absl::string_view text, size_t max_bytes);

// A text without an answer: "the answer states no number: \"the indices must...\"".
[[nodiscard]] Unreadable NothingStated(absl::string_view text, absl::string_view what, absl::string_view remedy);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_SCAN_H_
