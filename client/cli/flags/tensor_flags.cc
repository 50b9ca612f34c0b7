#include "client/cli/flags/tensor_flags.h"

#include <optional>

#include "absl/strings/str_join.h"
#include "client/cli/elements.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {

void TypeFlag::Declare(CLI::App& app) {
  type_.Declare(app, "--type", absl::StrJoin(TypeNames(), "|"), "Convert every tensor to this type, by value")
      ->check(OneOf(TypeNames()));
}

absl::Status TypeFlag::Load(const Flag& flag, TensorSource& source, v1::Tensor* tensor, v1::DataType instead) const {
  if (!flag.given()) return absl::OkStatus();
  std::optional<v1::DataType> type;
  if (instead != v1::DATA_TYPE_UNSPECIFIED) {
    type = instead;
  } else if (type_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(type, ParseType(type_.value()));
  }
  TENSORCTL_ASSIGN_OR_RETURN(*tensor, source.Load(flag.name(), flag.value(), type));
  return absl::OkStatus();
}

void OutputFlag::Declare(CLI::App& app, const std::string& name, const std::string& what) {
  flag_.Declare(app, name, "FILE", absl::StrCat("Write ", what, " to FILE.npy or FILE.json"));
}

absl::Status OutputFlag::Check() const {
  return flag_.given() ? CheckOutputName(flag_.name(), flag_.value()) : absl::OkStatus();
}

absl::Status OutputFlag::Deliver(const std::string& name, const v1::Tensor& tensor, Report& report) const {
  if (flag_.given()) TENSORCTL_RETURN_IF_ERROR(WriteTensor(flag_.value(), tensor));
  report.tensors.push_back({name, tensor, flag_.given() ? flag_.value() : ""});
  return absl::OkStatus();
}

}  // namespace tensord::cli
