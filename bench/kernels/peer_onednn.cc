#include <omp.h>

#include <dnnl.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "bench/kernels/peers.h"

namespace tensord::bench {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

// A primitive, and where its three tensors lie: as the problem has them, and as the primitive wants them.
class OneDnn {
 public:
  OneDnn(const Problem& problem, int threads) : problem_(problem), threads_(threads), stream_(engine_) {
    const Layer& layer = problem.layer;
    const bool nchw = problem.layout == Layout::kNchw;
    const int64_t batch = problem.batch;
    const memory::dims x = {batch, layer.input_channels, layer.input_height, layer.input_width};
    const memory::dims y = {batch, layer.output_channels, layer.output_height, layer.output_width};
    const bool grouped = layer.groups > 1;
    const memory::dims w =
        grouped ? memory::dims{layer.groups, layer.output_channels / layer.groups, layer.input_channels / layer.groups,
                               layer.window_height, layer.window_width}
                : memory::dims{layer.output_channels, layer.input_channels, layer.window_height, layer.window_width};
    const Tag filter_tag = grouped ? (nchw ? Tag::goihw : Tag::hwigo) : (nchw ? Tag::oihw : Tag::hwio);
    const memory::desc plain_x(x, kType, nchw ? Tag::nchw : Tag::nhwc);
    const memory::desc plain_w(w, kType, filter_tag);
    const memory::desc plain_y(y, kType, nchw ? Tag::nchw : Tag::nhwc);
    const memory::desc any_x(x, kType, Tag::any);
    const memory::desc any_w(w, kType, Tag::any);
    const memory::desc any_y(y, kType, Tag::any);
    const memory::dims strides = {layer.stride_height, layer.stride_width};
    const memory::dims begin = {layer.pad_top, layer.pad_left};
    const memory::dims end = {layer.pad_bottom(), layer.pad_right()};
    constexpr auto kDirect = dnnl::algorithm::convolution_direct;
    if (problem.pass == Pass::kForward) {
      const dnnl::convolution_forward::primitive_desc chosen(
          {dnnl::prop_kind::forward_inference, kDirect, any_x, any_w, any_y, strides, begin, end}, engine_);
      primitive_ = dnnl::convolution_forward(chosen);
      implementation_ = chosen.impl_info_str();
      AddInput(DNNL_ARG_SRC, plain_x, chosen.src_desc(), problem.x);
      AddInput(DNNL_ARG_WEIGHTS, plain_w, chosen.weights_desc(), problem.w);
      SetOutput(DNNL_ARG_DST, plain_y, chosen.dst_desc());
      return;
    }
    const dnnl::convolution_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, kDirect, any_x, any_w, any_y, strides, begin, end}, engine_);
    if (problem.pass == Pass::kBackwardData) {
      const dnnl::convolution_backward_data::primitive_desc chosen({kDirect, any_x, any_w, any_y, strides, begin, end},
                                                                   engine_, forward);
      primitive_ = dnnl::convolution_backward_data(chosen);
      implementation_ = chosen.impl_info_str();
      AddInput(DNNL_ARG_DIFF_DST, plain_y, chosen.diff_dst_desc(), problem.du);
      AddInput(DNNL_ARG_WEIGHTS, plain_w, chosen.weights_desc(), problem.w);
      SetOutput(DNNL_ARG_DIFF_SRC, plain_x, chosen.diff_src_desc());
      return;
    }
    const dnnl::convolution_backward_weights::primitive_desc chosen({kDirect, any_x, any_w, any_y, strides, begin, end},
                                                                    engine_, forward);
    primitive_ = dnnl::convolution_backward_weights(chosen);
    implementation_ = chosen.impl_info_str();
    AddInput(DNNL_ARG_DIFF_DST, plain_y, chosen.diff_dst_desc(), problem.du);
    AddInput(DNNL_ARG_SRC, plain_x, chosen.src_desc(), problem.x);
    SetOutput(DNNL_ARG_DIFF_WEIGHTS, plain_w, chosen.diff_weights_desc());
  }

  double Run(int64_t iterations, bool reorders) {
    omp_set_num_threads(threads_);
    return SecondsOf(iterations, [&] {
      if (reorders) {
        for (Reorder& reorder : inputs_) reorder.primitive.execute(stream_, reorder.from, reorder.to);
      }
      primitive_.execute(stream_, arguments_);
      if (reorders && output_.has_value()) output_->primitive.execute(stream_, output_->from, output_->to);
      stream_.wait();
    });
  }

  [[nodiscard]] const std::vector<float>& result() const { return result_; }
  [[nodiscard]] const std::string& implementation() const { return implementation_; }

 private:
  static constexpr auto kType = memory::data_type::f32;

  struct Reorder {
    memory from;
    memory to;
    dnnl::reorder primitive;
  };

  void AddInput(int argument, const memory::desc& plain, const memory::desc& wanted, const compute::Tensor& tensor) {
    // oneDNN does not write what it reads, but has no pointers to const.
    const memory given(plain, engine_, const_cast<void*>(tensor.view().data));  // NOLINT(*-const-cast)
    if (plain == wanted) {
      arguments_.emplace(argument, given);
      return;
    }
    const memory own(wanted, engine_);
    inputs_.push_back({.from = given, .to = own, .primitive = dnnl::reorder(given, own)});
    arguments_.emplace(argument, own);
  }

  void SetOutput(int argument, const memory::desc& plain, const memory::desc& chosen) {
    result_.resize(plain.get_size() / sizeof(float));
    const memory given(plain, engine_, result_.data());
    if (plain == chosen) {
      arguments_.emplace(argument, given);
      return;
    }
    const memory own(chosen, engine_);
    output_ = Reorder{.from = own, .to = given, .primitive = dnnl::reorder(own, given)};
    arguments_.emplace(argument, own);
  }

  const Problem& problem_;
  int threads_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_;
  dnnl::primitive primitive_;
  std::string implementation_;
  std::unordered_map<int, memory> arguments_;
  std::vector<Reorder> inputs_;
  std::optional<Reorder> output_;
  std::vector<float> result_;
};

class OneDnnCandidate final : public Candidate {
 public:
  OneDnnCandidate(std::string name, std::shared_ptr<OneDnn> convolution, bool reorders)
      : Candidate(std::move(name)), convolution_(std::move(convolution)), reorders_(reorders) {}

  absl::StatusOr<double> Run(int64_t iterations) override {
    try {
      return convolution_->Run(iterations, reorders_);
    } catch (const dnnl::error& error) {
      return absl::InternalError(error.what());
    }
  }

  [[nodiscard]] std::vector<double> Result() const override {
    if (!reorders_) return {};
    return std::vector<double>(convolution_->result().begin(), convolution_->result().end());
  }

  [[nodiscard]] std::string Details() const override { return convolution_->implementation(); }

 private:
  std::shared_ptr<OneDnn> convolution_;
  bool reorders_;
};

}  // namespace

void AddOneDnn(const Problem& problem, int threads, Candidates& candidates) {
  if (problem.type != compute::DataType::kFloat32) return;
  omp_set_num_threads(threads);
  try {
    const auto convolution = std::make_shared<OneDnn>(problem, threads);
    candidates.push_back(std::make_unique<OneDnnCandidate>("onednn", convolution, true));
    candidates.push_back(std::make_unique<OneDnnCandidate>("onednn-own-layout", convolution, false));
  } catch (const dnnl::error&) {
    // It has no implementation for this problem.
  }
}

}  // namespace tensord::bench
