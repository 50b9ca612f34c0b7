// What the machine can do at best, measured beside the kernels.
#ifndef TENSORD_BENCH_KERNELS_MACHINE_H_
#define TENSORD_BENCH_KERNELS_MACHINE_H_

#include <cstdint>
#include <string>

#include "tensord/compute/data_type.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/instruction_set.h"

namespace tensord::bench {

// Operations a second of a loop of nothing but fused multiply-adds in registers (of multiplications and additions,
// where the instruction set has no fused ones), on all of the executor's threads together: the best of some runs.
[[nodiscard]] double PeakFlops(compute::InstructionSet set, compute::DataType type, compute::Executor& executor);

// Bytes a second of a[i] = b[i] + s*c[i] over arrays of 64 MiB, the three of them counted once each, on all of the
// executor's threads together: the best of some runs.
[[nodiscard]] double TriadBytes(compute::Executor& executor);

// Of one processor: what its second-level cache holds; 0 where the system does not tell.
[[nodiscard]] int64_t SecondLevelCacheBytes();

// "AMD EPYC ...", or "unknown".
[[nodiscard]] std::string ProcessorName();

}  // namespace tensord::bench

#endif  // TENSORD_BENCH_KERNELS_MACHINE_H_
