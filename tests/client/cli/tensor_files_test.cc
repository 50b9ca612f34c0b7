#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <sstream>
#include <string>

#include "client/cli/io/csv.h"
#include "client/cli/io/image.h"
#include "client/cli/io/json_tensor.h"
#include "client/cli/io/npy.h"
#include "client/cli/io/npz.h"
#include "client/cli/io/tensor_source.h"
#include "tests/client/cli/files.h"
#include "tests/client/cli/tensor_text.h"

namespace tensord::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kReal[] = "2x3 [[0,1,-2.5],[3,4.25,-0.125]]";
constexpr char kWhole[] = "2x3 [[0,1,2],[3,100,127]]";

std::string ShowNpy(const std::string& name) { return Show(ReadNpy(Fixture(name))); }

TEST(NpyTest, ReadsEveryTypeInEitherByteOrder) {
  for (const std::string order : {"little", "big"}) {
    EXPECT_EQ(ShowNpy("f2_" + order + ".npy"), std::string("float16 ") + kReal);
    EXPECT_EQ(ShowNpy("f4_" + order + ".npy"), std::string("float32 ") + kReal);
    EXPECT_EQ(ShowNpy("f8_" + order + ".npy"), std::string("float64 ") + kReal);
    EXPECT_EQ(ShowNpy("i4_" + order + ".npy"), std::string("int32 ") + kWhole);
    EXPECT_EQ(ShowNpy("i8_" + order + ".npy"), std::string("int64 ") + kWhole);
  }
  EXPECT_EQ(ShowNpy("i1.npy"), std::string("int8 ") + kWhole);
  EXPECT_EQ(ShowNpy("u1.npy"), std::string("uint8 ") + kWhole);
}

TEST(NpyTest, ReadsEveryVersionAndShape) {
  EXPECT_EQ(ShowNpy("version2.npy"), std::string("float32 ") + kReal);
  EXPECT_EQ(ShowNpy("version3.npy"), std::string("float32 ") + kReal);
  EXPECT_EQ(ShowNpy("scalar.npy"), "float32  7");
  EXPECT_EQ(ShowNpy("vector.npy"), "float32 2 [1,2]");
  EXPECT_EQ(ShowNpy("batch_zero.npy"), "float32 0x4x4 []");
}

TEST(NpyTest, TransposesFortranOrder) {
  EXPECT_EQ(ShowNpy("fortran.npy"),
            "float32 2x3x4 [[[0,1,2,3],[4,5,6,7],[8,9,10,11]],[[12,13,14,15],[16,17,18,19],[20,21,22,23]]]");
}

TEST(NpyTest, RefusesOtherElementTypes) {
  EXPECT_THAT(ShowNpy("complex.npy"), AllOf(HasSubstr("'<c8' is not supported"), HasSubstr("astype")));
  EXPECT_THAT(ShowNpy("bool.npy"), HasSubstr("'|b1' is not supported"));
  EXPECT_THAT(ShowNpy("records.npy"), HasSubstr("holds records"));
}

TEST(NpyTest, RefusesAHeaderThatClaimsMoreThanMemory) {
  EXPECT_THAT(ShowNpy("huge_claim.npy"), HasSubstr("larger than 201326592 bytes"));
}

TEST(NpyTest, RefusesMoreThanTheHeaderSays) {
  EXPECT_THAT(Show(ReadNpy(Fixture("f4_little.npy") + "x")), HasSubstr("too long"));
}

TEST(NpyTest, WritesWhatItReads) {
  for (const char* name : {"f2_little.npy", "f4_little.npy", "f8_little.npy", "i1.npy", "u1.npy", "i4_little.npy",
                           "i8_little.npy", "scalar.npy", "vector.npy", "batch_zero.npy"}) {
    const auto tensor = ReadNpy(Fixture(name));
    ASSERT_TRUE(tensor.ok()) << tensor.status();
    const auto written = WriteNpy(*tensor);
    ASSERT_TRUE(written.ok()) << written.status();
    EXPECT_EQ(written->size(), Fixture(name).size()) << name;
    EXPECT_EQ(Show(ReadNpy(*written)), Show(tensor)) << name;
  }
  EXPECT_FALSE(WriteNpy(MakeTensor(v1::DATA_TYPE_BFLOAT16, {1}, "ab")).ok());
}

