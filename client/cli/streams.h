// Where a program reads and writes.
#ifndef TENSORD_CLI_STREAMS_H_
#define TENSORD_CLI_STREAMS_H_

#include <istream>
#include <ostream>

namespace tensord::cli {

struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_STREAMS_H_
