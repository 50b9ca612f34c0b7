// Exact counts, and how they were computed.
#ifndef TENSORD_ANALYSIS_COUNT_H_
#define TENSORD_ANALYSIS_COUNT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "tensord/analysis/expression.h"

namespace tensord::analysis {

// An exact count of at most 128 bits: a number, or an expression where a symbol is left.
class Count {
 public:
  Count() = default;  // 0
  // `expression` must have no error.
  explicit Count(Expression expression) : expression_(std::move(expression)) {}

  // Where the count is a number that fits.
  [[nodiscard]] std::optional<int64_t> value() const;
  // In decimal digits; empty where a symbol is left.
  [[nodiscard]] std::string decimal() const;
  // Where a symbol is left, e.g. `N*57040`; else empty.
  [[nodiscard]] std::string expression() const;
  // decimal() or expression(), whichever is not empty.
  [[nodiscard]] std::string ToString() const { return expression_.ToString(); }

  [[nodiscard]] const Expression& exact() const { return expression_; }
  bool operator==(const Count&) const = default;

 private:
  Expression expression_;
};

// How a quantity was computed.
struct Formula {
  std::string quantity;     // the result's field, e.g. "multiplication_count", "output_shape[0]", "byte_count.input"
  std::string general;      // in the alphabet of dimensions, e.g. "N*Ho*Wo*O*Kh*Kw*(C/G)"
  std::string substituted;  // with the sizes at hand, e.g. "N*46*62*20*3*3*(10/2)"
  bool operator==(const Formula&) const = default;
};

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_COUNT_H_
