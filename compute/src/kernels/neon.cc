// 32 registers.
#define TENSORD_VECTOR_BYTES 16
#define TENSORD_REGISTERS 32
#define TENSORD_TILES() TileShapes<9, 9, 8, 6>()
#include "compute/src/kernels/kernels_impl.h"

namespace tensord::compute::internal {

const KernelSet kNeonKernels = kThisSet;

}  // namespace tensord::compute::internal
