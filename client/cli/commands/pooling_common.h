// What pool and pool-backward have in common.
#ifndef TENSORD_CLI_COMMANDS_POOLING_COMMON_H_
#define TENSORD_CLI_COMMANDS_POOLING_COMMON_H_

#include <CLI/CLI.hpp>

#include "absl/status/status.h"
#include "client/cli/flags/flag.h"
#include "client/cli/flags/geometry.h"
#include "client/cli/flags/numbers.h"
#include "client/cli/flags/parse.h"
#include "client/cli/flags/tensor_flags.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {

class PoolingOperands {
 public:
  void Declare(CLI::App& app);

  // Fills what PoolRequest and PoolBackwardRequest both have.
  template <typename Request>
  [[nodiscard]] absl::Status Fill(TensorSource& source, Request& request) const {
    TENSORCTL_ASSIGN_OR_RETURN(const v1::PoolingKind kind, ParsePoolingKind(kind_.name(), kind_.value()));
    request.set_kind(kind);
    TENSORCTL_RETURN_IF_ERROR(type_.Load(input_, source, request.mutable_input()));
    TENSORCTL_RETURN_IF_ERROR(numbers_.Fill(request));
    v1::ConventionProfile profile = v1::CONVENTION_PROFILE_UNSPECIFIED;
    TENSORCTL_RETURN_IF_ERROR(window_.FillProfile(profile));
    request.set_profile(profile);
    TENSORCTL_RETURN_IF_ERROR(window_.Fill(*request.mutable_conventions()));
    TENSORCTL_RETURN_IF_ERROR(window_.FillStrides(*request.mutable_conventions()));
    return pooling_.Fill(kind, window_.stride.given(), *request.mutable_conventions());
  }

  [[nodiscard]] const Flag& kind() const { return kind_; }
  [[nodiscard]] const Flag& input() const { return input_; }
  [[nodiscard]] const TypeFlag& type() const { return type_; }
  [[nodiscard]] NumbersFlags& numbers() { return numbers_; }

 private:
  Flag kind_, input_;
  TypeFlag type_;
  NumbersFlags numbers_;
  WindowFlags window_;
  PoolingFlags pooling_;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_COMMANDS_POOLING_COMMON_H_
