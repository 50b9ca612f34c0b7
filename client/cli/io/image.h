// Images as uint8 tensors: HWC, or HW where they are grey.
#ifndef TENSORD_CLI_IO_IMAGE_H_
#define TENSORD_CLI_IO_IMAGE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli {

// A PNG of up to 8 bits a sample: grey [H,W], grey and alpha [H,W,2], colour [H,W,3], colour and alpha [H,W,4]; a
// palette is looked up, fewer bits are stretched to 0..255, a transparent colour becomes an alpha channel. Samples come
// as they are stored: colour profiles and gamma are not applied. Errors: 16 bits a sample, no PNG, a damaged one, one
// that is larger than kMaxTensorBytes.
[[nodiscard]] absl::StatusOr<v1::Tensor> ReadPng(absl::string_view file);

// A portable grey map, binary (P5) or plain (P2), as [H,W]. Samples come as they are stored, not stretched to the
// maximum. Errors: a maximum above 255, samples above the maximum, a file that is shorter or longer than it says.
[[nodiscard]] absl::StatusOr<v1::Tensor> ReadPgm(absl::string_view file);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_IO_IMAGE_H_