TEST(NpzTest, ReadsAnArrayByName) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    EXPECT_EQ(Show(ReadNpz(Fixture(name), "weights")), std::string("float32 ") + kReal);
    EXPECT_EQ(Show(ReadNpz(Fixture(name), "bias.npy")), "float32 2 [1,2]");
  }
}

TEST(NpzTest, ListsTheArraysWhereTheNameIsUnknown) {
  EXPECT_THAT(Show(ReadNpz(Fixture("stored.npz"), "weihgts")),
              AllOf(HasSubstr("no array 'weihgts' (did you mean weights?)"), HasSubstr("it has: weights, bias")));
}

TEST(NpzTest, InflatesNoMoreThanATensorTakes) {
  EXPECT_THAT(Show(ReadNpz(Fixture("claims_300_mib.npz"), "weights")), HasSubstr("314572800 bytes inflated"));
  EXPECT_THAT(Show(ReadNpz(Fixture("claims_too_little.npz"), "weights")), HasSubstr("not as large as"));
}

// Every beginning of a good file is a bad file, and no crash. Under a sanitizer this is the memory test of the readers.
void ExpectEveryTruncationRefused(const std::string& file,
                                  const std::function<absl::StatusOr<v1::Tensor>(const std::string&)>& read) {
  ASSERT_TRUE(read(file).ok()) << read(file).status();
  for (size_t length = 0; length < file.size(); ++length) {
    EXPECT_FALSE(read(file.substr(0, length)).ok()) << "of " << file.size() << " bytes, " << length << " were read";
  }
}

// Every byte changed, to several values: whatever the answer, it is an answer.
void SurviveEveryChangedByte(std::string file,
                             const std::function<absl::StatusOr<v1::Tensor>(const std::string&)>& read) {
  for (char& byte : file) {
    const char good = byte;
    for (const int flip : {0x01, 0x80, 0xff}) {
      byte = static_cast<char>(good ^ flip);
      const auto tensor = read(file);
      if (tensor.ok()) {
        EXPECT_TRUE(Elements::Of(*tensor).ok());
      }
    }
    byte = good;
  }
}

TEST(HostileFileTest, Npy) {
  const auto read = [](const std::string& file) { return ReadNpy(file); };
  for (const char* name : {"f8_big.npy", "version2.npy", "fortran.npy", "scalar.npy", "batch_zero.npy"}) {
    ExpectEveryTruncationRefused(Fixture(name), read);
    SurviveEveryChangedByte(Fixture(name), read);
  }
}

TEST(HostileFileTest, Npz) {
  const auto read = [](const std::string& file) { return ReadNpz(file, "weights"); };
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    ExpectEveryTruncationRefused(Fixture(name), read);
    SurviveEveryChangedByte(Fixture(name), read);
  }
}

TEST(HostileFileTest, Png) {
  const auto read = [](const std::string& file) { return ReadPng(file); };
  for (const char* name : {"rgb.png", "palette.png", "grey_1bit.png", "grey_all_values.png"}) {
    ExpectEveryTruncationRefused(Fixture(name), read);
    SurviveEveryChangedByte(Fixture(name), read);
  }
}

TEST(HostileFileTest, Pgm) {
  const auto read = [](const std::string& file) { return ReadPgm(file); };
  const std::string binary("P5\n# made by hand\n3 2\n255\n\x00\x01\x02\xfd\xfe\xff", 32);
  ExpectEveryTruncationRefused(binary, read);
  SurviveEveryChangedByte(binary, read);
  ExpectEveryTruncationRefused("P2 3 2 9\n0 1 2\n3 4 9", read);
  SurviveEveryChangedByte("P2 3 2 9\n0 1 2\n3 4 9", read);
}

TEST(HostileFileTest, Json) {
  const auto read = [](const std::string& file) { return ReadJsonTensor(file, v1::DATA_TYPE_FLOAT32); };
  ExpectEveryTruncationRefused("[[1,\"NaN\",2.5e3],[4,5,-6]]", read);
  SurviveEveryChangedByte("[[1,\"NaN\",2.5e3],[4,5,-6]]", read);
  EXPECT_FALSE(read(std::string(1'000'000, '[')).ok());
}

