// Durations, counted in buckets whose width grows with them.
#ifndef TENSORD_LOAD_HISTOGRAM_H_
#define TENSORD_LOAD_HISTOGRAM_H_

#include <cstdint>
#include <vector>

namespace tensord::load {

// Counts nanoseconds with a relative error of at most 1/64, whatever their size: 64 buckets for each doubling. Memory
// is taken only up to the largest value seen.
class Histogram {
 public:
  void Record(int64_t nanoseconds);
  void Merge(const Histogram& other);

  uint64_t count() const { return count_; }
  int64_t max() const { return max_; }

  // The smallest recorded duration that at least `fraction` of all are not above, rounded up to its bucket's end, never
  // above max(); 0 where nothing was recorded. `fraction` is cut to 0..1.
  int64_t Quantile(double fraction) const;

  // How many are at most `nanoseconds`, each taken for its bucket's end, as Quantile() takes it.
  uint64_t CountUpTo(int64_t nanoseconds) const;

 private:
  std::vector<uint64_t> buckets_;
  uint64_t count_ = 0;
  int64_t max_ = 0;
};

}  // namespace tensord::load

#endif  // TENSORD_LOAD_HISTOGRAM_H_
