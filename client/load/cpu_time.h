// What a run cost this process.
#ifndef TENSORD_LOAD_CPU_TIME_H_
#define TENSORD_LOAD_CPU_TIME_H_

namespace tensord::load {

// Seconds of processors that this process has used so far, in user and in system mode.
[[nodiscard]] double ProcessCpuSeconds();

}  // namespace tensord::load

#endif  // TENSORD_LOAD_CPU_TIME_H_
