#include "client/cli/layer/layout.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/number.h"
#include "client/cli/text.h"

namespace tensord::cli::layer {
namespace {

constexpr absl::string_view kCanonical = "NCDHW";

bool HasChannelsFirst(v1::ConventionProfile profile) {
  return profile == v1::CONVENTION_PROFILE_PYTORCH || profile == v1::CONVENTION_PROFILE_ONNX ||
         profile == v1::CONVENTION_PROFILE_CUDNN;
}

// By the contract, but of a dense layer: ADR 0029.
std::string DefaultLetters(const Kind& kind, size_t rank, v1::ConventionProfile profile) {
  const bool is_dense = kind.name == "dense";
  if (rank == 1) return is_dense ? "C" : "W";
  if (rank == 2) return is_dense ? "NC" : "HW";
  const std::string batch = rank > 3 ? "N" : "";
  const std::string space = rank > 4 ? "DHW" : "HW";
  const bool channels_first = HasChannelsFirst(profile) && !is_dense;
  return channels_first ? absl::StrCat(batch, "C", space) : absl::StrCat(batch, space, "C");
}

// Letters for `rank` axes that the kind can do with; empty where there are none.
std::string FittingLetters(const Kind& kind, size_t rank, v1::ConventionProfile profile) {
  if (!kind.needs_channels || rank > 2) return DefaultLetters(kind, rank, profile);
  if (rank == 1) return kind.needs_space ? "" : "C";
  if (!kind.needs_space) return "NC";
  return HasChannelsFirst(profile) ? "CW" : "WC";
}

absl::Status CheckLetters(const std::string& letters, size_t rank) {
  bool is_good = letters.size() == rank;
  for (size_t i = 0; i < letters.size(); ++i) {
    is_good = is_good && absl::StrContains(kCanonical, letters[i]) && letters.find(letters[i]) == i;
  }
  if (is_good) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--layout: was '", Escape(letters), "', for ", rank,
                                                 rank == 1 ? " size" : " sizes",
                                                 "\nexpected: for each size another letter of N, C, D, H and W"));
}

bool HasSpace(absl::string_view letters) { return letters.find_first_of("DHW") != absl::string_view::npos; }

}  // namespace

absl::StatusOr<std::string> LettersOf(const Kind& kind, size_t rank, const std::optional<std::string>& layout,
                                      v1::ConventionProfile profile) {
  if (rank < 1 || rank > kCanonical.size()) {
    return absl::InvalidArgumentError(absl::StrCat("--input-shape: has ", rank, " sizes\nexpected: 1 to 5 of them"));
  }
  std::string letters = layout.value_or(DefaultLetters(kind, rank, profile));
  if (const absl::Status status = CheckLetters(letters, rank); !status.ok()) return status;
  const std::string whose = layout.has_value() ? "--layout" : "--input-shape";
  const bool lacks_channels = kind.needs_channels && !absl::StrContains(letters, 'C');
  if (lacks_channels || (kind.needs_space && !HasSpace(letters))) {
    const std::string fitting = FittingLetters(kind, rank, profile);
    return absl::InvalidArgumentError(absl::StrCat(
        whose, ": ", kind.name, " needs ", lacks_channels ? "channels" : "a spatial axis", ", and the axes are ",
        letters, "\nexpected: ", fitting.empty() ? "" : absl::StrCat("e.g. --layout ", fitting, ", or "),
        HasChannelsFirst(profile) ? "--input-shape N,64,32,32, which is NCHW"
                                  : "--input-shape N,32,32,64, which is NHWC"));
  }
  if (kind.name == "dense" && letters.back() != 'C') {
    return absl::InvalidArgumentError(
        absl::StrCat("--layout: was ", letters, ", and a dense layer's features are its last axis\nexpected: a layout ",
                     "that ends with C, e.g. NC"));
  }
  return letters;
}

std::string SentLetters(const Kind& kind, absl::string_view letters) {
  if (kind.name == "dense" && letters.size() == 1) return absl::StrCat("N", letters);
  if (!kind.channels_first) return std::string(letters);
  std::string sent = "NC";
  for (const char letter : kCanonical.substr(2)) {
    if (absl::StrContains(letters, letter)) sent += letter;
  }
  return sent;
}

absl::StatusOr<size_t> ParseAxis(absl::string_view place, absl::string_view text, absl::string_view letters) {
  const auto rank = static_cast<int64_t>(letters.size());
  if (const auto index = ParseInteger(text); index.has_value() && *index >= -rank && *index < rank) {
    return static_cast<size_t>(*index < 0 ? *index + rank : *index);
  }
  const size_t found = text.size() == 1 ? letters.find(text[0]) : absl::string_view::npos;
  if (found != absl::string_view::npos) return found;
  return absl::InvalidArgumentError(absl::StrCat(place, ": was '", Escape(text), "'\nexpected: a letter of the axes ",
                                                 letters, ", or an index, ", -rank, "..", rank - 1));
}

}  // namespace tensord::cli::layer
