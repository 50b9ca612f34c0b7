// One HTTP request on the loopback.
#ifndef TENSORD_TESTS_SERVER_HTTP_GET_H_
#define TENSORD_TESTS_SERVER_HTTP_GET_H_

#include <string>

namespace tensord::testing {

// The whole answer, with its head, to GET `path` on 127.0.0.1; "" where nobody answers. `address` is "127.0.0.1:port".
std::string HttpGet(const std::string& address, const std::string& path);

}  // namespace tensord::testing

#endif  // TENSORD_TESTS_SERVER_HTTP_GET_H_
