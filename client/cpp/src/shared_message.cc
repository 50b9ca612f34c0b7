#include "client/cpp/src/shared_message.h"

#include <grpcpp/support/slice.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream.h"

namespace tensord::client {
namespace {

using google::protobuf::MessageLite;
using Owner = std::shared_ptr<const MessageLite>;

// Takes what protobuf writes, in blocks that grow, and what it is allowed to leave where it is.
class SliceStream final : public google::protobuf::io::ZeroCopyOutputStream {
 public:
  explicit SliceStream(Owner owner) : owner_(std::move(owner)) {}

  bool Next(void** data, int* size) override {
    EndBlock();
    block_ = std::make_unique<char[]>(static_cast<size_t>(next_bytes_));
    used_ = next_bytes_;
    next_bytes_ = std::min(2 * next_bytes_, kMaxBlockBytes);
    *data = block_.get();
    *size = used_;
    return true;
  }
  void BackUp(int count) override { used_ -= count; }
  [[nodiscard]] int64_t ByteCount() const override { return ended_bytes_ + used_; }

  [[nodiscard]] bool AllowsAliasing() const override { return true; }
  bool WriteAliasedRaw(const void* data, int size) override {
    EndBlock();
    ended_bytes_ += size;
    const auto bytes = static_cast<size_t>(size);
    if (size < kMinSharedBytes) {
      slices_.emplace_back(data, bytes);
      return true;
    }
    auto owner = std::make_unique<Owner>(owner_);
    slices_.emplace_back(
        const_cast<void*>(data), bytes, [](void* kept) { delete static_cast<Owner*>(kept); }, owner.get());
    (void)owner.release();  // the slice has it
    return true;
  }

  grpc::ByteBuffer Take() {
    EndBlock();
    return {slices_.data(), slices_.size()};
  }

 private:
  static constexpr int kMinBlockBytes = 512;
  static constexpr int kMaxBlockBytes = 1 << 20;

  // What was written to the block becomes a slice.
  void EndBlock() {
    if (used_ > 0) {
      slices_.emplace_back(block_.get(), static_cast<size_t>(used_),
                           [](void* bytes) { delete[] static_cast<char*>(bytes); });
      (void)block_.release();
    }
    ended_bytes_ += std::exchange(used_, 0);
  }

  const Owner owner_;
  std::vector<grpc::Slice> slices_;
  std::unique_ptr<char[]> block_;
  int used_ = 0;  // of the block
  int next_bytes_ = kMinBlockBytes;
  int64_t ended_bytes_ = 0;  // in slices
};

}  // namespace

absl::StatusOr<grpc::ByteBuffer> EncodeShared(const Owner& message) {
  // The sizes of the parts are remembered for the encoding.
  const size_t bytes = message->ByteSizeLong();
  if (bytes > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the request has ", bytes, " bytes, and a message may have 2147483647; split the batch"));
  }
  SliceStream stream(message);
  {
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.EnableAliasing(true);
    message->SerializeWithCachedSizes(&coded);
  }
  return stream.Take();
}

}  // namespace tensord::client
