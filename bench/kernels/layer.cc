#include "bench/kernels/layer.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tensord/compute/status_macros.h"

namespace tensord::bench {
namespace {

struct Column {
  const char* name;
  int64_t Layer::*field;
};

constexpr Column kWindowColumns[] = {{"ih", &Layer::input_height},  {"iw", &Layer::input_width},
                                     {"oh", &Layer::output_height}, {"ow", &Layer::output_width},
                                     {"kh", &Layer::window_height}, {"kw", &Layer::window_width},
                                     {"sh", &Layer::stride_height}, {"sw", &Layer::stride_width},
                                     {"ph", &Layer::pad_top},       {"pw", &Layer::pad_left}};
constexpr Column kConvolutionColumns[] = {{"g", &Layer::groups},
                                          {"ic", &Layer::input_channels},
                                          {"oc", &Layer::output_channels},
                                          {"mb_suggest", &Layer::suggested_batch}};
constexpr Column kPoolingColumns[] = {{"c", &Layer::input_channels}, {"mb_src", &Layer::suggested_batch}};

// What a pooling's tensors shall come to in float32, where the network's batch is as large: several times a
// second-level cache, and no more than a run has time for.
constexpr int64_t kPoolingBytes = int64_t{16} << 20;

// One line of a file, by the names of its columns.
class Cells {
 public:
  Cells(const std::map<std::string, size_t>& places, std::string where, std::vector<std::string> cells)
      : places_(places), where_(std::move(where)), cells_(std::move(cells)) {}

  [[nodiscard]] absl::StatusOr<std::string> Text(const std::string& column) const {
    const auto place = places_.find(column);
    if (place == places_.end()) return absl::InvalidArgumentError(absl::StrCat(where_, ": no column ", column));
    return cells_[place->second];
  }

  template <size_t kCount>
  absl::Status Read(const Column (&columns)[kCount], Layer& layer) const {
    for (const Column& column : columns) {
      TENSORD_ASSIGN_OR_RETURN(const std::string text, Text(column.name));
      if (!absl::SimpleAtoi(text, &(layer.*column.field))) {
        return absl::InvalidArgumentError(absl::StrCat(where_, ": ", column.name, " is no number: \"", text, "\""));
      }
    }
    return absl::OkStatus();
  }

 private:
  const std::map<std::string, size_t>& places_;
  std::string where_;
  std::vector<std::string> cells_;
};

std::string KindOfPooling(const Layer& layer) {
  if (layer.output_height == 1 && layer.output_width == 1) return "global";
  return absl::StrCat(layer.window_height, "x", layer.window_width, " s", layer.stride_height);
}

absl::Status AddPoolings(const Cells& cells, Layer layer, std::vector<Layer>& layers) {
  TENSORD_RETURN_IF_ERROR(cells.Read(kPoolingColumns, layer));
  layer.groups = layer.output_channels = layer.input_channels;
  layer.kind = KindOfPooling(layer);
  const int64_t sample_bytes =
      4 * layer.input_channels * (layer.input_height * layer.input_width + layer.output_height * layer.output_width);
  layer.suggested_batch = std::clamp<int64_t>(kPoolingBytes / sample_bytes + 1, 1, layer.suggested_batch);
  for (const Operation operation : {Operation::kMaxPooling, Operation::kAveragePooling}) {
    layer.operation = operation;
    layers.push_back(layer);
  }
  return absl::OkStatus();
}

absl::Status AddConvolution(const Cells& cells, Layer layer, std::vector<Layer>& layers) {
  TENSORD_RETURN_IF_ERROR(cells.Read(kConvolutionColumns, layer));
  TENSORD_ASSIGN_OR_RETURN(layer.kind, cells.Text("cls"));
  layers.push_back(layer);
  return absl::OkStatus();
}

}  // namespace

absl::string_view Name(Operation operation) {
  switch (operation) {
    case Operation::kConvolution:
      return "convolution";
    case Operation::kMaxPooling:
      return "max-pooling";
    case Operation::kAveragePooling:
      return "average-pooling";
  }
  return "";
}

double Layer::Flop() const {
  if (operation != Operation::kConvolution) return 0;
  return 2.0 * static_cast<double>(output_channels * output_height * output_width) *
         static_cast<double>(input_channels / groups * window_height * window_width);
}

double Layer::FlopPerByte() const {
  const int64_t elements = input_channels * input_height * input_width +
                           output_channels * output_height * output_width +
                           output_channels * (input_channels / groups) * window_height * window_width;
  return Flop() / (4.0 * static_cast<double>(elements));
}

absl::StatusOr<std::vector<Layer>> ReadLayers(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  std::map<std::string, size_t> places;
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(line, ','))) {
    places.emplace(name, places.size());
  }
  const bool poolings = places.count("c") != 0;
  std::vector<Layer> layers;
  for (int number = 2; std::getline(file, line); ++number) {
    const std::string where = absl::StrCat(path, ", line ", number);
    std::vector<std::string> split = absl::StrSplit(line, ',');
    if (split.size() != places.size()) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": ", split.size(), " cells, expected ", places.size()));
    }
    const Cells cells(places, where, std::move(split));
    Layer layer{};
    TENSORD_ASSIGN_OR_RETURN(layer.name, cells.Text("name"));
    TENSORD_RETURN_IF_ERROR(cells.Read(kWindowColumns, layer));
    TENSORD_RETURN_IF_ERROR(poolings ? AddPoolings(cells, layer, layers) : AddConvolution(cells, layer, layers));
  }
  return layers;
}

}  // namespace tensord::bench
