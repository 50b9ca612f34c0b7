#include <gtest/gtest.h>

#include "tests/grading/reader/texts.h"

namespace tensord::grading {
namespace {

using test::Row;
using test::Text;

constexpr Row kShapes[] = {
    {"(46, 62, 20)", "46 62 20"},
    {"(46,62,20)", "46 62 20"},
    {"46, 62, 20", "46 62 20"},
    {"46 x 62 x 20", "46 62 20"},
    {"46x62x20", "46 62 20"},
    {"46\xC3\x97"
     "62\xC3\x97"
     "20",
     "46 62 20"},
    {"$46 \\times 62 \\times 20$", "46 62 20"},
    {"46*62*20", "46 62 20 | 57040"},
    {"46 by 62 by 20", "46 62 20"},
    {"[46 62 20]", "46 62 20"},
    {"[46, 62, 20]", "46 62 20"},
    {"46 62 20", "46 62 20"},
    {"46; 62; 20", "46 62 20"},
    {"{46, 62, 20}", "46 62 20"},
    {"(46 x 62 x 20)", "46 62 20"},
    {"H=46, W=62, C=20", "H:46 W:62 C:20"},
    {"(H=46, W=62, C=20)", "H:46 W:62 C:20"},
    {"H=46 W=62 C=20", "H:46 W:62 C:20"},
    {"H: 46, W: 62, C: 20", "H:46 W:62 C:20"},
    {"torch.Size([46, 62, 20])", "46 62 20"},
    {"Z.shape = (46, 62, 20)", "46 62 20"},
    {"Z.shape == (46, 62, 20)", "46 62 20"},
    {"The shape is (46, 62, 20).", "46 62 20"},
    {"The shape is 46 x 62 x 20.", "46 62 20"},
    {"\\left(46, 62, 20\\right)", "46 62 20"},
    {"\\(46, 62, 20\\)", "46 62 20"},
    {"(46,\\, 62,\\, 20)", "46 62 20"},
    {"(5, 4)", "5 4"},
    {"(5,)", "5"},
    {"(5)", "5"},
    {"5", "5"},
    {"()", ""},
    {"(48-3+1, 64-3+1, 20)", "46 62 20"},
    {"(48-3+1 = 46, 64-3+1 = 62, 20)", "46 62 20"},
    {"(48-2, 64-2, 20) = (46, 62, 20)", "46 62 20"},
    {"(48, 64, 10) -> (46, 62, 20)", "46 62 20"},
    {"(48-3+1) x (64-3+1) x 20", "46 62 20"},
    {"46 x 62 x 20 = 57040", "46 62 20"},
    {"H = 48-2 = 46, W = 64-2 = 62", "H:46 W:62"},
    {"Z: (46, 62, 20), U: (46, 62, 20)", "46 62 20"},
    {"Z and U: (46, 62, 20)", "46 62 20"},
    {"both are (46, 62, 20)", "46 62 20"},
    {"\xEF\xBC\x88"
     "46\xEF\xBC\x8C"
     "62\xEF\xBC\x89",
     "46 62"},
    // Named axes.
    {"(1000, 3, 256, 256): image, colour, width, height", "image:1000 colour:3 width:256 height:256"},
    {"(1000, 3, 256, 256) image, colour, width, height", "image:1000 colour:3 width:256 height:256"},
    {"(1000, 3, 256, 256) (image, colour, width, height)", "image:1000 colour:3 width:256 height:256"},
    {"(1000, 3, 256, 256), where the axes are image, colour, width and height",
     "image:1000 colour:3 width:256 height:256"},
    {"image, colour, width, height: (1000, 3, 256, 256)", "image:1000 colour:3 width:256 height:256"},
    {"(N, C, H, W) = (1000, 3, 256, 256)", "N:1000 C:3 H:256 W:256"},
    {"(1000, 3, 256, 256) = (N, C, H, W)", "N:1000 C:3 H:256 W:256"},
    {"N=1000, C=3, H=256, W=256", "N:1000 C:3 H:256 W:256"},
    {"(images=1000, colours=3, width=256, height=256)", "images:1000 colours:3 width:256 height:256"},
    {"1000 images x 3 colours x 256 wide x 256 high", "images:1000 colours:3 wide:256 high:256"},
    {"1000 images, 3 colours, 256 rows, 256 columns", "images:1000 colours:3 rows:256 columns:256"},
    {"1000 (images), 3 (colours), 256 (width), 256 (height)", "images:1000 colours:3 width:256 height:256"},
    {"N x C x H x W = 1000 x 3 x 256 x 256", "N:1000 C:3 H:256 W:256"},
    {"(32, 300, 3, 512, 512): video, frame, colour, width, height", "video:32 frame:300 colour:3 width:512 height:512"},
    {"(40, 80, 2400): recording, channel, sample", "recording:40 channel:80 sample:2400"},
    {"(40, 80, 2400): recording, channel", "40 80 2400"},
    {"(40 recordings, 80 channels, 2400 samples)", "recordings:40 channels:80 samples:2400"},
    {"(40, 80, 10*240)", "40 80 2400"},
    {"(3, 4): Gr\xC3\xB6\xC3\x9F"
     "e, Zahl",
     "Gr\xC3\xB6\xC3\x9F"
     "e:3 Zahl:4"},
    // Two readings.
    {"(1,000, 3, 256)", "1000 3 256 | 1 0 3 256"},
    {"(46,620,200)", "46 620 200 | 46620200"},
    {"1,000", "1 0 | 1000"},
    // No answer.
    {"(B, N, C)", "unreadable: the answer states no shape in numbers: \"(B, N, C)\""},
    {"(B, 5, 3)", "unreadable: \"B\" stands where a size should and has no value"},
    {"(5, 3, C)", "unreadable: \"C\" stands where a size should and has no value"},
    {"B x 5 x 3", "unreadable: \"B\" stands where a size should and has no value"},
    {"5 x B x 3", "unreadable: \"B\" stands where a size should and has no value"},
    {"5 x 3 x C", "unreadable: \"C\" stands where a size should and has no value"},
    {"(B, N/2, 3)", "unreadable: \"B\" stands where a size should and has no value"},
    {"(4, 2*C)", "unreadable: \"2*C\" stands where a size should and has no value"},
    {"(46, 62, 20) or (46, 62, 10)", "unreadable: the answer states 2 shapes that differ where one is asked"},
    {"the same as X", "unreadable: the answer states no shape in numbers: \"the same as X\""},
};

TEST(ReadShapeTest, ReadsWhatStudentsWrite) {
  for (const Row& row : kShapes) EXPECT_EQ(Text(ReadShape(row.text)), row.expected) << row.text;
}

TEST(ReadShapeTest, KnowsWhereEachSizeIs) {
  const auto result = ReadShape(
      "Z: (46,\xC2\xA0"
      "62)");
  const auto& reading = std::get<NumbersReading>(result);
  ASSERT_EQ(reading.values.size(), 2U);
  EXPECT_EQ(reading.values[0].range, (TextRange{4, 6}));
  EXPECT_EQ(reading.values[1].range, (TextRange{9, 11}));
}

}  // namespace
}  // namespace tensord::grading
