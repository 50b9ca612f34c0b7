#include <utility>

#include "absl/strings/str_join.h"
#include "client/cli/commands/commands.h"
#include "client/cli/elements.h"
#include "client/cli/errors.h"
#include "client/cli/flags/flag.h"
#include "client/cli/flags/parse.h"
#include "client/cli/proto_json.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

class Describe : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("describe", "The shape and size of a data set, by its axes");
    axes_.Declare(*command, "--axes", "NAME=SIZE,...", "The axes in order; a size may be a symbol. Required");
    type_.Declare(*command, "--type", absl::StrJoin(TypeNames(), "|"), "The type of an element. Default: uint8")
        ->check(OneOf(TypeNames()));
    command->footer(R"(Examples:
  tensorctl describe --axes image=1000,colour=3,height=256,width=256
  tensorctl describe --axes recording=N,channel=80,sample=2400 --type float32)");
    return command;
  }

  absl::Status Prepare(TensorSource& /*source*/) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&axes_}));
    TENSORCTL_ASSIGN_OR_RETURN(const auto axes, ParseAxes(axes_.name(), axes_.value()));
    request_.mutable_axes()->Assign(axes.begin(), axes.end());
    request_.set_data_type(v1::DATA_TYPE_UINT8);
    if (!type_.given()) return absl::OkStatus();
    TENSORCTL_ASSIGN_OR_RETURN(const v1::DataType type, ParseType(type_.value()));
    request_.set_data_type(type);
    return absl::OkStatus();
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::DescribeDatasetAsync, std::move(request_)));
    Report report;
    nlohmann::ordered_json shape = nlohmann::ordered_json::array();
    for (const v1::Count& size : response.shape()) shape.push_back(CountJson(size));
    nlohmann::ordered_json axes = nlohmann::ordered_json::array();
    for (const std::string& axis : response.axes()) axes.push_back(axis);
    report.values = {{"shape", shape},
                     {"axes", axes},
                     {"element_count", CountJson(response.element_count())},
                     {"byte_count", CountJson(response.byte_count())}};
    report.formulas.assign(response.formulas().begin(), response.formulas().end());
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

 private:
  Flag axes_, type_;
  v1::DescribeDatasetRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeDescribe() { return std::make_unique<Describe>(); }

}  // namespace tensord::cli
