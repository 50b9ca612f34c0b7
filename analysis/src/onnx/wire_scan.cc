#include "analysis/src/onnx/wire_scan.h"

#include <array>
#include <cstdint>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "onnx/onnx.pb.h"

namespace tensord::analysis::onnx_reader {
namespace {

// What a field holds: nothing that takes an object of its own, a text, or a message of one of onnx.proto's kinds.
enum Kind : uint8_t {
  kNone,
  kText,
  kModel,
  kOpset,
  kEntry,
  kTraining,
  kFunction,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kSegment,
  kSparse,
  kAnnotation,
  kValueInfo,
  kType,
  kTensorType,
  kSparseType,
  kSequence,
  kOptional,
  kMap,
  kShape,
  kSize,
  kKindCount,
};

constexpr size_t kFieldCount = 26;
using Fields = std::array<Kind, kFieldCount>;

constexpr Fields Texts(std::initializer_list<size_t> numbers) {
  Fields fields = {};
  for (const size_t number : numbers) fields[number] = kText;
  return fields;
}

// Source: onnx.proto of ONNX 1.12, https://github.com/onnx/onnx/blob/v1.12.0/onnx/onnx.proto (fields' numbers).
constexpr std::array<Fields, kKindCount> MakeTable() {
  std::array<Fields, kKindCount> table = {};
  table[kModel] = Texts({2, 3, 4, 6});
  table[kModel][7] = kGraph;
  table[kModel][8] = kOpset;
  table[kModel][14] = kEntry;
  table[kModel][20] = kTraining;
  table[kModel][25] = kFunction;
  table[kOpset] = Texts({1});
  table[kEntry] = Texts({1, 2});
  table[kTraining][1] = table[kTraining][2] = kGraph;
  table[kTraining][3] = table[kTraining][4] = kEntry;
  table[kFunction] = Texts({1, 4, 5, 6, 8, 10});
  table[kFunction][7] = kNode;
  table[kFunction][9] = kOpset;
  table[kGraph] = Texts({2, 10});
  table[kGraph][1] = kNode;
  table[kGraph][5] = kTensor;
  table[kGraph][11] = table[kGraph][12] = table[kGraph][13] = kValueInfo;
  table[kGraph][14] = kAnnotation;
  table[kGraph][15] = kSparse;
  table[kNode] = Texts({1, 2, 3, 4, 6, 7});
  table[kNode][5] = kAttribute;
  table[kAttribute] = Texts({1, 4, 9, 13, 21});
  table[kAttribute][5] = table[kAttribute][10] = kTensor;
  table[kAttribute][6] = table[kAttribute][11] = kGraph;
  table[kAttribute][14] = table[kAttribute][15] = kType;
  table[kAttribute][22] = table[kAttribute][23] = kSparse;
  table[kTensor] = Texts({6, 8, 9, 12});
  table[kTensor][3] = kSegment;
  table[kTensor][13] = kEntry;
  table[kSparse][1] = table[kSparse][2] = kTensor;
  table[kAnnotation] = Texts({1});
  table[kAnnotation][2] = kEntry;
  table[kValueInfo] = Texts({1, 3});
  table[kValueInfo][2] = kType;
  table[kType] = Texts({6});
  table[kType][1] = kTensorType;
  table[kType][4] = kSequence;
  table[kType][5] = kMap;
  table[kType][8] = kSparseType;
  table[kType][9] = kOptional;
  table[kTensorType][2] = table[kSparseType][2] = kShape;
  table[kSequence][1] = table[kOptional][1] = kType;
  table[kMap][2] = kType;
  table[kShape][1] = kSize;
  table[kSize] = Texts({2, 3});
  return table;
}
constexpr std::array<Fields, kKindCount> kTable = MakeTable();

// What each object takes with the pointer to it, the heap's own words, and a place for fields that are not known.
constexpr size_t kAround = 96;
constexpr std::array<size_t, kKindCount> kObjectBytes = {0,
                                                         80,
                                                         kAround + sizeof(::onnx::ModelProto),
                                                         kAround + sizeof(::onnx::OperatorSetIdProto),
                                                         kAround + sizeof(::onnx::StringStringEntryProto),
                                                         kAround + sizeof(::onnx::TrainingInfoProto),
                                                         kAround + sizeof(::onnx::FunctionProto),
                                                         kAround + sizeof(::onnx::GraphProto),
                                                         kAround + sizeof(::onnx::NodeProto),
                                                         kAround + sizeof(::onnx::AttributeProto),
                                                         kAround + sizeof(::onnx::TensorProto),
                                                         kAround + sizeof(::onnx::TensorProto_Segment),
                                                         kAround + sizeof(::onnx::SparseTensorProto),
                                                         kAround + sizeof(::onnx::TensorAnnotation),
                                                         kAround + sizeof(::onnx::ValueInfoProto),
                                                         kAround + sizeof(::onnx::TypeProto),
                                                         kAround + sizeof(::onnx::TypeProto_Tensor),
                                                         kAround + sizeof(::onnx::TypeProto_SparseTensor),
                                                         kAround + sizeof(::onnx::TypeProto_Sequence),
                                                         kAround + sizeof(::onnx::TypeProto_Optional),
                                                         kAround + sizeof(::onnx::TypeProto_Map),
                                                         kAround + sizeof(::onnx::TensorShapeProto),
                                                         kAround + sizeof(::onnx::TensorShapeProto_Dimension)};

// The wire types of Protocol Buffers.
// Source: https://protobuf.dev/programming-guides/encoding/#structure.
constexpr uint32_t kVarint = 0;
constexpr uint32_t kFixed64 = 1;
constexpr uint32_t kLengthDelimited = 2;
constexpr uint32_t kGroupBegin = 3;
constexpr uint32_t kGroupEnd = 4;
constexpr uint32_t kFixed32 = 5;
constexpr size_t kMaxVarintBytes = 10;

class Walk {
 public:
  explicit Walk(absl::string_view bytes) : bytes_(bytes) { levels_[0] = {bytes.size(), kModel, false}; }

