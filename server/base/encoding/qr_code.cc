#include "server/base/encoding/qr_code.h"

#include <png.h>
#include <qrencode.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/sodium.h"

namespace identity {
namespace {

constexpr size_t kMaxTextBytes = 2331;  // version 40 at level M
constexpr size_t kQuietModules = 4;
constexpr size_t kModulePixels = 8;    // of one bit each: a module is one byte wide
constexpr size_t kPngOverhead = 4096;  // more than the header, the frames of the chunks and the blocks of deflate take
constexpr char kWhite = '\xff';
constexpr char kBlack = '\0';

struct WipeAndFree {
  void operator()(QRcode* code) const {
    sodium_memzero(code->data, static_cast<size_t>(code->width) * static_cast<size_t>(code->width));
    QRcode_free(code);
  }
};
using QrCode = std::unique_ptr<QRcode, WipeAndFree>;

// The two structs of libpng, freed together.
struct PngWriter {
  PngWriter() = default;
  ~PngWriter() { png_destroy_write_struct(&png, &info); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, IgnoreError, nullptr);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;

 private:
  // Replaces the handlers of libpng, which print. libpng still reports the error.
  [[noreturn]] static void IgnoreError(png_structp png, png_const_charp) { png_longjmp(png, 1); }
};

// The rows of modules for libpng: `modules` rows of `modules` bytes, one byte per module.
struct Bitmap {
  Secret bytes;
  size_t modules = 0;
};

Bitmap Draw(const QRcode& code) {
  const auto width = static_cast<size_t>(code.width);
  const size_t modules = width + 2 * kQuietModules;
  std::string bytes(modules * modules, kWhite);
  for (size_t y = 0; y < width; ++y) {
    for (size_t x = 0; x < width; ++x) {
      const bool black = (code.data[y * width + x] & 1) != 0;
      if (black) bytes[(y + kQuietModules) * modules + x + kQuietModules] = kBlack;
    }
  }
  return {Secret(std::move(bytes)), modules};
}

void Append(png_structp png, png_bytep bytes, size_t size) {
  auto* out = static_cast<std::string*>(png_get_io_ptr(png));
  // The capacity is reserved: growing would leave a copy of the secret in memory, and could throw through libpng.
  if (size > out->capacity() - out->size()) png_error(png, "no room");
  out->append(reinterpret_cast<const char*>(bytes), size);
}

// False when libpng fails. It then jumps back here, so nothing in between may have a destructor.
bool WritePng(const PngWriter& writer, const unsigned char* bytes, size_t modules, std::string* out) {
  if (setjmp(png_jmpbuf(writer.png)) != 0) return false;
  const auto pixels = static_cast<png_uint_32>(modules * kModulePixels);
  png_set_write_fn(writer.png, out, Append, nullptr);
  png_set_IHDR(writer.png, writer.info, pixels, pixels, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  for (size_t row = 0; row < pixels; ++row) {
    png_write_row(writer.png, bytes + row / kModulePixels * modules);
  }
  png_write_end(writer.png, nullptr);
  return true;
}

}  // namespace

absl::StatusOr<Secret> QrCodePng(const Secret& text) {
  if (text.empty() || text.size() > kMaxTextBytes) {
    return InvalidField("text", absl::StrCat("must be 1 to ", kMaxTextBytes, " bytes"));
  }
  const QrCode code(
      QRcode_encodeData(static_cast<int>(text.size()), Unsigned(text.Reveal()), /*version=*/0, QR_ECLEVEL_M));
  if (code == nullptr) return Error(ErrorReason::kInternal, "could not make the QR code");
  const Bitmap bitmap = Draw(*code);
  const PngWriter writer;
  std::string png;
  png.reserve(bitmap.bytes.size() * kModulePixels + kPngOverhead);
  const bool written =
      writer.info != nullptr && WritePng(writer, Unsigned(bitmap.bytes.Reveal()), bitmap.modules, &png);
  Secret image(std::move(png));
  if (!written) return Error(ErrorReason::kInternal, "could not write the image");
  return image;
}

}  // namespace identity
