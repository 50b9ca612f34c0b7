// Which services and methods there are: what health reports on, and the closed set of metric labels.
#ifndef TENSORD_SERVER_SERVICE_NAMES_H_
#define TENSORD_SERVER_SERVICE_NAMES_H_

#include <string>
#include <vector>

namespace tensord::server {

// "tensord.v1.TensorService", ...
[[nodiscard]] std::vector<std::string> ServiceNames();

// "tensord.v1.TensorService/Convolve", ...: every method of the services above.
[[nodiscard]] std::vector<std::string> MethodNames();

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SERVICE_NAMES_H_
