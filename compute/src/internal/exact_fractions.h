// Exact sums of fractions whose divisors have no small common multiple.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_EXACT_FRACTIONS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_EXACT_FRACTIONS_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "compute/src/internal/big_number.h"
#include "compute/src/internal/exact_sum.h"
#include "tensord/compute/binary_format.h"

namespace tensord::compute::internal {

// Bits of a positive number.
inline int64_t BitWidth(int64_t number) { return static_cast<int64_t>(std::bit_width(static_cast<uint64_t>(number))); }

// How many digits of 32 bits a sum of fractions takes behind the point, where `terms` come at most, whose divisors'
// least common multiple L is 2^common_bits at most.
//
// Let 2^e be worth no more than a term's last bit and than half of the least number of any format: the numbers of a
// format, and the middles between two, are multiples of it. The sum V is a multiple of 2^e / L. Hence it is a multiple
// of 2^e, or at least 2^e / L away from every one. V is summed in units that are so small that what is cut off of all
// quotients, at most one each, is worth less than half of that. Where that sum is as close to a multiple of 2^e as what
// was cut off, V is that multiple; else there is none between the two, and both are rounded to the same.
inline int GuardDigits(int64_t terms, int64_t common_bits) {
  return static_cast<int>((common_bits + BitWidth(terms) + 1 + 31) / 32);
}

// The sum of up to 2^31 fractions a / divisor of numbers a of type T, float or double; what becomes of NaN, infinities
// and zero is Accumulation::kExact's. Everything is done in integers, so that no mode of the processor matters.
template <typename T>
class ExactFractions {
 public:
  // `guard_digits`: GuardDigits() of what comes.
  explicit ExactFractions(int guard_digits)
      : guard_digits_(static_cast<size_t>(guard_digits)),
        total_(ExactSum<T>::kDigits - kUnusedDigits + guard_digits_ + 1, 0),
        scratch_(total_.size(), 0) {
    pending_.reserve(kMostPending);
  }

  // Makes it zero again.
  void Clear() {
    pending_.clear();
    special_.Clear();
    if (cut_off_ != 0) std::fill(total_.begin(), total_.end(), 0);
    cut_off_ = 0;
  }

  // Adds a / divisor; divisor >= 1.
  void Add(T a, int64_t divisor) {
    if (pending_.size() == kMostPending) AddPending();
    pending_.push_back({.divisor = divisor, .value = a});
  }

  // The bits of the sum, rounded once. Nothing may be added before the next Clear().
  [[nodiscard]] uint64_t Round(const BinaryFormat& format) {
    SortPending();
    const bool one_divisor = !pending_.empty() && pending_.front().divisor == pending_.back().divisor;
    if (cut_off_ == 0 && special_.finite() && one_divisor) {
      SumGroup(0);
      return sum_.Round(pending_.front().divisor, format);
    }
    AddPending();
    if (!special_.finite()) return special_.Round(1, format);
    const bool negative = ToMagnitude();
    Snap();
    const int unit = kLastExponent - 32 * static_cast<int>(guard_digits_);
    return RoundQuotient({.digits = scratch_, .exponent = unit, .negative = negative}, 1, format, {});
  }

  // Digits of the longest quotient that a term may take.
  [[nodiscard]] int64_t digits_of_quotient() const { return static_cast<int64_t>(total_.size()); }

 private:
  struct Fraction {
    int64_t divisor;
    T value;
  };
  static constexpr size_t kMostPending = 256;
  // Of products by 1 only half of the digits behind the point are used; e is where the others begin.
  static constexpr size_t kUnusedDigits = static_cast<size_t>(-ExactSum<T>::kLastExponent / 2 / 32);
  static constexpr int kLastExponent = ExactSum<T>::kLastExponent + 32 * static_cast<int>(kUnusedDigits);
  static_assert(kLastExponent < ExactSum<T>::kLastExponent / 2);
  static constexpr int64_t kMask = 0xffffffff;

