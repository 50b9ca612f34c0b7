// Flags that name tensors: those that go in, and the files that results go to.
#ifndef TENSORD_CLI_FLAGS_TENSOR_FLAGS_H_
#define TENSORD_CLI_FLAGS_TENSOR_FLAGS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/cli/flags/flag.h"
#include "client/cli/io/tensor_source.h"
#include "client/cli/report.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli {

// --type, for every tensor of a command.
class TypeFlag {
 public:
  void Declare(CLI::App& app);

  // Loads what `flag` names, if it was given, in the type asked for, or in `instead` where there is such a type.
  [[nodiscard]] absl::Status Load(const Flag& flag, TensorSource& source, v1::Tensor* tensor,
                                  v1::DataType instead = v1::DATA_TYPE_UNSPECIFIED) const;

 private:
  Flag type_;
};

// --out and its like: where to write one of the results.
class OutputFlag {
 public:
  void Declare(CLI::App& app, const std::string& name, const std::string& what);
  // Refuses names that cannot be written, before anything is computed.
  [[nodiscard]] absl::Status Check() const;
  [[nodiscard]] bool given() const { return flag_.given(); }

  // Adds the result to the report, and writes it where the flag was given.
  [[nodiscard]] absl::Status Deliver(const std::string& name, const v1::Tensor& tensor, Report& report) const;

 private:
  Flag flag_;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_FLAGS_TENSOR_FLAGS_H_
