// 16 registers.
#define TENSORD_VECTOR_BYTES 32
#define TENSORD_REGISTERS 16
#define TENSORD_TILES() TileShapes<9, 6, 0, 0>()
#include "compute/src/kernels/kernels_impl.h"

namespace tensord::compute::internal {

const KernelSet kAvx2Kernels = kThisSet;

}  // namespace tensord::compute::internal
