#include "server/app/admin/paging.h"

#include <algorithm>

#include "server/base/encoding/base64url.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/sealed_box.h"

namespace identity {

std::string PageTokens::Seal(absl::string_view list, absl::string_view cursor) const {
  return Base64UrlEncode(identity::Seal(key_, cursor, list, RandomBytes(kSealNonceBytes)));
}

absl::StatusOr<std::string> PageTokens::Open(absl::string_view list, absl::string_view token) const {
  if (token.empty()) return std::string();
  std::string box;
  absl::optional<Secret> cursor;
  if (Base64UrlDecode(token, &box)) cursor = identity::Open(key_, box, list);
  if (!cursor) return InvalidField("page_token", "was not made by this list with the same filters");
  return std::string(cursor->Reveal());
}

int64_t PageRequest::limit() const { return size <= 0 ? 100 : std::min<int64_t>(size, 1000); }

}  // namespace identity
