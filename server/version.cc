#include "server/version.h"

namespace tensord::server {

const char* Version() { return TENSORD_VERSION; }

}  // namespace tensord::server
