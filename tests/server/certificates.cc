#include "tests/server/certificates.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tensord::testing {

Certificates::Certificates() {
  // Only the ca command can make a certificate whose time is over.
  const std::string script = R"(set -e
    key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1"; }
    for name in authority server client other stranger second; do key "$name.key"; done
    openssl req -x509 -new -key authority.key -subj /CN=authority -days 2 -out authority.pem
    openssl req -x509 -new -key stranger.key -subj /CN=stranger -days 2 -out stranger.pem
    openssl req -x509 -new -key second.key -subj /CN=second -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -days 2 \
      -out second.pem
    printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' > server.ext
    for name in server client; do
      openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
    done
    openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
      -extfile server.ext -out server.pem
    openssl x509 -req -in client.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -out client.pem
    : > index.txt
    printf '%s\n' '[ca]' 'default_ca=c' '[c]' 'database=index.txt' 'new_certs_dir=.' 'serial=serial' 'policy=p' \
      'default_md=sha256' '[p]' 'commonName=supplied' > ca.cnf
    openssl ca -batch -config ca.cnf -create_serial -in server.csr -cert authority.pem -keyfile authority.key \
      -startdate 20200101000000Z -enddate 20200102000000Z -notext -out expired.pem)";
  folder_.Write("make.sh", script);
  const std::string command = "cd '" + folder_.path() + "' && sh make.sh > log.txt 2>&1";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl: " + text("log.txt"));
}

std::string Certificates::text(const std::string& name) const {
  std::ifstream file(path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace tensord::testing
