#include "server/tls.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "server/server.h"
#include "tests/server/certificates.h"
#include "tests/server/fake_services.h"
#include "tests/server/rpc_helpers.h"
#include "tests/support/matchers.h"

namespace tensord::server {
namespace {

using grpc::health::v1::HealthCheckResponse;
using test_support::StatusIs;
using testing::Certificates;
using testing::CheckHealth;
using testing::Connect;

class TlsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { certificates_ = std::make_unique<Certificates>(); }
  static void TearDownTestSuite() { certificates_.reset(); }

  TlsTest() {
    testing::FakeControl::Get().Reset();
    settings_.listen = {"127.0.0.1:0"};
    settings_.tls_certificate = certificates_->path("server.pem");
    settings_.tls_key = certificates_->path("server.key");
  }

  std::unique_ptr<Server> Start() {
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Create(settings_, &metrics_, &log_);
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }
  // How health answers a client that trusts `authority` and shows the certificate `name`, if any.
  HealthCheckResponse::ServingStatus Ask(const Server& server, const std::string& authority,
                                         const std::string& name = "") {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = certificates_->text(authority);
    if (!name.empty()) {
      options.pem_cert_chain = certificates_->text(name + ".pem");
      options.pem_private_key = certificates_->text(name + ".key");
    }
    return CheckHealth(Connect(server.listeners()[0].address, grpc::SslCredentials(options)));
  }
  // Whether there was something new.
  static bool Reload(Server& server) {
    const absl::StatusOr<bool> reloaded = server.ReloadTls();
    EXPECT_TRUE(reloaded.ok()) << reloaded.status();
    return reloaded.value_or(false);
  }
  void ExpectFailure(const std::string& message) {
    EXPECT_THAT(Server::Create(settings_, &metrics_, &log_), StatusIs(absl::StatusCode::kFailedPrecondition, message));
  }

