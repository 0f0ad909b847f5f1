#ifndef IDENTITY_APP_ADMIN_PAGING_H_
#define IDENTITY_APP_ADMIN_PAGING_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/secret.h"

namespace identity {

// A client's request for a page. A value.
struct PageRequest {
  int64_t size = 0;
  std::string token;
  // 100 when the client gave no size, at most 1,000.
  int64_t limit() const;
  // How many items to read for the page: one more than `limit()`, to see whether there is a next page.
  int64_t read_limit() const { return limit() + 1; }
};

// A page of a list, for the client. A value.
template <typename T>
struct Page {
  std::vector<T> items;
  std::string next_page_token;  // "" on the last page
};

// Makes and opens page tokens. A token says where the next page begins, and is valid for one list only. It is sealed,
// so only this service can make one. Thread-safe.
class PageTokens {
 public:
  // `key` is shared by all replicas (kSealKeyBytes).
  explicit PageTokens(Secret key) : key_(std::move(key)) {}

  // `list` names the RPC and its filters; `cursor` identifies the last item of the page.
  std::string Seal(absl::string_view list, absl::string_view cursor) const;
  // The cursor; "" for "". INVALID_ARGUMENT (field "page_token") for a token that was not made for `list`.
  absl::StatusOr<std::string> Open(absl::string_view list, absl::string_view token) const;

  // Makes the page from `items`: those of `list` after the request's cursor, read with `read_limit()`. Removes the
  // extra item, if there is one, and seals the token of the next page. `cursor_of` returns the cursor of an item.
  template <typename T, typename CursorOf>
  Page<T> MakePage(absl::string_view list, const PageRequest& request, std::vector<T> items,
                   const CursorOf& cursor_of) const {
    Page<T> page{std::move(items), ""};
    if (static_cast<int64_t>(page.items.size()) < request.read_limit()) return page;
    page.items.pop_back();
    page.next_page_token = Seal(list, cursor_of(page.items.back()));
    return page;
  }

 private:
  const Secret key_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_PAGING_H_
