// Exact sums of products of floating-point numbers: a fixed-point number wide enough for all of them.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_EXACT_SUM_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_EXACT_SUM_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "compute/src/internal/big_number.h"
#include "tensord/compute/binary_format.h"

namespace tensord::compute::internal {

// The sum of up to 2^62 products of two T, float or double: exact, hence the same in any order. Its chunks are 32 bits
// apart and hold 64, so that carries need care only once in a while. Everything is done in integers, so that no mode of
// the processor matters. What becomes of NaN, infinities and zero: Accumulation::kExact.
template <typename T>
class ExactSum {
  static constexpr bool kSingle = std::is_same_v<T, float>;
  static constexpr BinaryFormat kFormat = kSingle ? kFloat32Format : kFloat64Format;
  using Bits = std::conditional_t<kSingle, uint32_t, uint64_t>;
  __extension__ using UnsignedInt128 = unsigned __int128;
  using Product = std::conditional_t<kSingle, uint64_t, UnsignedInt128>;

  // A product's last bit stands for 2^(kLeastExponent + offset), offset in 0..2*kMaxField-2.
  static constexpr int kMaxField = (1 << kFormat.exponent_bits) - 2;
  static constexpr int kLeastExponent = 2 * (kFormat.min_exponent() - kFormat.stored_bits);
  static constexpr int kProductBits = 2 * (kFormat.stored_bits + 1);
  // Products up to 2^(offset + kProductBits), and 62 bits for their number, and a sign.
  static constexpr size_t kChunks = (2 * kMaxField - 2 + kProductBits + 63) / 32 + 1;
  // A product adds less than 2^48 to any chunk.
  static constexpr int kAddsBetweenCarries = 1 << 14;

 public:
  // The last bit of any sum stands for this power of 2; and Digits() has so many at most.
  static constexpr int kLastExponent = kLeastExponent;
  static constexpr size_t kDigits = kChunks + 1;

  ExactSum() { chunks_.fill(0); }

  // Makes it zero again.
  void Clear() {
    for (size_t i = lowest_; i <= highest_; ++i) chunks_[i] = 0;
    lowest_ = kChunks - 1;
    highest_ = 0;
    adds_left_ = kAddsBetweenCarries;
    special_ = 0;
  }

  // Adds a * b.
  void AddProduct(T a, T b) {
    const auto left = std::bit_cast<Bits>(a);
    const auto right = std::bit_cast<Bits>(b);
    const auto left_field = static_cast<int>((left >> kFormat.stored_bits) & (kMaxField + 1));
    const auto right_field = static_cast<int>((right >> kFormat.stored_bits) & (kMaxField + 1));
    if (left_field > kMaxField || right_field > kMaxField) {
      AddSpecial(left, right);
      return;
    }
    const Product product = Product{SignificandOf(left, left_field)} * SignificandOf(right, right_field);
    if (product == 0) return;
    // A denormal has the exponent of the least normal number.
    const auto offset =
        static_cast<unsigned>(left_field + right_field - (left_field != 0 ? 1 : 0) - (right_field != 0 ? 1 : 0));
    // All ones where the product is negative.
    const int64_t sign = -static_cast<int64_t>((left ^ right) >> (kFormat.stored_bits + kFormat.exponent_bits));
    AddShifted(product, offset, sign);
    if (--adds_left_ == 0) Carry();
  }

  // Adds a.
  void Add(T a) { AddProduct(a, T{1}); }

  // The bits of the sum / divisor, rounded once; divisor >= 1.
  [[nodiscard]] uint64_t Round(int64_t divisor, const BinaryFormat& format) {
    if (special_ != 0) return RoundSpecial(format);
    if (lowest_ > highest_) return 0;
    std::array<uint32_t, kDigits> digits;
    const BigNumber number = Digits(digits);
    std::array<uint32_t, kDigits + kQuotientDigits> scratch;
    return RoundQuotient(number, divisor, format, absl::MakeSpan(scratch));
  }

  // The bits of the square root of the sum, which must not be negative, rounded once.
  [[nodiscard]] uint64_t RoundRoot(const BinaryFormat& format) {
    if (special_ != 0) return RoundSpecial(format);
    if (lowest_ > highest_) return 0;
    std::array<uint32_t, kDigits> digits;
    return RoundSquareRoot(Digits(digits), format);
  }

  // Whether no factor was NaN or infinite.
  [[nodiscard]] bool finite() const { return special_ == 0; }

