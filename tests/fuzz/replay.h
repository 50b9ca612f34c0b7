// Running a fuzz target over kept inputs, and over what lies near them. For every compiler.
#ifndef TENSORD_TESTS_FUZZ_REPLAY_H_
#define TENSORD_TESTS_FUZZ_REPLAY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tensord::fuzz {

using Target = void (*)(const uint8_t* data, size_t size);

// A target and the folders, below the tests, with its inputs: seeds, and what once broke it.
struct Replay {
  std::string name;
  Target target = nullptr;
  std::vector<std::string> folders;
};

// The files in a replay's folders, by name; a folder that is not there has none.
[[nodiscard]] std::vector<std::string> Inputs(const Replay& replay);

void RunOn(Target target, const std::string& input);
// `input` cut short after each byte.
void RunTruncated(Target target, const std::string& input);
// `input` with each byte but the first, which picks what is run, replaced by each of some.
void RunBent(Target target, const std::string& input);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_REPLAY_H_
