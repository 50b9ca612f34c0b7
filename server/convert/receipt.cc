#include "server/convert/receipt.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>

#include "absl/strings/escaping.h"

namespace tensord::server {
namespace {

void AppendEncoding(const google::protobuf::Message& message, std::string& bytes) {
  std::string encoding;
  {
    google::protobuf::io::StringOutputStream stream(&encoding);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(encoding.size() >> shift & 0xFFU));
  bytes += encoding;
}

}  // namespace

std::string ReceiptHash(const v1::Assignment& assignment, const v1::Submission& submission,
                        const v1::GradedSubmission& graded) {
  v1::GradedSubmission bare = graded;
  bare.clear_sha256();
  bare.clear_signature();
  std::string bytes;
  AppendEncoding(assignment, bytes);
  AppendEncoding(submission, bytes);
  AppendEncoding(bare, bytes);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

}  // namespace tensord::server