  // The sum of what was finite; its magnitude's digits, from the lowest that may not be 0 on, in `digits`.
  [[nodiscard]] BigNumber Digits(std::array<uint32_t, kDigits>& digits) {
    if (lowest_ > highest_) return {.digits = {}, .exponent = kLeastExponent, .negative = false};
    Carry();
    const bool negative = chunks_[highest_] < 0;
    size_t count = 0;
    int64_t carry = 0;
    for (size_t i = lowest_; i <= highest_; ++i) {
      const int64_t value = carry + (negative ? -chunks_[i] : chunks_[i]);
      digits[count++] = static_cast<uint32_t>(value & kDigitMask);
      carry = value >> 32;
    }
    digits[count++] = static_cast<uint32_t>(carry);
    return {.digits = absl::MakeConstSpan(digits.data(), count),
            .exponent = kLeastExponent + 32 * static_cast<int>(lowest_),
            .negative = negative};
  }

 private:
  static constexpr int64_t kDigitMask = 0xffffffff;
  static constexpr unsigned kNan = 1;
  static constexpr unsigned kPlusInfinity = 2;
  static constexpr unsigned kMinusInfinity = 4;

  static Bits SignificandOf(Bits bits, int field) {
    const Bits stored = bits & ((Bits{1} << kFormat.stored_bits) - 1);
    return stored | (Bits{field != 0} << kFormat.stored_bits);
  }

  void AddAt(size_t chunk, uint64_t part, int64_t sign) {
    chunks_[chunk] += (static_cast<int64_t>(part) ^ sign) - sign;
  }

  void AddShifted(Product product, unsigned offset, int64_t sign) {
    const size_t chunk = offset / 32;
    const unsigned shift = offset % 32;
    constexpr uint64_t kMask = 0xffffffff;
    lowest_ = std::min(lowest_, chunk);
    if constexpr (kSingle) {
      highest_ = std::max(highest_, chunk + 1);
      AddAt(chunk, (product << shift) & kMask, sign);
      AddAt(chunk + 1, product >> (32 - shift), sign);
    } else {
      highest_ = std::max(highest_, chunk + 3);
      const uint64_t low = static_cast<uint64_t>(product) & kMask;
      const uint64_t middle = static_cast<uint64_t>(product) >> 32;
      const auto high = static_cast<uint64_t>(product >> 64);
      AddAt(chunk, (low << shift) & kMask, sign);
      AddAt(chunk + 1, (low >> (32 - shift)) + ((middle << shift) & kMask), sign);
      AddAt(chunk + 2, (middle >> (32 - shift)) + ((high << shift) & kMask), sign);
      AddAt(chunk + 3, high >> (32 - shift), sign);
    }
  }

  // Leaves 0..2^32-1 in every chunk but the highest one in use, which has the sign.
  void Carry() {
    adds_left_ = kAddsBetweenCarries;
    int64_t carry = 0;
    for (size_t i = lowest_; i <= highest_; ++i) {
      const int64_t value = chunks_[i] + carry;
      // The topmost chunk keeps what it has: there is room for 2^62 products.
      if (i == highest_ && (highest_ == kChunks - 1 || (value >= -kDigitMask && value <= kDigitMask))) {
        chunks_[i] = value;
        return;
      }
      if (i == highest_) ++highest_;
      chunks_[i] = value & kDigitMask;
      carry = value >> 32;
    }
  }

  // A product of which a factor is not finite. Looks at bits: a processor's mode may take a denormal for zero.
  void AddSpecial(Bits a, Bits b) {
    constexpr auto kSign = static_cast<Bits>(kFormat.sign_bit());
    constexpr auto kInfinity = static_cast<Bits>(kFormat.infinity());
    const Bits left = a & ~kSign;
    const Bits right = b & ~kSign;
    if (left > kInfinity || right > kInfinity || left == 0 || right == 0) {
      special_ |= kNan;
    } else {
      special_ |= ((a ^ b) & kSign) == 0 ? kPlusInfinity : kMinusInfinity;
    }
  }

  [[nodiscard]] uint64_t RoundSpecial(const BinaryFormat& format) const {
    if (special_ == kPlusInfinity) return format.infinity();
    if (special_ == kMinusInfinity) return format.sign_bit() | format.infinity();
    return format.quiet_nan();
  }

  std::array<int64_t, kChunks> chunks_;
  size_t lowest_ = kChunks - 1;  // of the chunks that may not be zero
  size_t highest_ = 0;
  int adds_left_ = kAddsBetweenCarries;
  unsigned special_ = 0;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_EXACT_SUM_H_
