#include "server/base/encoding/qr_code.h"

#include <gtest/gtest.h>
#include <png.h>
#include <qrencode.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "server/base/error.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

constexpr size_t kModulePixels = 8;
constexpr size_t kQuietModules = 4;
constexpr char kUri[] = "otpauth://totp/Acme:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme";

// A decoded image, 8 bits per pixel.
struct Image {
  size_t width = 0;
  size_t height = 0;
  std::vector<uint8_t> pixels;

  bool IsBlack(size_t x, size_t y) const { return pixels[y * width + x] == 0; }
};

Image Decode(absl::string_view png) {
  png_image decoder;
  std::memset(&decoder, 0, sizeof(decoder));
  decoder.version = PNG_IMAGE_VERSION;
  Image image;
  if (png_image_begin_read_from_memory(&decoder, png.data(), png.size()) == 0) return image;
  decoder.format = PNG_FORMAT_GRAY;
  image.pixels.resize(PNG_IMAGE_SIZE(decoder));
  if (png_image_finish_read(&decoder, nullptr, image.pixels.data(), 0, nullptr) == 0) return Image();
  image.width = decoder.width;
  image.height = decoder.height;
  return image;
}

uint32_t BigEndian(absl::string_view bytes) {
  uint32_t value = 0;
  for (const char c : bytes.substr(0, 4)) value = (value << 8) | static_cast<uint8_t>(c);
  return value;
}

std::unique_ptr<QRcode, decltype(&QRcode_free)> Encode(absl::string_view text) {
  return {QRcode_encodeData(static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0,
                            QR_ECLEVEL_M),
          &QRcode_free};
}

TEST(QrCodeTest, IsAPngOfOneBitGrey) {
  const auto png = QrCodePng(Secret(absl::string_view("a")));
  ASSERT_THAT(png, IsOk());
  const absl::string_view bytes = png->Reveal();
  ASSERT_GT(bytes.size(), 33u);
  EXPECT_EQ(std::string(bytes.substr(0, 16)), std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
  EXPECT_EQ(BigEndian(bytes.substr(16)), (21 + 2 * kQuietModules) * kModulePixels) << "version 1 has 21 modules";
  EXPECT_EQ(BigEndian(bytes.substr(20)), BigEndian(bytes.substr(16)));
  EXPECT_EQ(bytes[24], 1) << "bits";
  EXPECT_EQ(bytes[25], PNG_COLOR_TYPE_GRAY);
}

TEST(QrCodeTest, FinderPatternBeginsAfterTheQuietZone) {
  const auto png = QrCodePng(Secret(absl::string_view(kUri)));
  ASSERT_THAT(png, IsOk());
  const Image image = Decode(png->Reveal());
  ASSERT_GT(image.width, 0u);
  constexpr size_t kBegin = kQuietModules * kModulePixels;
  EXPECT_FALSE(image.IsBlack(0, 0));
  EXPECT_FALSE(image.IsBlack(kBegin - 1, kBegin));
  EXPECT_TRUE(image.IsBlack(kBegin, kBegin));
  EXPECT_TRUE(image.IsBlack(kBegin + 7 * kModulePixels - 1, kBegin)) << "the pattern's corner";
  EXPECT_FALSE(image.IsBlack(kBegin + kModulePixels, kBegin + kModulePixels)) << "its white ring";
  EXPECT_TRUE(image.IsBlack(kBegin + 3 * kModulePixels, kBegin + 3 * kModulePixels)) << "its middle";
  EXPECT_FALSE(image.IsBlack(image.width - kBegin - 1, image.height - kBegin - kModulePixels * 7))
      << "there is none in the fourth corner";
}

TEST(QrCodeTest, EveryPixelHasTheColorOfItsModule) {
  const auto png = QrCodePng(Secret(absl::string_view(kUri)));
  ASSERT_THAT(png, IsOk());
  const Image image = Decode(png->Reveal());
  const auto code = Encode(kUri);
  const auto modules = static_cast<size_t>(code->width);
  ASSERT_EQ(image.width, (modules + 2 * kQuietModules) * kModulePixels);
  ASSERT_EQ(image.height, image.width);
  for (size_t y = 0; y < image.height; ++y) {
    for (size_t x = 0; x < image.width; ++x) {
      const size_t column =
          x / kModulePixels - kQuietModules;  // wraps around in the quiet zone, and so is beyond the code
      const size_t row = y / kModulePixels - kQuietModules;
      const bool black = column < modules && row < modules && (code->data[row * modules + column] & 1) != 0;
      ASSERT_EQ(image.IsBlack(x, y), black) << x << " " << y;
    }
  }
}

TEST(QrCodeTest, AcceptsTheMaximumLength) {
  const auto png = QrCodePng(Secret(std::string(2331, '\xff')));
  ASSERT_THAT(png, IsOk());
  EXPECT_EQ(Decode(png->Reveal()).width, (177 + 2 * kQuietModules) * kModulePixels);
}

TEST(QrCodeTest, LongerTextIsRefused) {
  for (const size_t size : {size_t{0}, size_t{2332}, size_t{1} << 20}) {
    const auto png = QrCodePng(Secret(std::string(size, 'x')));
    ASSERT_THAT(png, HasReason(ErrorReason::kInvalidField));
    EXPECT_EQ(FieldViolationsOf(png.status())[0].field, "text");
  }
}

}  // namespace
}  // namespace identity