TEST(PngTest, ReadsSamplesAsTheyAreStored) {
  std::string ramp;
  for (int i = 0; i < 256; ++i) ramp += static_cast<char>(i);
  for (const char* name : {"grey_all_values.png", "grey_gamma.png"}) {
    const auto tensor = ReadPng(Fixture(name));
    ASSERT_TRUE(tensor.ok()) << tensor.status();
    EXPECT_EQ(tensor->data(), ramp) << name;
    EXPECT_EQ(tensor->shape_size(), 2);
  }
}

TEST(PngTest, ReadsChannelsLast) {
  EXPECT_EQ(Show(ReadPng(Fixture("rgb.png"))), "uint8 2x2x3 [[[1,2,3],[4,5,6]],[[7,8,9],[250,251,252]]]");
  EXPECT_EQ(Show(ReadPng(Fixture("rgba.png"))), "uint8 2x1x4 [[[1,2,3,4]],[[5,6,7,0]]]");
  EXPECT_EQ(Show(ReadPng(Fixture("grey_alpha.png"))), "uint8 1x2x2 [[[10,255],[20,128]]]");
  EXPECT_EQ(Show(ReadPng(Fixture("palette.png"))), "uint8 1x2x3 [[[6,5,4],[9,8,7]]]");
  EXPECT_EQ(Show(ReadPng(Fixture("grey_1bit.png"))), "uint8 2x3 [[255,0,255],[0,255,0]]");
}

TEST(PngTest, Refuses16BitsAndOtherFiles) {
  EXPECT_THAT(Show(ReadPng(Fixture("grey_16bit.png"))), HasSubstr("16 bits a sample"));
  EXPECT_THAT(Show(ReadPng("GIF89a")), HasSubstr("no PNG file"));
}

TEST(PgmTest, ReadsBothForms) {
  EXPECT_EQ(Show(ReadPgm("P2\n# a comment\n3 2\n15\n0 1 2\n3 4 15\n")), "uint8 2x3 [[0,1,2],[3,4,15]]");
  EXPECT_EQ(Show(ReadPgm(std::string("P5 2 1 255\n\x00\xff", 13))), "uint8 1x2 [[0,255]]");
}

TEST(PgmTest, SaysWhatIsWrong) {
  EXPECT_THAT(Show(ReadPgm("P6 1 1 255\nabc")), HasSubstr("neither P5 nor P2"));
  EXPECT_THAT(Show(ReadPgm("P2 1 1 65535\n7")), HasSubstr("maximum is 65535"));
  EXPECT_THAT(Show(ReadPgm("P2 2 1 9\n7 10")), HasSubstr("sample (0,1) is 10, above"));
  EXPECT_THAT(Show(ReadPgm("P5 1000000000 1000000000 255\n")), HasSubstr("larger than"));
  EXPECT_THAT(Show(ReadPgm("P2 0 1 9\n")), HasSubstr("is 0"));
  EXPECT_THAT(Show(ReadPgm("P2 1 1 9\n7 8")), HasSubstr("too long"));
}

std::string ShowJson(const std::string& text, v1::DataType type = v1::DATA_TYPE_FLOAT32) {
  return Show(ReadJsonTensor(text, type));
}

TEST(JsonTensorTest, ReadsNestedLists) {
  EXPECT_EQ(ShowJson("[[1, 2], [3, 4]]"), "float32 2x2 [[1,2],[3,4]]");
  EXPECT_EQ(ShowJson("5"), "float32  5");
  EXPECT_EQ(ShowJson("[]"), "float32 0 []");
  EXPECT_EQ(ShowJson("[[],[]]"), "float32 2x0 [[],[]]");
  EXPECT_EQ(ShowJson("[\"NaN\",\"Infinity\",\"-Infinity\",-0.0]"),
            "float32 4 [\"NaN\",\"Infinity\",\"-Infinity\",-0.0]");
}