  absl::StatusOr<size_t> Run() {
    while (true) {
      while (depth_ > 0 && at_ == levels_[depth_].end && !levels_[depth_].is_group) --depth_;
      if (at_ == levels_[depth_].end) {
        if (depth_ > 0) return Malformed("a group does not end");
        return objects_;
      }
      field_ = at_;
      if (absl::Status status = Field(); !status.ok()) return status;
    }
  }

 private:
  // A message, or a group of fields that nobody knows, and where it ends.
  struct Level {
    size_t end = 0;
    Kind kind = kNone;
    bool is_group = false;
  };

  absl::Status Malformed(absl::string_view what) const { return NoModel(absl::StrCat(what, " at byte ", field_)); }

  [[nodiscard]] size_t Left() const { return levels_[depth_].end - at_; }

  bool ReadVarint(uint64_t& value) {
    value = 0;
    for (size_t i = 0; i < kMaxVarintBytes && Left() > 0; ++i) {
      const auto byte = static_cast<uint8_t>(bytes_[at_++]);
      value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
      if (byte < 0x80) return true;
    }
    return false;
  }

  absl::Status Skip(uint64_t count) {
    if (count > Left()) {
      return Malformed(absl::StrCat("a field claims ", count, " bytes where ", Left(), " are left,"));
    }
    at_ += count;
    return absl::OkStatus();
  }

  absl::Status Enter(size_t end, Kind kind, bool is_group) {
    if (depth_ == kMaxNesting) {
      return absl::ResourceExhaustedError(absl::StrCat("the model's messages (subgraphs in subgraphs, say) are nested ",
                                                       "more than ", kMaxNesting, " deep at byte ", field_));
    }
    levels_[++depth_] = {end, kind, is_group};
    return absl::OkStatus();
  }

  absl::Status Field() {
    uint64_t tag = 0;
    if (!ReadVarint(tag) || static_cast<uint32_t>(tag) >> 3 == 0) return Malformed("no field begins");
    const uint32_t number = static_cast<uint32_t>(tag) >> 3;  // A parser drops the bits above too.
    uint64_t value = 0;
    switch (tag & 7) {
      case kVarint:
        return ReadVarint(value) ? absl::OkStatus() : Malformed("a number does not end");
      case kFixed64:
        return Skip(8);
      case kFixed32:
        return Skip(4);
      case kLengthDelimited:
        return LengthDelimited(number < kFieldCount ? kTable[levels_[depth_].kind][number] : kNone);
      case kGroupBegin:
        return Enter(levels_[depth_].end, kNone, true);
      case kGroupEnd:
        if (!levels_[depth_].is_group) return Malformed("a group ends that has not begun");
        --depth_;
        return absl::OkStatus();
      default:
        return Malformed("no field begins");
    }
  }

  absl::Status LengthDelimited(Kind kind) {
    uint64_t length = 0;
    if (!ReadVarint(length)) return Malformed("a length does not end");
    objects_ += kObjectBytes[kind];
    if (objects_ > kMaxObjectBytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the model has so many nodes, attributes, tensors and texts that they would take more than ",
                       kMaxObjectBytes >> 20, " MiB"));
    }
    if (kind <= kText || length > Left()) return Skip(length);
    return Enter(at_ + length, kind, false);
  }

  const absl::string_view bytes_;
  size_t at_ = 0;
  size_t field_ = 0;  // where the field began that is being read
  size_t objects_ = 0;
  size_t depth_ = 0;
  std::array<Level, kMaxNesting + 1> levels_;
};

}  // namespace

absl::Status NoModel(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("these bytes are no ONNX model, or only a part of one: expected a ModelProto of onnx.proto in the "
                   "binary form of Protocol Buffers, but ",
                   what));
}

absl::StatusOr<size_t> CheckWire(absl::string_view bytes) { return Walk(bytes).Run(); }

}  // namespace tensord::analysis::onnx_reader
