#include "client/cpp/src/credentials.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tensord::client {
namespace {

constexpr size_t kLargestFileBytes = size_t{1} << 20;
// Well below what a server takes of headers.
constexpr size_t kLongestToken = 4096;

// What a PEM file has to hold. gRPC takes an empty text for "the default", and a wrong one it refuses only at the first
// call, without a name.
constexpr absl::string_view kCertificate = "-----BEGIN CERTIFICATE-----";
constexpr absl::string_view kKey = "PRIVATE KEY-----";

absl::StatusOr<std::string> ReadFile(absl::string_view member, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kLargestFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A directory opens, and fails when it is read; a whole file ends with eof and fail.
  if (!file.is_open() || file.bad() || !(file.eof() || file.good())) {
    return absl::InvalidArgumentError(absl::StrCat(member, ": cannot read ", path));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kLargestFileBytes) {
    return absl::InvalidArgumentError(absl::StrCat(member, ": ", path, " is larger than 1 MiB"));
  }
  return text;
}

absl::StatusOr<std::string> ReadPem(absl::string_view member, const std::string& path, absl::string_view marker) {
  absl::StatusOr<std::string> text = ReadFile(member, path);
  if (text.ok() && !absl::StrContains(*text, marker)) {
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

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  if (path.empty()) return std::string();
  absl::StatusOr<std::string> text = ReadFile("token_file", path);
  if (!text.ok()) return text.status();
  const absl::string_view token = absl::StripAsciiWhitespace(*text);
  const bool printable = std::all_of(token.begin(), token.end(),
                                     [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); });
  if (token.empty() || token.size() > kLongestToken || !printable) {
    return absl::InvalidArgumentError(absl::StrCat("token_file: ", path, " holds no token: 1 to ", kLongestToken,
                                                   " printable characters without blanks"));
  }
  return std::string(token);
}

}  // namespace tensord::client
