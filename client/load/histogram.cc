#include "client/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace tensord::load {
namespace {

constexpr int kPrecisionBits = 6;
constexpr uint64_t kPerDoubling = uint64_t{1} << kPrecisionBits;

// Values below 64 have a bucket each; then every doubling has 64.
size_t BucketOf(uint64_t value) {
  if (value < kPerDoubling) return static_cast<size_t>(value);
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - kPrecisionBits;
  return (static_cast<size_t>(shift) << kPrecisionBits) + static_cast<size_t>(value >> shift);
}

uint64_t LargestIn(size_t bucket) {
  if (bucket < kPerDoubling) return bucket;
  const size_t shift = (bucket >> kPrecisionBits) - 1;
  const uint64_t mantissa = kPerDoubling + (bucket & (kPerDoubling - 1));
  return ((mantissa + 1) << shift) - 1;
}

}  // namespace

void Histogram::Record(int64_t nanoseconds) {
  const int64_t value = std::max<int64_t>(nanoseconds, 0);
  const size_t bucket = BucketOf(static_cast<uint64_t>(value));
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
  ++count_;
  max_ = std::max(max_, value);
}

void Histogram::Merge(const Histogram& other) {
  if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
  for (size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

int64_t Histogram::Quantile(double fraction) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_));
  const uint64_t rank = std::clamp<uint64_t>(static_cast<uint64_t>(wanted), 1, count_);
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(max_, static_cast<int64_t>(LargestIn(i)));
  }
  return max_;
}

uint64_t Histogram::CountUpTo(int64_t nanoseconds) const {
  if (nanoseconds >= max_) return count_;
  if (nanoseconds < 0) return 0;
  uint64_t count = 0;
  for (size_t i = 0; i < buckets_.size() && LargestIn(i) <= static_cast<uint64_t>(nanoseconds); ++i) {
    count += buckets_[i];
  }
  return count;
}

}  // namespace tensord::load
