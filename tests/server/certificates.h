// Certificates made for one test by the openssl command.
#ifndef TENSORD_TESTS_SERVER_CERTIFICATES_H_
#define TENSORD_TESTS_SERVER_CERTIFICATES_H_

#include <string>

#include "tests/support/temporary_directory.h"

namespace tensord::testing {

// An authority; a server's certificate (localhost, 127.0.0.1) and a client's that it signed; a key that belongs to
// neither, an expired certificate of the server's key, a certificate of another authority, and another server's that
// signed itself.
class Certificates {
 public:
  Certificates();

  // Paths of PEM files: authority.pem, server.pem, server.key, client.pem, client.key, other.key, expired.pem,
  // stranger.pem, stranger.key, second.pem, second.key.
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path(name); }
  // Their text.
  [[nodiscard]] std::string text(const std::string& name) const;
  // Writes a file beside them; its path.
  std::string Write(const std::string& name, const std::string& text) const { return folder_.Write(name, text); }

 private:
  TemporaryDirectory folder_;
};

}  // namespace tensord::testing

#endif  // TENSORD_TESTS_SERVER_CERTIFICATES_H_
