// 16 registers; no fused multiply-add, so that products take some too.
#define TENSORD_VECTOR_BYTES 16
#define TENSORD_REGISTERS 12
#define TENSORD_TILES() TileShapes<9, 5, 0, 0>()
#include "compute/src/kernels/kernels_impl.h"

namespace tensord::compute::internal {

const KernelSet kSse2Kernels = kThisSet;

}  // namespace tensord::compute::internal