  void SortPending() {
    std::sort(pending_.begin(), pending_.end(),
              [](const Fraction& a, const Fraction& b) { return a.divisor < b.divisor; });
  }

  // Sums the fractions of one divisor, from number `first` on; returns the number of the next divisor's first.
  size_t SumGroup(size_t first) {
    sum_.Clear();
    size_t i = first;
    for (; i < pending_.size() && pending_[i].divisor == pending_[first].divisor; ++i) {
      sum_.Add(pending_[i].value);
      if (!std::isfinite(pending_[i].value)) special_.Add(pending_[i].value);
    }
    return i;
  }

  void AddPending() {
    SortPending();
    for (size_t first = 0; first < pending_.size();) {
      const int64_t divisor = pending_[first].divisor;
      first = SumGroup(first);
      if (sum_.finite()) AddQuotient(divisor);
    }
    pending_.clear();
  }

  // Adds sum_ / divisor to the total, what is below a unit cut off.
  void AddQuotient(int64_t divisor) {
    std::array<uint32_t, ExactSum<T>::kDigits> room;
    const BigNumber number = sum_.Digits(room);
    if (number.digits.empty()) return;  // zeros only
    const auto lowest = static_cast<size_t>((number.exponent - ExactSum<T>::kLastExponent) / 32);
    const size_t zeros = lowest < kUnusedDigits ? kUnusedDigits - lowest : 0;  // those of 1 as a significand
    const absl::Span<const uint32_t> digits = number.digits.subspan(zeros);
    const size_t behind = lowest + zeros - kUnusedDigits + guard_digits_;
    const absl::Span<uint32_t> quotient = absl::MakeSpan(scratch_).subspan(0, digits.size() + behind);
    (void)Divide(digits, static_cast<uint64_t>(divisor), behind, quotient);
    for (size_t i = 0; i < quotient.size(); ++i) {
      const auto digit = static_cast<int64_t>(quotient[i]);
      total_[i] += number.negative ? -digit : digit;
    }
    ++cut_off_;
  }

  // The digits of |total| to scratch_. Returns whether the total is negative.
  bool ToMagnitude() {
    int64_t carry = 0;
    for (int64_t& digit : total_) {
      digit += carry;
      carry = digit >> 32;
      digit &= kMask;
    }
    const bool negative = carry < 0;
    int64_t borrow = 0;
    for (size_t i = 0; i < total_.size(); ++i) {
      const int64_t digit = negative ? borrow - total_[i] : total_[i];
      scratch_[i] = static_cast<uint32_t>(digit & kMask);
      borrow = negative ? digit >> 32 : 0;
    }
    return negative;
  }

  // Where a multiple of 2^e is as close as what was cut off, takes that.
  void Snap() {
    const absl::Span<uint32_t> below = absl::MakeSpan(scratch_).subspan(0, guard_digits_);
    const auto rest = [&](uint32_t digit) {
      return std::all_of(below.begin() + 1, below.end(), [&](uint32_t each) { return each == digit; });
    };
    const auto lowest = static_cast<int64_t>(below[0]);
    const bool above = rest(0) && lowest <= cut_off_;
    const bool under = rest(static_cast<uint32_t>(kMask)) && kMask + 1 - lowest <= cut_off_;
    if (!above && !under) return;
    std::fill(below.begin(), below.end(), 0);
    if (above) return;
    for (size_t i = below.size(); i < scratch_.size() && ++scratch_[i] == 0; ++i) {
    }
  }

  const size_t guard_digits_;
  std::vector<Fraction> pending_;
  ExactSum<T> sum_;
  ExactSum<T> special_;         // of what is not finite
  std::vector<int64_t> total_;  // 2^(32 i) units each
  std::vector<uint32_t> scratch_;
  int64_t cut_off_ = 0;  // quotients in the total, each of which may be a unit too near to zero
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_EXACT_FRACTIONS_H_
