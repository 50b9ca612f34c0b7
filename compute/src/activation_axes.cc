#include "tensord/compute/activation_axes.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/layout.h"
#include "tensord/compute/limits.h"

namespace tensord::compute {
namespace {

constexpr size_t kShownLetters = 16;

std::string Shown(absl::string_view letters) { return absl::CHexEscape(letters.substr(0, kShownLetters)); }

// The axis that the letter names, or -1 with a violation.
int AxisOfLetter(absl::string_view letter, absl::string_view letters, const std::string& field,
                 Violations& violations) {
  const size_t position = letter.size() == 1 ? letters.find(letter[0]) : absl::string_view::npos;
  if (position != absl::string_view::npos) return static_cast<int>(position);
  violations.Add(field,
                 letters.empty()
                     ? absl::StrCat("was '", Shown(letter), "', but the input's axes have no letters: give them")
                     : absl::StrCat("was '", Shown(letter), "', has to be one letter of the input's axes, ", letters));
  return -1;
}

// As AxisOfLetter, of an index.
int AxisOfIndex(int64_t index, int rank, const std::string& field, Violations& violations) {
  if (index >= -rank && index < rank) return static_cast<int>(index < 0 ? index + rank : index);
  violations.Add(field, absl::StrCat("was ", index, ", has to be ", -rank, "..", rank - 1));
  return -1;
}

// Row-major strides over `shape`, but 0 along axes of size 1.
absl::InlinedVector<int64_t, 5> StridesOf(const Shape& shape) {
  absl::InlinedVector<int64_t, 5> strides(static_cast<size_t>(shape.rank()));
  int64_t stride = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[static_cast<size_t>(axis)] = shape[axis] == 1 ? 0 : stride;
    stride = SaturatingMultiply(stride, shape[axis]);
  }
  return strides;
}

class SlopeResolver {
 public:
  SlopeResolver(const Shape& slopes, const Shape& input, absl::string_view letters, absl::string_view match_field,
                absl::string_view slope_field, Violations& violations)
      : slopes_(slopes),
        input_(input),
        letters_(letters),
        match_field_(match_field),
        slope_field_(slope_field),
        violations_(violations) {
    result_.strides.resize(static_cast<size_t>(input.rank()), 0);
  }

  SlopeBroadcast Resolve(SlopeMatch match, const std::optional<std::string>& axes) {
    result_.match = match;
    if (match != SlopeMatch::kAxes && axes.has_value()) {
      violations_.Add(absl::StrCat(slope_field_, ".axes"),
                      absl::StrCat("were given, but ", match_field_, " ", Name(match), " takes none"));
    }
    switch (match) {
      case SlopeMatch::kTrailing:
        Trailing();
        break;
      case SlopeMatch::kChannel:
        Channel();
        break;
      case SlopeMatch::kAxes:
        Axes(axes);
        break;
    }
    return result_;
  }

 private:
  void Trailing() {
    if (!CheckRank(input_.rank(), "the input's rank at most")) return;
    const int skipped = input_.rank() - slopes_.rank();
    for (int axis = 0; axis < slopes_.rank(); ++axis) Lay(axis, skipped + axis);
  }

  void Channel() {
    if (!CheckRank(1, "one slope per channel, or one for all") || slopes_.rank() == 0 || slopes_[0] == 1) return;
    const size_t channel = letters_.find('C');
    if (channel == absl::string_view::npos) {
      violations_.Add(match_field_, absl::StrCat("was CHANNEL, but the input's axes, '", letters_, "', have no C"));
      return;
    }
    Lay(0, static_cast<int>(channel));
  }

  void Axes(const std::optional<std::string>& axes) {
    const std::string field = absl::StrCat(slope_field_, ".axes");
    if (!axes.has_value()) {
      violations_.Add(field, absl::StrCat("were not given, are required with ", match_field_, " AXES"));
      return;
    }
    if (axes->size() != static_cast<size_t>(slopes_.rank())) {
      violations_.Add(field, absl::StrCat("was '", Shown(*axes), "', has to have one letter for each of the ",
                                          slopes_.rank(), " axes"));
      return;
    }
    for (size_t i = 0; i < axes->size(); ++i) {
      const absl::string_view letter = absl::string_view(*axes).substr(i, 1);
      if (axes->find(letter[0]) != i) {
        violations_.Add(field, absl::StrCat("was '", Shown(*axes), "', has to have no letter twice"));
        return;
      }
      const int axis = AxisOfLetter(letter, letters_, field, violations_);
      if (axis < 0) return;
      Lay(static_cast<int>(i), axis);
    }
  }

