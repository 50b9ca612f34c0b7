// 32 registers, two of which hold what is loaded.
#define TENSORD_VECTOR_BYTES 64
#define TENSORD_REGISTERS 32
#define TENSORD_TILES() TileShapes<9, 9, 9, 6>()
#include "compute/src/kernels/kernels_impl.h"

namespace tensord::compute::internal {

const KernelSet kAvx512Kernels = kThisSet;

}  // namespace tensord::compute::internal
