#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "client/cli/commands/analyze_group.h"
#include "client/cli/commands/commands.h"
#include "client/cli/commands/layer_report.h"
#include "client/cli/elements.h"
#include "client/cli/errors.h"
#include "client/cli/flags/flag.h"
#include "client/cli/flags/geometry.h"
#include "client/cli/flags/parse.h"
#include "client/cli/layer/kinds.h"
#include "client/cli/layer/layer_answer.h"
#include "client/cli/layer/layer_model.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

absl::Status OnlyFor(absl::string_view flag, absl::string_view layer, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat(flag, ": it says nothing of a ", layer, "\nexpected: ", expected));
}

constexpr char kConvolution[] = "convolution";
constexpr char kTransposed[] = "transposed";

std::vector<std::string> AllKinds() {
  std::vector<std::string> names = {kConvolution, kTransposed};
  for (const std::vector<std::string>& more : {PoolingKindNames(), layer::KindNames()}) {
    names.insert(names.end(), more.begin(), more.end());
  }
  return names;
}

bool IsPooling(const std::string& name) {
  const std::vector<std::string> names = PoolingKindNames();
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr char kFooter[] =
    R"(Of a convolution, a transposed one and the poolings max to lp, AnalyzeLayer tells; of the other kinds AnalyzeModel, as of a
model with this layer alone. Those take --input-shape, --layout, --profile and --type, and

  dense           --units, --no-bias; its features are the last axis
  layer-norm      --axis, from which on all axes are normalised together. Default: the last
  group-norm      --groups
  lrn             --size, the channels whose squares are summed
  softmax, log-softmax  --axis. Default: the last
  leaky-relu, elu, celu, thresholded-relu, gelu  parameters in the form of activate: leaky-relu:slope=0.2, gelu:form=tanh

Their axes are by default W, HW, HWC, NHWC or NDHWC, or with a profile that has channels first W, HW, CHW, NCHW or NCDHW; of a
dense layer C, NC, HWC, NHWC or NDHWC. --layout says otherwise: what needs channels takes 2 sizes with --layout NC.

Examples:
  tensorctl analyze layer --input-shape 48,64,10 --filter-shape 3,3,10,20
  tensorctl analyze layer --input-shape N,3,224,224 --filter-shape 64,3,7,7 --profile pytorch --stride 2 --padding 3
  tensorctl analyze layer --transposed --input-shape N,3,32,32 --filter-shape 3,8,4,4 --profile pytorch --stride 2
  tensorctl analyze layer --kind max --input-shape B,N,C --layout NWC --window 2 --stride s --rounding start-inside
  tensorctl analyze layer --kind dense --input-shape N,256 --units 10
  tensorctl analyze layer --kind batch-norm --input-shape N,256 --layout NC
  tensorctl analyze layer --kind group-norm --input-shape N,56,56,256 --groups 32
  tensorctl analyze layer --kind softmax --input-shape N,21,H,W --layout NCHW --axis C)";

