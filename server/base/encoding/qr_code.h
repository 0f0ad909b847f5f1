#ifndef IDENTITY_BASE_ENCODING_QR_CODE_H_
#define IDENTITY_BASE_ENCODING_QR_CODE_H_

#include "absl/status/statusor.h"
#include "server/base/secret.h"

namespace identity {

// The bytes of a PNG image with `text` as a QR code (ISO/IEC 18004), in 1-bit grey. It has error correction level M, 8
// pixels per module and a quiet zone of 4 modules. INVALID_ARGUMENT (field "text") when `text` is empty or longer than
// 2,331 bytes. Safe from any thread.
absl::StatusOr<Secret> QrCodePng(const Secret& text);

}  // namespace identity

#endif  // IDENTITY_BASE_ENCODING_QR_CODE_H_
