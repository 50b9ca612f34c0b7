#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tensord/client/client.h"
#include "tests/client/cpp/fake_server.h"
#include "tests/client/cpp/test_certificates.h"

namespace tensord::client {
namespace {

using testing::FakeAnswer;
using testing::FakeServer;
using ::testing::HasSubstr;

std::optional<FakeAnswer> Empty(int, const std::string&) { return FakeAnswer{grpc::Status::OK, ""}; }

// Has the certificates as files.
class TlsTest : public ::testing::Test {
 protected:
  TlsTest() : folder_(std::filesystem::path(::testing::TempDir()) / ("tensord_tls_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) const {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  static std::shared_ptr<grpc::ServerCredentials> ServerCredentials(bool ask_for_client) {
    grpc::SslServerCredentialsOptions options(ask_for_client
                                                  ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                                  : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
    options.pem_root_certs = testing::kAuthority;
    options.pem_key_cert_pairs.push_back({testing::kServerKey, testing::kServerCertificate});
    return grpc::SslServerCredentials(options);
  }

  static absl::StatusCode CodeOfACall(const FakeServer& server, const TlsOptions& tls) {
    const auto client = Client::Connect(server.address(), {.tls = tls, .retry = {.max_attempts = 1}});
    EXPECT_TRUE(client.ok()) << client.status();
    return (*client)->Pool({}).status().code();
  }

  const std::filesystem::path folder_;
};

TEST_F(TlsTest, ServerWithTheRightNameAndAuthorityIsTrusted) {
  FakeServer server(Empty, "127.0.0.1:0", ServerCredentials(false));
  const std::string ca = Write("ca.pem", testing::kAuthority);
  EXPECT_EQ(CodeOfACall(server, {.ca_file = ca, .server_name = "server.test"}), absl::StatusCode::kOk);
  EXPECT_EQ(CodeOfACall(server, {.ca_file = ca, .server_name = "other.test"}), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOfACall(server, {.ca_file = ca}), absl::StatusCode::kUnavailable) << "its name is not 127.0.0.1";
  const std::string other = Write("other.pem", testing::kOtherAuthority);
  EXPECT_EQ(CodeOfACall(server, {.ca_file = other, .server_name = "server.test"}), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOfACall(server, {.server_name = "server.test"}), absl::StatusCode::kUnavailable)
      << "the system does not trust the test's authority";
}

TEST_F(TlsTest, ClientShowsItsCertificateWhereItHasOne) {
  FakeServer server(Empty, "127.0.0.1:0", ServerCredentials(true));
  TlsOptions tls = {.ca_file = Write("ca.pem", testing::kAuthority), .server_name = "server.test"};
  EXPECT_EQ(CodeOfACall(server, tls), absl::StatusCode::kUnavailable);
  tls.certificate_file = Write("client.pem", testing::kClientCertificate);
  tls.key_file = Write("client.key", testing::kClientKey);
  EXPECT_EQ(CodeOfACall(server, tls), absl::StatusCode::kOk);
}

TEST_F(TlsTest, PlainTextIsNotAccepted) {
  FakeServer server(Empty, "127.0.0.1:0", ServerCredentials(false));
  const auto client = Client::Connect(server.address(), {.retry = {.max_attempts = 1}});
  EXPECT_EQ((*client)->Pool({}).status().code(), absl::StatusCode::kUnavailable);
}

void ExpectRefused(const TlsOptions& tls, const std::string& text) {
  const absl::Status status = Client::Connect("localhost:1", {.tls = tls}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(text));
}

TEST_F(TlsTest, FilesThatCannotBeUsedAreNamed) {
  const std::string ca = Write("ca.pem", testing::kAuthority);
  const std::string key = Write("client.key", testing::kClientKey);
  const std::string missing = folder_ / "missing.pem";
  ExpectRefused({.ca_file = missing}, "tls.ca_file: cannot read " + missing);
  ExpectRefused({.ca_file = folder_}, "tls.ca_file: cannot read " + folder_.string());
  ExpectRefused({.certificate_file = ca, .key_file = missing}, "tls.key_file: cannot read " + missing);
  ExpectRefused({.certificate_file = missing, .key_file = key}, "tls.certificate_file: cannot read " + missing);
  const std::string empty = Write("empty.pem", "");
  ExpectRefused({.ca_file = empty}, "tls.ca_file: " + empty + " holds no certificate in PEM form");
  ExpectRefused({.ca_file = key}, "holds no certificate in PEM form");
  ExpectRefused({.certificate_file = ca, .key_file = ca}, "holds no private key in PEM form");
  ExpectRefused({.ca_file = Write("large.pem", std::string((1 << 20) + 1, 'x'))}, "is larger than 1 MiB");
}

TEST_F(TlsTest, CertificateAndKeyComeTogether) {
  const std::string text = "certificate_file and key_file have to be given together";
  ExpectRefused({.certificate_file = Write("client.pem", testing::kClientCertificate)}, text);
  ExpectRefused({.key_file = Write("client.key", testing::kClientKey)}, text);
}

TEST_F(TlsTest, TokenFilesThatHoldNoneAreNamed) {
  const auto expect_refused = [](const std::string& path, const std::string& text) {
    const absl::Status status = Client::Connect("localhost:1", {.token_file = path}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("token_file: " + text));
  };
  expect_refused(folder_ / "missing", "cannot read " + (folder_ / "missing").string());
  const std::string blank = Write("blank", " \n");
  expect_refused(blank, blank + " holds no token");
  expect_refused(Write("two", "two words"), "");
  expect_refused(Write("long", std::string(4097, 'x')), "");
  EXPECT_TRUE(Client::Connect("localhost:1", {.token_file = Write("good", "  t0ken\n")}).ok());
}

}  // namespace
}  // namespace tensord::client