TEST(JsonTensorTest, RoundsOnce) {
  // By way of a double this decimal would become 1: it lies just above the middle between 1 and the next float.
  EXPECT_EQ(ShowJson("1.0000000596046447753906251"), "float32  1.0000001");
  EXPECT_EQ(ShowJson("0.1", v1::DATA_TYPE_FLOAT64), "float64  0.1");
}

TEST(JsonTensorTest, KeepsIntegersExact) {
  EXPECT_EQ(ShowJson("9007199254740993", v1::DATA_TYPE_INT64), "int64  9007199254740993");
  EXPECT_EQ(ShowJson("[1.0, 2e1]", v1::DATA_TYPE_INT8), "int8 2 [1,20]");
  EXPECT_EQ(ShowJson("[[1,300]]", v1::DATA_TYPE_UINT8), "error: element (0,1) is 300, which uint8 cannot hold");
  EXPECT_THAT(ShowJson("18446744073709551615", v1::DATA_TYPE_INT64), HasSubstr("int64 cannot hold"));
}

TEST(JsonTensorTest, NamesThePlaceWhereListsAreRagged) {
  EXPECT_THAT(ShowJson("[[1,2],[3]]"),
              HasSubstr("the list at element (1) is of length 1, where the first one has length 2"));
  EXPECT_THAT(ShowJson("[[1,2],[3,4,5]]"),
              HasSubstr("element (1,2) is one too many: the first list there has length 2"));
  EXPECT_THAT(ShowJson("[[1],2]"), HasSubstr("element (1) is a number, where others have a list"));
  EXPECT_THAT(ShowJson("[1,[2]]"), HasSubstr("element (1) is a list, where others have a number"));
}

TEST(JsonTensorTest, RefusesOtherValues) {
  EXPECT_THAT(ShowJson("[1,null]"), HasSubstr("element (1) is null"));
  EXPECT_THAT(ShowJson("[true]"), HasSubstr("element (0) is true"));
  EXPECT_THAT(ShowJson("{\"values\":[1]}"), HasSubstr("is an object"));
  EXPECT_THAT(ShowJson("[\"\\u001b[31m\"]"), HasSubstr("is the text \"\\x1b[31m\""));
  EXPECT_THAT(ShowJson("[1e39]"), HasSubstr("float32 cannot hold"));
  EXPECT_THAT(ShowJson("[1,]"), HasSubstr("cannot be read as JSON: parse error at line 1, column 4"));
  EXPECT_THAT(ShowJson("[1] 2"), HasSubstr("cannot be read as JSON"));
  EXPECT_THAT(ShowJson("[1e999]"), HasSubstr("cannot be read as JSON: number overflow"));
}

std::string ShowCsv(const std::string& text) { return Show(ReadCsv(text, v1::DATA_TYPE_FLOAT32)); }

TEST(CsvTest, IsAlwaysAMatrix) {
  EXPECT_EQ(ShowCsv("1,2,3\n4,5,6\n"), "float32 2x3 [[1,2,3],[4,5,6]]");
  EXPECT_EQ(ShowCsv("1,2"), "float32 1x2 [[1,2]]");
  EXPECT_EQ(ShowCsv("1\r\n2\r\n"), "float32 2x1 [[1],[2]]");
  EXPECT_EQ(ShowCsv("\xef\xbb\xbf 1.5e+00 , +2 ,-inf\n\n"), "float32 1x3 [[1.5,2,\"-Infinity\"]]");
}

TEST(CsvTest, NamesLineAndColumn) {
  EXPECT_THAT(ShowCsv("1,2\n3,,4\n"), HasSubstr("line 2, column 2 is empty"));
  EXPECT_THAT(ShowCsv("1,2\n\n3,4\n"), HasSubstr("line 2, column 1 is empty"));
  EXPECT_THAT(ShowCsv("a,b\n1,2\n"), HasSubstr("line 1, column 1 is 'a', which is no number"));
  EXPECT_THAT(ShowCsv("1,2\n3\n"), HasSubstr("line 2 has 1 fields, where line 1 has 2"));
  EXPECT_THAT(ShowCsv("\n"), HasSubstr("it is empty"));
  EXPECT_THAT(ShowCsv("0x10\n"), HasSubstr("no number"));
}

