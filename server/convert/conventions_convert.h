// Conventions of the wire <-> conventions of the engine.
#ifndef TENSORD_SERVER_CONVERT_CONVENTIONS_CONVERT_H_
#define TENSORD_SERVER_CONVERT_CONVENTIONS_CONVERT_H_

#include "absl/strings/string_view.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/transposed_convolution.h"
#include "tensord/compute/violations.h"
#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/pooling.pb.h"
#include "tensord/v1/transposed_convolution.pb.h"

namespace tensord::server {

// As given; unknown enums are added to `violations` as FIELD.kernel and so on.
[[nodiscard]] compute::ConvolutionConventions DecodeConventions(const v1::ConvolutionConventions& conventions,
                                                                absl::string_view field,
                                                                compute::Violations& violations);
[[nodiscard]] compute::TransposedConvolutionConventions DecodeConventions(
    const v1::TransposedConvolutionConventions& conventions, absl::string_view field, compute::Violations& violations);
[[nodiscard]] compute::PoolingConventions DecodeConventions(const v1::PoolingConventions& conventions,
                                                            absl::string_view field, compute::Violations& violations);

// Every convention, resolved. What depends on a symbol is left out (a list as a whole).
[[nodiscard]] v1::ConvolutionConventions EncodeConventions(const compute::ConvolutionGeometry& geometry);
[[nodiscard]] v1::TransposedConvolutionConventions EncodeConventions(
    const compute::TransposedConvolutionGeometry& geometry);
[[nodiscard]] v1::PoolingConventions EncodeConventions(const compute::PoolingGeometry& geometry);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_CONVENTIONS_CONVERT_H_
