#ifndef IDENTITY_APP_ADMIN_PAGING_H_
#define IDENTITY_APP_ADMIN_PAGING_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/secret.h"

namespace identity {

// Where the next page begins, sealed so that only this service can have made it, and only for the same list.
// Thread-safe.
class PageTokens {
 public:
  // `key` is shared by all replicas (kSealKeyBytes).
  explicit PageTokens(Secret key) : key_(std::move(key)) {}

  // `list` names the RPC and its filters; `cursor` is the last item of the page.
  std::string Seal(absl::string_view list, absl::string_view cursor) const;
  // The cursor; "" for "". INVALID_ARGUMENT (field "page_token") for what was not made for `list`.
  absl::StatusOr<std::string> Open(absl::string_view list, absl::string_view token) const;

 private:
  const Secret key_;
};

// A page as a client asks for it. A value.
struct PageRequest {
  int64_t size = 0;
  std::string token;
  // 100 when not given, at most 1,000.
  int64_t limit() const;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_PAGING_H_
