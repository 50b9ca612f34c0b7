// Runs cases through a server.
#ifndef TENSORD_TESTS_CONFORMANCE_SUITE_H_
#define TENSORD_TESTS_CONFORMANCE_SUITE_H_

#include <string>
#include <vector>

#include "tensord/client/client.h"
#include "tests/conformance/catalogue.h"

namespace tensord::conformance {

enum class Outcome {
  kPassed,
  kFailed,
  kSkipped,      // tensord has no such thing
  kContradicts,  // the answer is what ONNX's text says, and the expected value is not; see Contradictions
};

struct Result {
  Entry entry;
  Outcome outcome = Outcome::kPassed;
  std::string detail = {};  // why it did not pass; of one that contradicts, the sentence
  double largest = 0;       // the largest difference from an expected value, and where
  std::string place = {};
};

// A case whose expected value is not what ONNX's own text says.
struct Contradiction {
  const char* name;
  const char* sentence;  // of the text, with where it stands
};
[[nodiscard]] const std::vector<Contradiction>& Contradictions();

[[nodiscard]] Result RunEntry(const Entry& entry, client::ClientInterface& server);

}  // namespace tensord::conformance

#endif  // TENSORD_TESTS_CONFORMANCE_SUITE_H_