  bool CheckRank(int most, absl::string_view why) {
    if (slopes_.rank() <= most) return true;
    violations_.Add(absl::StrCat(slope_field_, ".shape"),
                    absl::StrCat("had rank ", slopes_.rank(), ", has to have 0..", most, ": ", why));
    return false;
  }

  // Lays the slopes' axis along the input's.
  void Lay(int axis, int input_axis) {
    if (slopes_[axis] == 1 || slopes_[axis] == input_[input_axis]) {
      result_.strides[static_cast<size_t>(input_axis)] = slope_strides_[static_cast<size_t>(axis)];
      return;
    }
    const std::string or_input = input_[input_axis] == 1 ? "" : absl::StrCat(" or ", input_[input_axis]);
    violations_.Add(Indexed(absl::StrCat(slope_field_, ".shape"), static_cast<size_t>(axis)),
                    absl::StrCat("was ", slopes_[axis], ", has to be 1", or_input, ", the input's size there"));
  }

  const Shape& slopes_;
  const Shape& input_;
  const absl::string_view letters_;
  const absl::string_view match_field_;
  const absl::string_view slope_field_;
  Violations& violations_;
  const absl::InlinedVector<int64_t, 5> slope_strides_ = StridesOf(slopes_);
  SlopeBroadcast result_;
};

}  // namespace

std::string AxisLetters(const std::optional<std::string>& given, int rank, Profile profile) {
  if (given.has_value()) return *given;
  if (rank < 1 || rank > kMaxSpatialRank + 2) return "";
  const bool batch = rank >= 4;
  const bool channels = rank >= 3;
  return Layout::Make(Layout::Role::kActivation, rank - (batch ? 1 : 0) - (channels ? 1 : 0), batch, channels,
                      DefaultsOf(profile).channels_first)
      .letters();
}

std::optional<int> ResolveAxis(const AxisOptions& options, int rank, absl::string_view letters, Profile profile,
                               absl::string_view field, Violations& violations) {
  const std::string letter_field = absl::StrCat(field, ".axis");
  const std::string index_field = absl::StrCat(field, ".axis_index");
  if (rank == 0) {
    violations.Add(letter_field, "there is none: the input is a scalar, has to have an axis");
    return std::nullopt;
  }
  std::optional<int64_t> index = options.index;
  if (!options.letter.has_value() && !index.has_value()) {
    index = DefaultsOf(profile).softmax_axis;
    if (!index.has_value()) {
      violations.Add(letter_field, absl::StrCat("was not given, is required with the profile ", Name(profile),
                                                ": a letter of the input's axes, or axis_index"));
      return std::nullopt;
    }
  }
  int by_letter = 0;
  int by_index = 0;
  if (options.letter.has_value()) by_letter = AxisOfLetter(*options.letter, letters, letter_field, violations);
  if (index.has_value()) by_index = AxisOfIndex(*index, rank, index_field, violations);
  if (by_letter < 0 || by_index < 0) return std::nullopt;
  if (options.letter.has_value() && index.has_value() && by_letter != by_index) {
    violations.Add(index_field, absl::StrCat("was ", *index, ", has to be ", by_letter, ", as axis ", *options.letter,
                                             " is, or absent"));
    return std::nullopt;
  }
  return options.letter.has_value() ? by_letter : by_index;
}

std::optional<SlopeBroadcast> ResolveSlopes(const SlopeOptions& options, const Shape& slopes, const Shape& input,
                                            absl::string_view letters, Profile profile, absl::string_view match_field,
                                            absl::string_view slope_field, Violations& violations) {
  const size_t violations_before = violations.total();
  const SlopeMatch match =
      options.match.value_or(options.axes.has_value() ? SlopeMatch::kAxes : DefaultsOf(profile).slope_match);
  SlopeResolver resolver(slopes, input, letters, match_field, slope_field, violations);
  const SlopeBroadcast result = resolver.Resolve(match, options.axes);
  if (violations.total() != violations_before) return std::nullopt;
  return result;
}

}  // namespace tensord::compute
