// Matchers for absl::Status and absl::StatusOr, which absl 20220623 does not have.
#ifndef TENSORD_TESTS_SUPPORT_MATCHERS_H_
#define TENSORD_TESTS_SUPPORT_MATCHERS_H_

#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tensord::test_support {

inline const absl::Status& GetStatus(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

// Matches a Status or StatusOr with a given code whose message contains `substring`.
class StatusMatcher {
 public:
  StatusMatcher(absl::StatusCode code, std::string substring) : code_(code), substring_(std::move(substring)) {}

  template <typename T>
  bool MatchAndExplain(const T& value, ::testing::MatchResultListener* listener) const {
    const absl::Status& status = GetStatus(value);
    *listener << "whose status is " << status.ToString();
    return status.code() == code_ && std::string(status.message()).find(substring_) != std::string::npos;
  }
  void DescribeTo(std::ostream* out) const;
  void DescribeNegationTo(std::ostream* out) const;

 private:
  absl::StatusCode code_;
  std::string substring_;
};

// EXPECT_THAT(Foo(), IsOk());
inline auto IsOk() { return ::testing::MakePolymorphicMatcher(StatusMatcher(absl::StatusCode::kOk, "")); }

// EXPECT_THAT(Foo(), StatusIs(absl::StatusCode::kInvalidArgument, "has to be"));
inline auto StatusIs(absl::StatusCode code, std::string substring = "") {
  return ::testing::MakePolymorphicMatcher(StatusMatcher(code, std::move(substring)));
}

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_SUPPORT_MATCHERS_H_
