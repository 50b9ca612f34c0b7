// Sums of counts as an answer has them: numbers, and expressions in symbols.
#ifndef TENSORD_CLI_MODEL_COUNT_SUM_H_
#define TENSORD_CLI_MODEL_COUNT_SUM_H_

#include <map>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/analysis.pb.h"

namespace tensord::cli {

// Adds counts up. Like terms are merged: `N*3` and `N*4 + 5` come to `N*7 + 5`. Terms are compared as they are printed,
// so the sum is right, and may be longer than need be.
class CountSum {
 public:
  // More different terms than these, or more than 127 bits, are no sum that anybody reads: it is unknown then.
  static constexpr size_t kMaxTerms = 8;

  // Null is a count that is not known: the sum is then at least what the others come to.
  void Add(const v1::Count* count);
  void Add(const CountSum& other);
  // Takes one away, which makes differences.
  void Subtract(const v1::Count& count);

  // False where there is no number: too large, or too many terms.
  [[nodiscard]] bool known() const { return known_; }
  [[nodiscard]] bool is_lower_bound() const { return is_lower_bound_; }
  [[nodiscard]] bool is_zero() const { return known_ && number_ == 0 && terms_.empty(); }
  // With `decimal`, or with `expression` where a symbol is left; only where it is known.
  [[nodiscard]] v1::Count count() const;
  // `1,234`, `N*7 + 5`, `>= 12` where it is a lower bound, `?`.
  [[nodiscard]] std::string text() const;
  // How large it is with 1 for every symbol: for bars and for sorting.
  [[nodiscard]] double magnitude() const;

 private:
  void AddCount(const v1::Count& count, int sign);
  void AddTerm(absl::string_view text, int sign);
  void AddTo(absl::int128& sum, absl::int128 value);
  void AddFactor(const std::string& factor, absl::int128 value);

  absl::int128 number_ = 0;
  std::map<std::string, absl::int128> terms_;  // the coefficient of each product of symbols; none is 0
  bool known_ = true;
  bool is_lower_bound_ = false;
};

// CountSum's magnitude of one count; 0 for null.
[[nodiscard]] double Magnitude(const v1::Count* count);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_COUNT_SUM_H_
