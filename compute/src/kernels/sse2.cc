// 16 registers; no fused multiply-add, so that a product takes one too.
#define TENSORD_VECTOR_BYTES 16
#define TENSORD_TILES() TileShapes<9, 5, 0, 0>()
#include "compute/src/kernels/kernels_impl.h"

namespace tensord::compute::internal {

const KernelSet kSse2Kernels = kThisSet;

}  // namespace tensord::compute::internal
