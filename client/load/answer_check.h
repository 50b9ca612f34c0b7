// Whether a kind's answers are always the same bytes.
#ifndef TENSORD_LOAD_ANSWER_CHECK_H_
#define TENSORD_LOAD_ANSWER_CHECK_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace tensord::load {

// Keeps the first OK answer of each kind, and compares every n-th of the later ones with it. Safe to use from several
// threads.
class AnswerCheck {
 public:
  AnswerCheck(size_t kind_count, int every) : kinds_(kind_count), every_(every) {}

  struct Result {
    bool compared = false, differs = false;
  };
  Result Look(size_t kind, const grpc::ByteBuffer& answer);

 private:
  struct Seen {
    uint64_t count = 0;
    std::string first;
  };

  std::mutex mutex_;
  std::vector<Seen> kinds_;
  int every_;
};

}  // namespace tensord::load

#endif  // TENSORD_LOAD_ANSWER_CHECK_H_
