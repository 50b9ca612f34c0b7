#include <png.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/elements.h"
#include "client/cli/io/image.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

constexpr absl::string_view kSignature("\x89PNG\r\n\x1a\n", 8);

uint32_t BigEndian(absl::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

// The file with the chunks that carry the picture and none that would make libpng change its samples (gAMA, sRGB, iCCP,
// ...). Finds every truncation, also one after the last pixel.
absl::StatusOr<std::string> EssentialChunks(absl::string_view file) {
  if (!absl::StartsWith(file, kSignature)) {
    return absl::InvalidArgumentError("it is no PNG file: it does not begin with \\x89PNG");
  }
  std::string essential(kSignature);
  for (size_t at = kSignature.size();;) {
    if (file.size() - at < 12) return absl::InvalidArgumentError("it is truncated: its last chunk, IEND, is not there");
    const size_t length = BigEndian(file.substr(at));
    if (file.size() - at - 12 < length) return absl::InvalidArgumentError("it is truncated within a chunk");
    const absl::string_view name = file.substr(at + 4, 4);
    if (name == "IHDR" || name == "PLTE" || name == "tRNS" || name == "IDAT" || name == "IEND") {
      absl::StrAppend(&essential, file.substr(at, length + 12));
    }
    at += length + 12;
    if (name == "IEND") return essential;
  }
}

class Image {
 public:
  Image() { image_.version = PNG_IMAGE_VERSION; }
  ~Image() { png_image_free(&image_); }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  absl::StatusOr<v1::Tensor> Read(const std::string& file) {
    if (png_image_begin_read_from_memory(&image_, file.data(), file.size()) == 0) return Damaged();
    image_.format &= ~static_cast<png_uint_32>(PNG_FORMAT_FLAG_COLORMAP);
    const int64_t channels = PNG_IMAGE_SAMPLE_CHANNELS(image_.format);
    std::vector<int64_t> shape = {image_.height, image_.width};
    if (channels > 1) shape.push_back(channels);
    TENSORCTL_ASSIGN_OR_RETURN(const int64_t count, ElementCount(shape, v1::DATA_TYPE_UINT8));
    std::string samples(static_cast<size_t>(count), '\0');
    if (png_image_finish_read(&image_, nullptr, samples.data(), 0, nullptr) == 0) return Damaged();
    return MakeTensor(v1::DATA_TYPE_UINT8, shape, std::move(samples));
  }

 private:
  absl::Status Damaged() const {
    return absl::InvalidArgumentError(absl::StrCat("it is damaged: ", Escape(image_.message)));
  }

  png_image image_{};
};

}  // namespace

absl::StatusOr<v1::Tensor> ReadPng(absl::string_view file) {
  TENSORCTL_ASSIGN_OR_RETURN(const std::string essential, EssentialChunks(file));
  // IHDR comes first: length, name, width, height, bits a sample.
  constexpr size_t kBitDepth = 24;
  if (essential.size() > kBitDepth && essential[kBitDepth] == 16) {
    return absl::InvalidArgumentError(
        "it has 16 bits a sample\nexpected: at most 8 (or save the image as a .npy file)");
  }
  return Image().Read(essential);
}

}  // namespace tensord::cli
