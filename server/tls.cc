#include "server/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

constexpr std::streamsize kMaxPemBytes = 1 << 20;

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
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return Fail(setting, path, std::strerror(errno));
  std::string text(kMaxPemBytes + 1, '\0');
  file.read(text.data(), kMaxPemBytes + 1);
  if (file.bad()) return Fail(setting, path, "cannot be read");
  if (file.gcount() > kMaxPemBytes) return Fail(setting, path, "is larger than 1 MiB");
  text.resize(static_cast<size_t>(file.gcount()));
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

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTlsCredentials(const Settings& settings) {
  grpc::SslServerCredentialsOptions::PemKeyCertPair pair;
  TENSORD_ASSIGN_OR_RETURN(pair.cert_chain, ReadPem("tls-certificate", settings.tls_certificate));
  TENSORD_ASSIGN_OR_RETURN(pair.private_key, ReadPem("tls-key", settings.tls_key));
  TENSORD_ASSIGN_OR_RETURN(const CertificatePointer certificate,
                           ReadCertificate("tls-certificate", settings.tls_certificate, pair.cert_chain));
  TENSORD_RETURN_IF_ERROR(CheckKey(settings, pair.private_key, certificate.get()));
  grpc::SslServerCredentialsOptions options;
  if (!settings.tls_client_ca.empty()) {
    TENSORD_ASSIGN_OR_RETURN(options.pem_root_certs, ReadPem("tls-client-ca", settings.tls_client_ca));
    TENSORD_ASSIGN_OR_RETURN(const CertificatePointer authority,
                             ReadCertificate("tls-client-ca", settings.tls_client_ca, options.pem_root_certs));
    options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  options.pem_key_cert_pairs.push_back(std::move(pair));
  return grpc::SslServerCredentials(options);
}

}  // namespace tensord::server
