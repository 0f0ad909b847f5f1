#ifndef IDENTITY_BASE_QR_CODE_H_
#define IDENTITY_BASE_QR_CODE_H_

#include "absl/status/statusor.h"
#include "server/base/secret.h"

namespace identity {

// The bytes of a PNG image that shows `text` as a QR code (ISO/IEC 18004): error correction level M, 8 pixels a module,
// a quiet zone of 4 modules, grey of 1 bit. INVALID_ARGUMENT (field "text") when empty or longer than the 2,331 bytes
// that fit. Safe from any thread.
absl::StatusOr<Secret> QrCodePng(const Secret& text);

}  // namespace identity

#endif  // IDENTITY_BASE_QR_CODE_H_