class AnalyzeLayer : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = AnalyzeGroup(app)->add_subcommand(
        "layer", "One layer: a convolution, or with --kind a dense layer, pooling, normalisation or activation");
    command_ = command;
    kind_.Declare(*command, "--kind", absl::StrJoin(AllKinds(), "|"),
                  "What kind of layer. An activation's parameters may follow, :NAME=VALUE,... Default: convolution");
    input_shape_.Declare(*command, "--input-shape", "SIZES", "Sizes or symbols, in the layout's order. Required");
    filter_shape_.Declare(*command, "--filter-shape", "SIZES",
                          "Likewise; required for a convolution, and for nothing else");
    command->add_flag("--no-bias", no_bias_, "The convolution, or dense layer, has no bias");
    command->add_flag("--transposed", is_transposed_, "Analyse a transposed convolution");
    window_.Declare(*command, WindowFlags::kConvolutionPaddings);
    convolution_.Declare(*command);
    transposed_.Declare(*command);
    pooling_.Declare(*command);
    type_.Declare(*command, "--type", absl::StrJoin(TypeNames(), "|"), "The type of the tensors. Default: float32")
        ->check(OneOf(TypeNames()));
    units_.Declare(*command, "--units", "N", "The outputs of a dense layer");
    axis_.Declare(*command, "--axis", "LETTER|INDEX", "The axis of a softmax, or the first one of a layer-norm");
    size_.Declare(*command, "--size", "N", "The channels whose squares an lrn sums");
    command->footer(kFooter);
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
    const std::string kind = kind_.given() ? Canonical(kind_.value().substr(0, kind_.value().find(':'))) : kConvolution;
    if (const layer::Kind* const other = layer::FindKind(kind)) return PrepareModel(*other);
    if (kind != Canonical(kind_.value()) && kind_.given()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--kind: ", Escape(kind), " takes no parameters\nexpected: ", "the flags of a convolution or pooling"));
    }
    if (IsPooling(kind)) return PreparePooling(*request_.mutable_pooling());
    if (kind == kTransposed) is_transposed_ = true;
    if (!is_transposed_ && kind != kConvolution) {
      return absl::InvalidArgumentError(absl::StrCat("--kind: '", Escape(kind), "' is not known",
                                                     DidYouMean(kind, AllKinds()),
                                                     "\nexpected: ", absl::StrJoin(AllKinds(), ", ")));
    }
    if (is_transposed_) {
      TENSORCTL_RETURN_IF_ERROR(
          PrepareConvolution("transposed convolution", *request_.mutable_transposed_convolution()));
      return transposed_.Fill(*request_.mutable_transposed_convolution()->mutable_conventions());
    }
    if (const char* flag = transposed_.AnyGiven()) return OnlyFor(flag, kConvolution, "--transposed beside it");
    return PrepareConvolution(kConvolution, *request_.mutable_convolution());
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    if (model_.has_value()) return RunModel(*caller, context);
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::AnalyzeLayerAsync, std::move(request_)));
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(LayerReport(response)));
    return kExitDone;
  }

 private:
  template <typename Layer>
  absl::Status PrepareConvolution(absl::string_view what, Layer& layer) {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&input_shape_, &filter_shape_}));
    TENSORCTL_RETURN_IF_ERROR(RefuseOtherKinds(what));
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
    TENSORCTL_RETURN_IF_ERROR(RefuseOtherKinds("pooling"));
    TENSORCTL_ASSIGN_OR_RETURN(const v1::PoolingKind kind, ParsePoolingKind(kind_.name(), kind_.value()));
    TENSORCTL_ASSIGN_OR_RETURN(const auto input, ParseDimensions(input_shape_.name(), input_shape_.value()));
    layer.set_kind(kind);
    layer.mutable_input_shape()->Assign(input.begin(), input.end());
    TENSORCTL_RETURN_IF_ERROR(window_.Fill(*layer.mutable_conventions()));
    TENSORCTL_RETURN_IF_ERROR(window_.FillStrides(*layer.mutable_conventions(), *layer.mutable_symbolic_strides()));
    return pooling_.Fill(kind, window_.stride.given(), *layer.mutable_conventions());
  }

  // The flags that only other kinds have.
  absl::Status RefuseOtherKinds(absl::string_view what) const {
    for (const auto& [flag, kinds] : {std::pair<const Flag&, const char*>(units_, "dense"),
                                      std::pair<const Flag&, const char*>(axis_, "softmax|log-softmax|layer-norm"),
                                      std::pair<const Flag&, const char*>(size_, "lrn")}) {
      if (flag.given()) return OnlyFor(flag.name(), what, absl::StrCat("--kind ", kinds, " beside it"));
    }
    return absl::OkStatus();
  }

  absl::Status RefuseOtherFlags(const layer::Kind& kind) const {
    std::vector<std::string> allowed = {"--kind", "--input-shape", "--layout", "--profile", "--type"};
    for (const absl::string_view flag : kind.flags) allowed.emplace_back(flag);
    for (const CLI::Option* option : command_->get_options()) {
      if (option->count() == 0 || option->get_lnames().empty()) continue;
      const std::string flag = "--" + option->get_lnames().front();
      if (std::find(allowed.begin(), allowed.end(), flag) != allowed.end()) continue;
      return OnlyFor(flag, absl::StrCat(kind.name, " layer"), absl::StrJoin(allowed, ", "));
    }
    return absl::OkStatus();
  }

  absl::Status PrepareModel(const layer::Kind& kind) {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&input_shape_}));
    TENSORCTL_RETURN_IF_ERROR(RefuseOtherFlags(kind));
    layer::Choices choices{.kind = &kind, .profile = request_.profile(), .has_bias = !no_bias_};
    TENSORCTL_ASSIGN_OR_RETURN(choices.input_shape, ParseDimensions(input_shape_.name(), input_shape_.value()));
    if (window_.layout.given()) choices.layout = window_.layout.value();
    if (type_.given()) choices.type = request_.data_type();
    for (const Flag* const flag : std::vector<const Flag*>{&units_, &axis_, &size_, &convolution_.groups()}) {
      if (flag->given()) choices.arguments[flag->name().substr(2)] = {flag->value(), flag->name()};
    }
    TENSORCTL_RETURN_IF_ERROR(layer::ParseParameters(kind, kind_.value(), choices.arguments));
    TENSORCTL_ASSIGN_OR_RETURN(model_, layer::MakeLayerModel(choices));
    return absl::OkStatus();
  }

  absl::StatusOr<int> RunModel(Caller& caller, Context& context) {
    const auto response = caller.Call(&client::ClientInterface::AnalyzeModelAsync, std::move(model_->request));
    // The model is none that anybody typed: what is wrong with it are its sizes.
    if (absl::IsInvalidArgument(response.status())) {
      return absl::InvalidArgumentError(absl::StrCat("--input-shape: ", response.status().message()));
    }
    if (!response.ok()) return response.status();
    TENSORCTL_ASSIGN_OR_RETURN(const Report report, layer::AnswerReport(*model_, *response));
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

  CLI::App* command_ = nullptr;
  Flag kind_, input_shape_, filter_shape_, type_, units_, axis_, size_;
  bool no_bias_ = false;
  bool is_transposed_ = false;
  WindowFlags window_;
  ConvolutionFlags convolution_;
  TransposedFlags transposed_;
  PoolingFlags pooling_;
  v1::AnalyzeLayerRequest request_;
  std::optional<layer::LayerModel> model_;  // of the kinds that AnalyzeLayer has not
};

}  // namespace

std::unique_ptr<Command> MakeAnalyzeLayer() { return std::make_unique<AnalyzeLayer>(); }

}  // namespace tensord::cli
