#include "bench/kernels/layer.h"

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tensord::bench {
namespace {

struct Column {
  const char* name;
  int64_t Layer::*field;
};

constexpr Column kColumns[] = {
    {"g", &Layer::groups},         {"ic", &Layer::input_channels},         {"ih", &Layer::input_height},
    {"iw", &Layer::input_width},   {"oc", &Layer::output_channels},        {"oh", &Layer::output_height},
    {"ow", &Layer::output_width},  {"kh", &Layer::window_height},          {"kw", &Layer::window_width},
    {"sh", &Layer::stride_height}, {"sw", &Layer::stride_width},           {"ph", &Layer::pad_top},
    {"pw", &Layer::pad_left},      {"mb_suggest", &Layer::suggested_batch}};

}  // namespace

double Layer::Flop() const {
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
  for (const char* name : {"name", "cls"}) {
    if (places.count(name) == 0) return absl::InvalidArgumentError(absl::StrCat(path, ": no column ", name));
  }
  std::vector<Layer> layers;
  for (int number = 2; std::getline(file, line); ++number) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    if (cells.size() != places.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ", line ", number, ": ", cells.size(), " cells, expected ", places.size()));
    }
    Layer layer{.name = cells[places["name"]], .kind = cells[places["cls"]]};
    for (const Column& column : kColumns) {
      const auto place = places.find(column.name);
      if (place == places.end()) return absl::InvalidArgumentError(absl::StrCat(path, ": no column ", column.name));
      if (!absl::SimpleAtoi(cells[place->second], &(layer.*column.field))) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ", line ", number, ": ", column.name, " is no number: \"", cells[place->second], "\""));
      }
    }
    layers.push_back(layer);
  }
  return layers;
}

}  // namespace tensord::bench
