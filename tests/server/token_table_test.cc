#include "server/rpc/token_table.h"

#include <gtest/gtest.h>

#include <string>

#include "server/convert/status_convert.h"
#include "tests/support/matchers.h"

namespace tensord::server {
namespace {

using test_support::StatusIs;

// printf %s secret | sha256sum, and the same of "other".
constexpr char kSecretHash[] = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
constexpr char kOtherHash[] = "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa";

std::string Line(const std::string& hash, const std::string& name) { return hash + "  " + name + "\n"; }

TEST(TokenTableTest, FindsTheClientOfAToken) {
  const auto table =
      TokenTable::Parse("# who may call\n\n" + Line(kSecretHash, "grader-1") + "  " +
                        Line("D9298A10D1B0735837DC4BD85DAC641B0F3CEF27A47E5D53A54F2F3F5B2FCFFA", "staff") + "\r\n");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->size(), 2U);
  EXPECT_EQ(table->FindClient("secret"), "grader-1");
  EXPECT_EQ(table->FindClient("other"), "staff");
  EXPECT_EQ(table->FindClient("Secret"), std::nullopt);
  EXPECT_EQ(table->FindClient(""), std::nullopt);
  EXPECT_EQ(table->FindClient(kSecretHash), std::nullopt) << "the hash is not the token";
}

TEST(TokenTableTest, ErrorsNameTheLineAndNeverRepeatIt) {
  const auto expect_error = [](const std::string& text, const std::string& message) {
    const auto table = TokenTable::Parse(text);
    EXPECT_THAT(table, StatusIs(absl::StatusCode::kFailedPrecondition, message));
    EXPECT_EQ(table.status().message().find("plain-token"), absl::string_view::npos);
  };
  expect_error("\nplain-token grader\n", "line 2: expected the SHA-256 of a token");
  expect_error(kSecretHash, "line 1: ");
  expect_error(Line(kSecretHash, "two words"), "line 1: ");
  expect_error(Line(kSecretHash, "sl/ash"), "line 1: ");
  expect_error(Line(kSecretHash, std::string(65, 'a')), "line 1: ");
  expect_error(Line(std::string(kSecretHash).substr(1), "short"), "line 1: ");
  expect_error(Line(kSecretHash, "a") + Line(kSecretHash, "b"), "line 2: the token of \"a\" again");
  expect_error("# nobody\n", "holds no token");
  expect_error(std::string("\0\xff", 2), "line 1: ");
}

TEST(TokenStoreTest, TellsMissingFromUnknownTokens) {
  TokenStore store;
  EXPECT_TRUE(store.Replace(*TokenTable::Parse(Line(kSecretHash, "grader"))));
  EXPECT_EQ(*store.Authenticate("Bearer secret"), "grader");
  EXPECT_EQ(*store.Authenticate("bearer secret"), "grader");
  const auto reason = [&](std::optional<absl::string_view> header) {
    const auto client = store.Authenticate(header);
    EXPECT_EQ(client.status().code(), absl::StatusCode::kUnauthenticated);
    return ReasonOf(client.status());
  };
  EXPECT_EQ(reason(std::nullopt), "TOKEN_MISSING");
  EXPECT_EQ(reason("secret"), "TOKEN_MISSING");
  EXPECT_EQ(reason("Basic c2VjcmV0"), "TOKEN_MISSING");
  EXPECT_EQ(reason("Bearer wrong"), "TOKEN_UNKNOWN");
  EXPECT_EQ(reason("Bearer "), "TOKEN_UNKNOWN");
  EXPECT_EQ(reason("Bearer secret "), "TOKEN_UNKNOWN");
}

TEST(TokenStoreTest, ANewTableHoldsAtOnce) {
  TokenStore store;
  EXPECT_TRUE(store.Replace(*TokenTable::Parse(Line(kSecretHash, "grader"))));
  EXPECT_FALSE(store.Replace(*TokenTable::Parse("# the same\n" + Line(kSecretHash, "grader"))));
  EXPECT_TRUE(store.Replace(*TokenTable::Parse(Line(kOtherHash, "grader"))));
  EXPECT_FALSE(store.Authenticate("Bearer secret").ok());
  EXPECT_EQ(*store.Authenticate("Bearer other"), "grader");
}

TEST(TokenStoreTest, AnEmptyStoreLetsNobodyIn) {
  const TokenStore store;
  EXPECT_FALSE(store.Authenticate("Bearer secret").ok());
}

}  // namespace
}  // namespace tensord::server