  static std::unique_ptr<Certificates> certificates_;
  Settings settings_;
  NoopMetrics metrics_;
  NullLog log_;
};

std::unique_ptr<Certificates> TlsTest::certificates_;

TEST_F(TlsTest, ServesClientsThatTrustItsAuthority) {
  const auto server = Start();
  EXPECT_TRUE(server->listeners()[0].tls);
  EXPECT_EQ(Ask(*server, "authority.pem"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Ask(*server, "stranger.pem"), HealthCheckResponse::UNKNOWN);
}

TEST_F(TlsTest, PlainTextIsNotServed) {
  const auto server = Start();
  EXPECT_EQ(CheckHealth(Connect(server->listeners()[0].address)), HealthCheckResponse::UNKNOWN);
}

TEST_F(TlsTest, UnixSocketStaysWithoutTls) {
  settings_.listen.push_back("unix:" + certificates_->path("a.sock"));
  const auto server = Start();
  EXPECT_FALSE(server->listeners()[1].tls);
  EXPECT_EQ(CheckHealth(Connect(settings_.listen[1])), HealthCheckResponse::SERVING);
}

TEST_F(TlsTest, WithAClientAuthorityOnlyItsClientsAreServed) {
  settings_.tls_client_ca = certificates_->path("authority.pem");
  const auto server = Start();
  EXPECT_EQ(Ask(*server, "authority.pem", "client"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Ask(*server, "authority.pem"), HealthCheckResponse::UNKNOWN);
  EXPECT_EQ(Ask(*server, "authority.pem", "stranger"), HealthCheckResponse::UNKNOWN);
}

TEST_F(TlsTest, KeyOfAnotherCertificateIsAnError) {
  settings_.tls_key = certificates_->path("other.key");
  ExpectFailure("is not the private key of the certificate in " + settings_.tls_certificate);
}

TEST_F(TlsTest, ExpiredCertificateIsAnError) {
  settings_.tls_certificate = certificates_->path("expired.pem");
  ExpectFailure("the certificate's time is over");
}

TEST_F(TlsTest, MissingFileIsAnErrorThatNamesTheSetting) {
  settings_.tls_key = "/nowhere/server.key";
  ExpectFailure("tls-key: /nowhere/server.key: No such file or directory");
}

TEST_F(TlsTest, FilesWithSomethingElseAreErrors) {
  const std::string garbage = certificates_->Write("garbage.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
  settings_.tls_certificate = garbage;
  ExpectFailure("tls-certificate: " + garbage + ": holds no PEM certificate");
  settings_.tls_certificate = certificates_->path("server.pem");
  settings_.tls_key = garbage;
  ExpectFailure("tls-key: " + garbage + ": holds no PEM private key");
  settings_.tls_key = certificates_->path("server.key");
  settings_.tls_client_ca = garbage;
  ExpectFailure("tls-client-ca: " + garbage + ": holds no PEM certificate");
  settings_.tls_client_ca = certificates_->path("");
  ExpectFailure("tls-client-ca: ");
}

TEST_F(TlsTest, NewCertificateHoldsFromTheNextHandshakeOn) {
  settings_.tls_certificate = certificates_->Write("now.pem", certificates_->text("server.pem"));
  settings_.tls_key = certificates_->Write("now.key", certificates_->text("server.key"));
  const auto server = Start();
  EXPECT_FALSE(Reload(*server));
  EXPECT_EQ(Ask(*server, "stranger.pem"), HealthCheckResponse::UNKNOWN);
  // Signed by itself, and for no name: trust in it is what counts here.
  certificates_->Write("now.pem", certificates_->text("second.pem"));
  certificates_->Write("now.key", certificates_->text("second.key"));
  EXPECT_TRUE(Reload(*server));
  EXPECT_EQ(Ask(*server, "second.pem"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Ask(*server, "authority.pem"), HealthCheckResponse::UNKNOWN);
}

TEST_F(TlsTest, MismatchedPairLeavesTheOldOneInUse) {
  settings_.tls_certificate = certificates_->Write("now.pem", certificates_->text("server.pem"));
  settings_.tls_key = certificates_->Write("now.key", certificates_->text("server.key"));
  const auto server = Start();
  certificates_->Write("now.key", certificates_->text("other.key"));
  EXPECT_THAT(server->ReloadTls(), StatusIs(absl::StatusCode::kFailedPrecondition, "is not the private key"));
  EXPECT_EQ(Ask(*server, "authority.pem"), HealthCheckResponse::SERVING);
  certificates_->Write("now.key", certificates_->text("server.key"));
  EXPECT_FALSE(Reload(*server));
}

TEST_F(TlsTest, ConnectionsSurviveTheChange) {
  settings_.tls_certificate = certificates_->Write("now.pem", certificates_->text("server.pem"));
  settings_.tls_key = certificates_->Write("now.key", certificates_->text("server.key"));
  const auto server = Start();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = certificates_->text("authority.pem");
  const auto channel = Connect(server->listeners()[0].address, grpc::SslCredentials(options));
  EXPECT_EQ(CheckHealth(channel), HealthCheckResponse::SERVING);
  certificates_->Write("now.pem", certificates_->text("second.pem"));
  certificates_->Write("now.key", certificates_->text("second.key"));
  EXPECT_TRUE(Reload(*server));
  EXPECT_EQ(CheckHealth(channel), HealthCheckResponse::SERVING);
}

TEST_F(TlsTest, NewClientAuthorityHoldsToo) {
  settings_.tls_client_ca = certificates_->Write("clients.pem", certificates_->text("authority.pem"));
  const auto server = Start();
  EXPECT_EQ(Ask(*server, "authority.pem", "stranger"), HealthCheckResponse::UNKNOWN);
  certificates_->Write("clients.pem", certificates_->text("stranger.pem"));
  EXPECT_TRUE(Reload(*server));
  EXPECT_EQ(Ask(*server, "authority.pem", "stranger"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Ask(*server, "authority.pem", "client"), HealthCheckResponse::UNKNOWN);
}

}  // namespace
}  // namespace tensord::server