class TensorSourceTest : public ::testing::Test {
 protected:
  std::string Load(const std::string& text, std::optional<v1::DataType> type = std::nullopt) {
    return Show(source_.Load("--input", text, type));
  }

  TemporaryDirectory folder_;
  std::istringstream standard_input_{"[1,2]"};
  TensorSource source_{standard_input_};
};

TEST_F(TensorSourceTest, TellsKindsByTheNamesEnding) {
  EXPECT_EQ(Load(FixturePath("f8_little.npy")), std::string("float64 ") + kReal);
  EXPECT_EQ(Load(FixturePath("stored.npz:bias")), "float32 2 [1,2]");
  EXPECT_THAT(Load(FixturePath("rgb.png")), StartsWith("uint8 2x2x3"));
  EXPECT_EQ(Load(folder_.Write("a.json", "[1]")), "float32 1 [1]");
  EXPECT_EQ(Load(folder_.Write("A.CSV", "1,2")), "float32 1x2 [[1,2]]");
  EXPECT_EQ(Load(folder_.Write("a.pgm", "P2 1 1 9 7")), "uint8 1x1 [[7]]");
  EXPECT_EQ(Load(" [[1]]"), "float32 1x1 [[1]]");
  EXPECT_EQ(Load("-3.5"), "float32  -3.5");
}

TEST_F(TensorSourceTest, ConvertsByValue) {
  EXPECT_EQ(Load(FixturePath("u1.npy"), v1::DATA_TYPE_FLOAT32), std::string("float32 ") + kWhole);
  EXPECT_EQ(Load("[1,2]", v1::DATA_TYPE_UINT8), "uint8 2 [1,2]");
  EXPECT_THAT(Load(FixturePath("f4_little.npy"), v1::DATA_TYPE_INT32),
              AllOf(HasSubstr("--input: '"), HasSubstr("element (0,2) is -2.5, which int32 cannot hold")));
}

TEST_F(TensorSourceTest, ReadsStandardInputOnce) {
  EXPECT_EQ(Load("-"), "float32 2 [1,2]");
  EXPECT_EQ(Show(source_.Load("--filter", "-", std::nullopt)),
            "error: --filter: standard input was already read for --input");
}

TEST_F(TensorSourceTest, SaysWhatCannotBeRead) {
  EXPECT_THAT(Load(folder_.path("none.npy")), HasSubstr("No such file or directory"));
  EXPECT_THAT(Load("weights"), AllOf(StartsWith("error: --input: 'weights' is no tensor"), HasSubstr("FILE.npy")));
  EXPECT_THAT(Load(FixturePath("stored.npz")), HasSubstr("name the array: FILE.npz:NAME"));
  EXPECT_THAT(Load(folder_.Write("image.png", "P2 1 1 9 7")), HasSubstr("no PNG file"));
  EXPECT_THAT(Load(folder_.path("") + "/.npy/../"), HasSubstr("is no tensor"));
  std::filesystem::create_directory(folder_.path("folder.npy"));
  EXPECT_THAT(Load(folder_.path("folder.npy")), HasSubstr("it is a directory"));
}

TEST_F(TensorSourceTest, EscapesControlCharactersInNames) {
  EXPECT_THAT(Load("\x1b[31mred.npy"), HasSubstr("\\x1b[31mred.npy"));
}

TEST_F(TensorSourceTest, WritesByTheNamesEnding) {
  const auto tensor = source_.Load("--input", "[[1,2.5],[-0.0,\"NaN\"]]", std::nullopt);
  ASSERT_TRUE(tensor.ok());
  for (const char* name : {"t.npy", "t.json"}) {
    ASSERT_TRUE(WriteTensor(folder_.path(name), *tensor).ok());
    EXPECT_EQ(Load(folder_.path(name)), Show(tensor)) << name;
  }
  EXPECT_TRUE(CheckOutputName("--out", "a.json").ok());
  EXPECT_THAT(std::string(CheckOutputName("--out", "a.png").message()), HasSubstr("ending in .npy or .json"));
  EXPECT_THAT(std::string(WriteTensor(folder_.path("none/t.npy"), *tensor).message()), HasSubstr("No such file"));
}

}  // namespace
}  // namespace tensord::cli
