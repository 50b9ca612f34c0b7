#include "server/tls.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/small_file.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

template <typename T, void (*kFree)(T*)>
struct Deleter {
  void operator()(T* object) const { kFree(object); }
};
using CertificatePointer = std::unique_ptr<X509, Deleter<X509, X509_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;
using BioPointer = std::unique_ptr<BIO, Deleter<BIO, BIO_free_all>>;

// Without a terminal to ask, a key that needs a passphrase is a key that cannot be read.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

absl::Status Fail(absl::string_view setting, const std::string& path, absl::string_view what) {
  ERR_clear_error();
  return absl::FailedPreconditionError(absl::StrCat(setting, ": ", path, ": ", what));
}

absl::StatusOr<std::string> ReadPem(absl::string_view setting, const std::string& path) {
  absl::StatusOr<std::string> text = ReadSmallFile(path);
  if (!text.ok()) return Fail(setting, path, text.status().message());
  return text;
}

absl::StatusOr<CertificatePointer> ReadCertificate(absl::string_view setting, const std::string& path,
                                                   const std::string& pem) {
  const BioPointer bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CertificatePointer certificate(PEM_read_bio_X509(bio.get(), nullptr, &NoPassphrase, nullptr));
  if (certificate == nullptr) return Fail(setting, path, "holds no PEM certificate");
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) <= 0) {
    return Fail(setting, path, "the certificate's time is over");
  }
  return certificate;
}

absl::Status CheckKey(const Settings& settings, const std::string& key_pem, X509* certificate) {
  const BioPointer bio(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const KeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, nullptr));
  if (key == nullptr) {
    return Fail("tls-key", settings.tls_key, "holds no PEM private key that can be read without a passphrase");
  }
  if (X509_check_private_key(certificate, key.get()) != 1) {
    return Fail("tls-key", settings.tls_key,
                absl::StrCat("is not the private key of the certificate in ", settings.tls_certificate));
  }
  return absl::OkStatus();
}

std::chrono::system_clock::time_point ExpiryOf(const X509* certificate) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return {};
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

// Credentials around gRPC's C ones, which can ask for certificates at each handshake; its C++ ones cannot.
class TlsCredentials final : public grpc::ServerCredentials {
 public:
  // Takes over `credentials`.
  explicit TlsCredentials(grpc_server_credentials* credentials) : credentials_(credentials) {}
  ~TlsCredentials() override { grpc_server_credentials_release(credentials_); }
  TlsCredentials(const TlsCredentials&) = delete;
  TlsCredentials& operator=(const TlsCredentials&) = delete;

  // Calls are authenticated by Call itself, on every kind of connection.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* const credentials_;
};

}  // namespace

absl::StatusOr<TlsFiles> LoadTlsFiles(const Settings& settings) {
  TlsFiles files;
  TENSORD_ASSIGN_OR_RETURN(files.certificate_chain, ReadPem("tls-certificate", settings.tls_certificate));
  TENSORD_ASSIGN_OR_RETURN(files.key, ReadPem("tls-key", settings.tls_key));
  TENSORD_ASSIGN_OR_RETURN(const CertificatePointer certificate,
                           ReadCertificate("tls-certificate", settings.tls_certificate, files.certificate_chain));
  TENSORD_RETURN_IF_ERROR(CheckKey(settings, files.key, certificate.get()));
  files.expiry = ExpiryOf(certificate.get());
  if (!settings.tls_client_ca.empty()) {
    TENSORD_ASSIGN_OR_RETURN(files.client_ca, ReadPem("tls-client-ca", settings.tls_client_ca));
    TENSORD_ASSIGN_OR_RETURN(const CertificatePointer authority,
                             ReadCertificate("tls-client-ca", settings.tls_client_ca, files.client_ca));
  }
  return files;
}

// What one listener's handshakes have been given.
struct ReloadableTls::Port {
  ReloadableTls* owner;
  std::mutex mutex;
  std::shared_ptr<const TlsFiles> given;  // guarded by mutex

  // gRPC asks before each handshake.
  static grpc_ssl_certificate_config_reload_status Fetch(void* user_data, grpc_ssl_server_certificate_config** config) {
    auto* const port = static_cast<Port*>(user_data);
    std::shared_ptr<const TlsFiles> latest = port->owner->files();
    const std::lock_guard lock(port->mutex);
    if (latest == port->given) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair = {latest->key.c_str(), latest->certificate_chain.c_str()};
    // gRPC wants some authority's certificate even where it asks no client for one, and then does not use it.
    const std::string& authority = latest->client_ca.empty() ? latest->certificate_chain : latest->client_ca;
    *config = grpc_ssl_server_certificate_config_create(authority.c_str(), &pair, 1);
    port->given = std::move(latest);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }
};

ReloadableTls::ReloadableTls(TlsFiles files) : files_(std::make_shared<const TlsFiles>(std::move(files))) {}

ReloadableTls::~ReloadableTls() = default;

std::shared_ptr<grpc::ServerCredentials> ReloadableTls::MakeCredentials() {
  const std::lock_guard lock(mutex_);
  ports_.push_back(std::make_unique<Port>());
  Port& port = *ports_.back();
  port.owner = this;
  const grpc_ssl_client_certificate_request_type request =
      files_->client_ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  return std::make_shared<TlsCredentials>(grpc_ssl_server_credentials_create_with_options(
      grpc_ssl_server_credentials_create_options_using_config_fetcher(request, &Port::Fetch, &port)));
}

void ReloadableTls::Replace(TlsFiles files) {
  auto replacement = std::make_shared<const TlsFiles>(std::move(files));
  const std::lock_guard lock(mutex_);
  files_.swap(replacement);
}

std::shared_ptr<const TlsFiles> ReloadableTls::files() const {
  const std::lock_guard lock(mutex_);
  return files_;
}

}  // namespace tensord::server
