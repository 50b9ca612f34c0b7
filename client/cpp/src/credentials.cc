#include "client/cpp/src/credentials.h"

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tensord::client {
namespace {

constexpr size_t kLargestPemBytes = size_t{1} << 20;

// What a PEM file has to hold. gRPC takes an empty text for "the default", and a wrong one it refuses only at the first
// call, without a name.
constexpr absl::string_view kCertificate = "-----BEGIN CERTIFICATE-----";
constexpr absl::string_view kKey = "PRIVATE KEY-----";

absl::StatusOr<std::string> ReadPem(absl::string_view member, const std::string& path, absl::string_view marker) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kLargestPemBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A directory opens, and fails when it is read; a whole file ends with eof and fail.
  if (!file.is_open() || file.bad() || !(file.eof() || file.good())) {
    return absl::InvalidArgumentError(absl::StrCat(member, ": cannot read ", path));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kLargestPemBytes) {
    return absl::InvalidArgumentError(absl::StrCat(member, ": ", path, " is larger than 1 MiB"));
  }
  if (!absl::StrContains(text, marker)) {
    return absl::InvalidArgumentError(
        absl::StrCat(member, ": ", path, " holds no ", marker == kKey ? "private key" : "certificate", " in PEM form"));
  }
  return text;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(const std::optional<TlsOptions>& tls) {
  if (!tls.has_value()) return grpc::InsecureChannelCredentials();
  if (tls->certificate_file.empty() != tls->key_file.empty()) {
    return absl::InvalidArgumentError("tls: certificate_file and key_file have to be given together");
  }
  grpc::SslCredentialsOptions options;
  struct File {
    absl::string_view member;
    const std::string* path;
    absl::string_view marker;
    std::string* text;
  };
  for (const File& file : {File{"tls.ca_file", &tls->ca_file, kCertificate, &options.pem_root_certs},
                           File{"tls.certificate_file", &tls->certificate_file, kCertificate, &options.pem_cert_chain},
                           File{"tls.key_file", &tls->key_file, kKey, &options.pem_private_key}}) {
    if (file.path->empty()) continue;
    absl::StatusOr<std::string> text = ReadPem(file.member, *file.path, file.marker);
    if (!text.ok()) return text.status();
    *file.text = *std::move(text);
  }
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::SslCredentials(options);
  if (credentials == nullptr) return absl::InvalidArgumentError("tls: gRPC refuses the certificates");
  return credentials;
}

}  // namespace tensord::client
