#include <utility>

#include "absl/strings/str_join.h"
#include "client/cli/commands/analyze_group.h"
#include "client/cli/commands/commands.h"
#include "client/cli/commands/layer_report.h"
#include "client/cli/elements.h"
#include "client/cli/errors.h"
#include "client/cli/flags/flag.h"
#include "client/cli/flags/geometry.h"
#include "client/cli/flags/parse.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

absl::Status OnlyFor(absl::string_view flag, absl::string_view layer, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat(flag, ": it says nothing of a ", layer, "\nexpected: ", expected));
}

class AnalyzeLayer : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = AnalyzeGroup(app)->add_subcommand(
        "layer", "One layer: a convolution, transposed or not, or a pooling with --kind");
    kind_.Declare(*command, "--kind", absl::StrJoin(PoolingKindNames(), "|"),
                  "Analyse this pooling instead of a convolution");
    input_shape_.Declare(*command, "--input-shape", "SIZES", "Sizes or symbols, in the layout's order. Required");
    filter_shape_.Declare(*command, "--filter-shape", "SIZES", "Likewise; required for a convolution");
    command->add_flag("--no-bias", no_bias_, "The convolution has no bias");
    command->add_flag("--transposed", is_transposed_, "Analyse a transposed convolution");
    window_.Declare(*command, WindowFlags::kConvolutionPaddings);
    convolution_.Declare(*command);
    transposed_.Declare(*command);
    pooling_.Declare(*command);
    type_.Declare(*command, "--type", absl::StrJoin(TypeNames(), "|"), "The type of the tensors. Default: float32")
        ->check(OneOf(TypeNames()));
    command->footer(R"(Examples:
  tensorctl analyze layer --input-shape 48,64,10 --filter-shape 3,3,10,20
  tensorctl analyze layer --input-shape N,3,224,224 --filter-shape 64,3,7,7 --profile pytorch --stride 2 --padding 3
  tensorctl analyze layer --transposed --input-shape N,3,32,32 --filter-shape 3,8,4,4 --profile pytorch --stride 2
  tensorctl analyze layer --kind max --input-shape B,N,C --layout NWC --window 2 --stride s --rounding start-inside)");
    return command;
  }

  absl::Status Prepare(TensorSource& /*source*/) override {
    v1::ConventionProfile profile = v1::CONVENTION_PROFILE_UNSPECIFIED;
    TENSORCTL_RETURN_IF_ERROR(window_.FillProfile(profile));
    request_.set_profile(profile);
    if (type_.given()) {
      TENSORCTL_ASSIGN_OR_RETURN(const v1::DataType type, ParseType(type_.value()));
      request_.set_data_type(type);
    }
    if (kind_.given()) return PreparePooling(*request_.mutable_pooling());
    if (is_transposed_) {
      TENSORCTL_RETURN_IF_ERROR(
          PrepareConvolution("transposed convolution", *request_.mutable_transposed_convolution()));
      return transposed_.Fill(*request_.mutable_transposed_convolution()->mutable_conventions());
    }
    if (const char* flag = transposed_.AnyGiven()) return OnlyFor(flag, "convolution", "--transposed beside it");
    return PrepareConvolution("convolution", *request_.mutable_convolution());
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::AnalyzeLayerAsync, std::move(request_)));
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(LayerReport(response)));
    return kExitDone;
  }

 private:
  template <typename Layer>
  absl::Status PrepareConvolution(absl::string_view what, Layer& layer) {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&input_shape_, &filter_shape_}));
    if (const char* flag = pooling_.AnyGiven()) {
      return OnlyFor(flag, what, absl::StrCat("--kind ", absl::StrJoin(PoolingKindNames(), "|"), " beside it"));
    }
    TENSORCTL_ASSIGN_OR_RETURN(const auto input, ParseDimensions(input_shape_.name(), input_shape_.value()));
    TENSORCTL_ASSIGN_OR_RETURN(const auto filter, ParseDimensions(filter_shape_.name(), filter_shape_.value()));
    layer.mutable_input_shape()->Assign(input.begin(), input.end());
    layer.mutable_filter_shape()->Assign(filter.begin(), filter.end());
    layer.set_bias(!no_bias_);
    TENSORCTL_RETURN_IF_ERROR(window_.Fill(*layer.mutable_conventions()));
    TENSORCTL_RETURN_IF_ERROR(window_.FillStrides(*layer.mutable_conventions(), *layer.mutable_symbolic_strides()));
    return convolution_.Fill(*layer.mutable_conventions());
  }

  absl::Status PreparePooling(v1::PoolingLayer& layer) {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&input_shape_}));
    const char* flag = filter_shape_.given() ? "--filter-shape"
                       : no_bias_            ? "--no-bias"
                       : is_transposed_      ? "--transposed"
                                             : convolution_.AnyGiven();
    if (flag == nullptr) flag = transposed_.AnyGiven();
    if (flag != nullptr) return OnlyFor(flag, "pooling", "no --kind, for a convolution");
    TENSORCTL_ASSIGN_OR_RETURN(const v1::PoolingKind kind, ParsePoolingKind(kind_.name(), kind_.value()));
    TENSORCTL_ASSIGN_OR_RETURN(const auto input, ParseDimensions(input_shape_.name(), input_shape_.value()));
    layer.set_kind(kind);
    layer.mutable_input_shape()->Assign(input.begin(), input.end());
    TENSORCTL_RETURN_IF_ERROR(window_.Fill(*layer.mutable_conventions()));
    TENSORCTL_RETURN_IF_ERROR(window_.FillStrides(*layer.mutable_conventions(), *layer.mutable_symbolic_strides()));
    return pooling_.Fill(kind, window_.stride.given(), *layer.mutable_conventions());
  }

  Flag kind_, input_shape_, filter_shape_, type_;
  bool no_bias_ = false;
  bool is_transposed_ = false;
  WindowFlags window_;
  ConvolutionFlags convolution_;
  TransposedFlags transposed_;
  PoolingFlags pooling_;
  v1::AnalyzeLayerRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeAnalyzeLayer() { return std::make_unique<AnalyzeLayer>(); }

}  // namespace tensord::cli
