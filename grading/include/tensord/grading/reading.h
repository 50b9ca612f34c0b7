// Reads what students type. docs/grading/answers.md says what they may write.
//
// A reader knows nothing of the right answer: it finds the values that a text states, exactly and each with its place
// in the text. Which function reads is decided by the kind of answer that was asked for; so `46 x 62 x 20` is a product
// where a number is asked, and a tuple where a shape is. Prose around an answer is passed over.
//
// Errors:  none; a text that states no value, or none that can be told, is Unreadable: it cannot be graded, which is
// not
//          the same as wrong. Texts may hold any bytes. What is quoted in a reason is printable ASCII.
// Cost:    linear in the text, within ReadLimits; arithmetic at most max_operations operations on max_digits digits.
// Owns:    the readings hold no views of the text. Threads: no shared state; safe to call concurrently.
#ifndef TENSORD_GRADING_READING_H_
#define TENSORD_GRADING_READING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "tensord/grading/number.h"

namespace tensord::grading {

// What a text may cost. All are checked before anything of that size is made.
struct ReadLimits {
  size_t max_text_bytes = size_t{1} << 20;    // of a tensor
  size_t max_prose_bytes = size_t{64} << 10;  // of everything else
  size_t max_depth = 64;                      // of brackets
  size_t max_digits = 4096;       // of any numerator or denominator, also between the steps of a calculation
  size_t max_operations = 2000;   // of arithmetic in one text
  size_t max_numbers = 1000;      // of one text, but for a tensor's
  size_t max_elements = 1 << 19;  // of a tensor
};

// Bytes of the text: [begin, end).
struct TextRange {
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const TextRange&) const = default;
};

// A text that cannot be graded.
struct Unreadable {
  std::string reason;  // "the answer states no number"
  std::string remedy;  // "write the number alone, e.g. 5133600"
  size_t offset = 0;   // the byte of the text that the reason is about
};

// What was noticed of an answer that was read.
struct Note {
  enum class Code {
    kUnequalSides,      // the sides of a chain differ: "3*3*10*20 + 10 is 1810, not 1820"
    kRounded,           // the last side is the one before, rounded as far as it is printed
    kSideWithoutValue,  // a side of a chain was passed over: it has letters
    kUnit,              // k, million, %: the number is scaled by it
    kDecimalComma,      // the comma was read as a decimal point
    kThousands,         // commas, points or spaces were read as marks of thousands
  };
  Code code = Code::kUnequalSides;
  std::string text;
  TextRange range;
};

// A number that the text states: of a chain of equal signs, its last side.
struct Value {
  Number number;
  TextRange range;
  // Where the number is printed in decimals, the power of ten of its last digit: -2 for 4.09, 3 for 5133k, 4 for
  // 1.23e6. It stands for any number within half of that unit. None for integers and for arithmetic: these are exact.
  std::optional<int64_t> last_place;
  // What stands before it with = or :, or behind it as a unit: "C" in C=20, "colours" in 3 colours. Often empty.
  // A name is given without LaTeX: k_{1} and k_1 are both k1.
  std::string name;
};

// One side of a chain: 3*3*10*20 + 10 and 1810 of `3*3*10*20 + 10 = 1810`.
struct Step {
  std::string text;  // as written, printable, at most 80 bytes
  TextRange range;
  std::optional<Number> number;  // none where it has letters
};

struct NumberReading {
  Value value;
  std::vector<Step> steps;  // all sides of the chain, at least the value's own
  std::vector<Note> notes;
  std::vector<Number> alternatives;  // other sensible readings of the same text
};

// A number: a literal, or arithmetic without letters, after any prose.
[[nodiscard]] std::variant<NumberReading, Unreadable> ReadNumber(absl::string_view text, const ReadLimits& limits = {});
// A number where an integer is asked: points between groups of three digits may mark thousands, so `5.133` has the
// alternative 5133. The value need not be an integer: that is for the judge.
[[nodiscard]] std::variant<NumberReading, Unreadable> ReadInteger(absl::string_view text,
                                                                  const ReadLimits& limits = {});

struct NumbersReading {
  std::vector<Value> values;  // in the order of the text
  std::vector<Note> notes;
  std::vector<std::vector<Number>> alternatives;
};

// Several numbers: `10 and 20`, `in: 10, out: 20`, `(10, 20)`, `10 input and 20 output channels`.
[[nodiscard]] std::variant<NumbersReading, Unreadable> ReadNumbers(absl::string_view text,
                                                                   const ReadLimits& limits = {});

// Sizes with what each was called. A shape may be read from `(46, 62, 20)`, `46 x 62 x 20`, `[46 62 20]`, `H=46, W=62`,
// `46 by 62`, `(1000, 3): image, colour`, `1000 images x 3 colours`, `torch.Size([46, 62])`; `(5,)` has one axis and
// `()` none. In a text of several tuples all have to be the same.
[[nodiscard]] std::variant<NumbersReading, Unreadable> ReadShape(absl::string_view text, const ReadLimits& limits = {});

// A place in a tensor: one index for each axis, with its name where it has one ("row", "column", "i").
struct PlaceValue {
  std::vector<Value> indices;
  TextRange range;
};

struct PlacesReading {
  std::optional<NumberReading> value;  // ReadValueAndPlaces only
  std::vector<PlaceValue> places;
};

// Places: `(1,1), (1,2)`, `Z[1,3]`, `Z_{1,3}`, `[1][3]`, `row 1, column 3`, `i=1, j=3`, a bare `1, 3`.
[[nodiscard]] std::variant<PlacesReading, Unreadable> ReadPlaces(absl::string_view text, const ReadLimits& limits = {});
// A value and where it is: `6 at (1,3), (2,3)`, `Z[1,3] = 6`, `-2 in row 3, column 4`. One of the two may be missing.
[[nodiscard]] std::variant<PlacesReading, Unreadable> ReadValueAndPlaces(absl::string_view text,
                                                                         const ReadLimits& limits = {});

// The limits of a sum: both inclusive.
struct SumRange {
  std::string name;  // of the index, without LaTeX; empty where none is given
  Number first;
  Number last;
  TextRange range;
};

struct SumLimitsReading {
  std::vector<SumRange> ranges;
  bool for_each = false;  // "both", "each", "all": the one range is every index's
};

// Limits of sums: `0..1 and 0..1`, `k1 = 0..1, k2 = 0,1`, `0 <= k1, k2 < 2`, `k1 in {0,1}`, `range(2)`, `from 0 to 1`,
// `\sum_{k_1=0}^{1}`.
[[nodiscard]] std::variant<SumLimitsReading, Unreadable> ReadLimitsOfSums(absl::string_view text,
                                                                          const ReadLimits& limits = {});

struct TensorReading {
  std::vector<int64_t> shape;  // none for a scalar
  std::vector<double> values;  // row-major, each rounded once to nearest
  // For each value, the power of ten of its last printed digit; kExactPlace for an integer or a fraction.
  std::vector<int16_t> last_places;
  // The lowest of last_places. Printers cut zeros off: beside 0.3333 a 0.5 is 0.5000. kExactPlace where all are exact.
  int16_t lowest_place = 0;
  std::string dtype;  // "float32" where the text says so
  TextRange range;
};
inline constexpr int16_t kExactPlace = INT16_MAX;

// A tensor: nested lists as of JSON and Python, what NumPy, PyTorch and MATLAB print, lines of CSV, a bare list.
[[nodiscard]] std::variant<TensorReading, Unreadable> ReadTensor(absl::string_view text, const ReadLimits& limits = {});

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_READING_H_
