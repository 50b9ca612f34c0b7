// Accumulates Sums in long double.
#ifndef TENSORD_TESTS_REFERENCE_SUMS_H_
#define TENSORD_TESTS_REFERENCE_SUMS_H_

#include <cmath>
#include <cstdint>
#include <vector>

#include "tests/reference/reference.h"

namespace tensord::reference {

class Accumulator {
 public:
  explicit Accumulator(int64_t count)
      : values_(static_cast<size_t>(count)), magnitudes_(values_.size()), terms_(values_.size()) {}

  void Add(size_t element, long double term) {
    values_[element] += term;
    magnitudes_[element] += std::abs(term);
    ++terms_[element];
  }

  Sums Finish() const { return {{values_.begin(), values_.end()}, {magnitudes_.begin(), magnitudes_.end()}, terms_}; }

 private:
  std::vector<long double> values_;
  std::vector<long double> magnitudes_;
  std::vector<int64_t> terms_;
};

inline int64_t CountOf(const compute::Shape& shape) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return count;
}

}  // namespace tensord::reference

#endif  // TENSORD_TESTS_REFERENCE_SUMS_H_
