#include "client/cli/model/count_sum.h"

#include <optional>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/model/counts.h"

namespace tensord::cli {
namespace {

using absl::int128;

constexpr int128 kMax = (int128{1} << 126);

// At most 37 digits, which is below 2^126.
std::optional<int128> Digits(absl::string_view text) {
  if (text.empty() || text.size() > 37) return std::nullopt;
  int128 value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  return value;
}

std::optional<int128> Decimal(absl::string_view text) {
  if (text.empty() || text[0] != '-') return Digits(text);
  const std::optional<int128> value = Digits(text.substr(1));
  if (!value.has_value()) return std::nullopt;
  return -*value;
}

std::string DecimalText(int128 value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

struct Term {
  absl::string_view text;
  int sign;
};

// The terms of a sum: what stands between ` + ` and ` - ` outside of parentheses.
std::vector<Term> TermsOf(absl::string_view text) {
  std::vector<Term> terms;
  int sign = 1;
  if (!text.empty() && text[0] == '-') {
    sign = -1;
    text.remove_prefix(1);
  }
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == '[') ++depth;
    if (text[i] == ')' || text[i] == ']') --depth;
    const bool is_end = depth == 0 && i + 2 < text.size() && text[i] == ' ' && text[i + 2] == ' ' &&
                        (text[i + 1] == '+' || text[i + 1] == '-');
    if (!is_end) continue;
    terms.push_back({text.substr(begin, i - begin), sign});
    sign = text[i + 1] == '-' ? -1 : 1;
    begin = i + 3;
    i += 2;
  }
  terms.push_back({text.substr(begin), sign});
  return terms;
}

}  // namespace

void CountSum::AddTo(int128& sum, int128 value) {
  sum += value;
  if (sum > kMax || sum < -kMax) {
    known_ = false;
    sum = 0;
  }
}

void CountSum::AddFactor(const std::string& factor, int128 value) {
  int128& coefficient = terms_[factor];
  AddTo(coefficient, value);
  if (coefficient == 0) terms_.erase(factor);
  if (terms_.size() > kMaxTerms) {
    known_ = false;
    terms_.clear();
  }
}

// A product ends with its number, if that is not 1: `N*C*9`.
void CountSum::AddTerm(absl::string_view text, int sign) {
  if (const std::optional<int128> number = Digits(text)) {
    AddTo(number_, sign * *number);
    return;
  }
  const size_t star = text.rfind('*');
  if (star != absl::string_view::npos) {
    if (const std::optional<int128> coefficient = Digits(text.substr(star + 1))) {
      AddFactor(std::string(text.substr(0, star)), sign * *coefficient);
      return;
    }
  }
  AddFactor(std::string(text), sign);
}

void CountSum::AddCount(const v1::Count& count, int sign) {
  if (!known_) return;
  if (count.expression().empty()) {
    const std::optional<int128> value =
        count.decimal().empty() ? std::optional<int128>(count.value()) : Decimal(count.decimal());
    if (value.has_value()) {
      AddTo(number_, sign * *value);
    } else {
      known_ = false;
    }
    return;
  }
  for (const Term& term : TermsOf(count.expression())) {
    if (!known_) return;
    AddTerm(term.text, sign * term.sign);
  }
}

void CountSum::Add(const v1::Count* count) {
  if (count == nullptr) {
    is_lower_bound_ = true;
  } else {
    AddCount(*count, 1);
  }
}

void CountSum::Subtract(const v1::Count& count) { AddCount(count, -1); }

void CountSum::Add(const CountSum& other) {
  known_ = known_ && other.known_;
  is_lower_bound_ = is_lower_bound_ || other.is_lower_bound_;
  if (!known_) return;
  AddTo(number_, other.number_);
  for (const auto& [factor, coefficient] : other.terms_) {
    if (known_) AddFactor(factor, coefficient);
  }
}

v1::Count CountSum::count() const {
  v1::Count count;
  if (!known_) return count;
  if (terms_.empty()) {
    count.set_decimal(DecimalText(number_));
    if (number_ >= INT64_MIN && number_ <= INT64_MAX) count.set_value(static_cast<int64_t>(number_));
    return count;
  }
  std::string& text = *count.mutable_expression();
  const auto sign = [&](int128 value) {
    absl::StrAppend(&text, text.empty() ? (value < 0 ? "-" : "") : value < 0 ? " - " : " + ");
  };
  for (const auto& [factor, coefficient] : terms_) {
    sign(coefficient);
    const int128 size = coefficient < 0 ? -coefficient : coefficient;
    absl::StrAppend(&text, factor);
    if (size != 1) absl::StrAppend(&text, "*", DecimalText(size));
  }
  if (number_ != 0) {
    sign(number_);
    absl::StrAppend(&text, DecimalText(number_ < 0 ? -number_ : number_));
  }
  return count;
}

std::string CountSum::text() const {
  if (!known_) return "?";
  const v1::Count sum = count();
  return absl::StrCat(is_lower_bound_ ? ">= " : "", CountText(&sum));
}

double CountSum::magnitude() const {
  auto sum = static_cast<double>(number_);
  for (const auto& [factor, coefficient] : terms_) sum += static_cast<double>(coefficient);
  return sum;
}

double Magnitude(const v1::Count* count) {
  CountSum sum;
  if (count != nullptr) sum.Add(count);
  return sum.magnitude();
}

}  // namespace tensord::cli
