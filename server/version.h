// Which tensord this is.
#ifndef TENSORD_SERVER_VERSION_H_
#define TENSORD_SERVER_VERSION_H_

namespace tensord::server {

// The project's version, e.g. "0.1.0".
[[nodiscard]] const char* Version();

}  // namespace tensord::server

#endif  // TENSORD_SERVER_VERSION_H_
