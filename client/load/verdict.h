// Whether a call was answered as it should be.
#ifndef TENSORD_LOAD_VERDICT_H_
#define TENSORD_LOAD_VERDICT_H_

#include <grpcpp/support/status.h>

#include <string>

#include "client/load/mix.h"

namespace tensord::load {

enum class Verdict {
  kAccepted,    // a good call, answered with OK
  kRefused,     // a good call, refused for now, and told when to come back
  kLate,        // a good call whose deadline passed
  kHostile,     // a hostile call, refused with its own code and reason
  kUnexpected,  // anything else
};

// An answer that is no OK, taken apart.
struct Failure {
  std::string label;  // "RESOURCE_EXHAUSTED OVERLOADED": the code, and the ErrorInfo's reason where there is one
  bool has_retry_info = false;
};
Failure Explain(const grpc::Status& status);

struct Accepted {
  bool refusals = false;
  bool deadline = false;
};

Verdict JudgeOk(const Kind& kind);
Verdict Judge(const Kind& kind, const Failure& failure, Accepted accepted);

}  // namespace tensord::load

#endif  // TENSORD_LOAD_VERDICT_H_
