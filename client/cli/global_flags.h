// The flags that every command has.
#ifndef TENSORD_CLI_GLOBAL_FLAGS_H_
#define TENSORD_CLI_GLOBAL_FLAGS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "tensord/client/options.h"

namespace tensord::cli {

class GlobalFlags {
 public:
  // Adds the flags, each with its environment variable, TENSORCTL_ and the flag in capitals; the flag wins.
  void Declare(CLI::App& app);

  // Checks what the flags say together. Call after parsing.
  [[nodiscard]] absl::Status Prepare();

  [[nodiscard]] const std::string& server() const { return server_; }
  [[nodiscard]] const client::ClientOptions& client_options() const { return client_options_; }
  [[nodiscard]] const client::CallOptions& call_options() const { return call_options_; }
  [[nodiscard]] bool json() const { return format_ == "json"; }
  [[nodiscard]] bool markdown() const { return format_ == "markdown"; }
  // text, json, markdown, csv, html or latex.
  [[nodiscard]] const std::string& format() const { return format_; }
  [[nodiscard]] bool quiet() const { return quiet_; }
  // Whether to colour what goes to the file descriptor `descriptor`.
  [[nodiscard]] bool color(int descriptor) const;

 private:
  std::string server_;
  bool tls_ = false;
  client::TlsOptions tls_options_;
  std::string deadline_;
  std::string format_ = "text";
  std::string color_ = "auto";
  bool quiet_ = false;
  client::ClientOptions client_options_;
  client::CallOptions call_options_;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_GLOBAL_FLAGS_H_
