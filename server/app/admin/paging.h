#ifndef IDENTITY_APP_ADMIN_PAGING_H_
#define IDENTITY_APP_ADMIN_PAGING_H_

#include <cstdint>
#include <string>
#include <type_traits>
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

// Reads pages of lists. A page token says where the next page begins, and is valid for one list only. It is sealed, so
// only this service can make one. Thread-safe.
class PageTokens {
  // The T of a function that returns absl::StatusOr<std::vector<T>>.
  template <typename Read>
  using ItemOf = typename std::invoke_result_t<Read, const std::string&>::value_type::value_type;

 public:
  // `key` is shared by all replicas (kSealKeyBytes).
  explicit PageTokens(Secret key) : key_(std::move(key)) {}

  // The page of `list` that `request` asks for. `list` names the RPC and its filters. `read` gets the cursor of the
  // last item before the page ("" for the first page). It returns up to `read_limit()` items as an absl::StatusOr of a
  // vector. `cursor_of` returns the cursor of an item. Errors: INVALID_ARGUMENT (field "page_token") for a token that
  // was not made for `list`, and the errors of `read`.
  template <typename Read, typename CursorOf>
  absl::StatusOr<Page<ItemOf<Read>>> ReadPage(absl::string_view list, const PageRequest& request, const Read& read,
                                              const CursorOf& cursor_of) const {
    const absl::StatusOr<std::string> cursor = Open(list, request.token);
    if (!cursor.ok()) return cursor.status();
    absl::StatusOr<std::vector<ItemOf<Read>>> items = read(*cursor);
    if (!items.ok()) return items.status();
    Page<ItemOf<Read>> page{*std::move(items), ""};
    if (static_cast<int64_t>(page.items.size()) < request.read_limit()) return page;
    page.items.pop_back();  // read only to see whether there is a next page
    page.next_page_token = Seal(list, cursor_of(page.items.back()));
    return page;
  }

 private:
  // `cursor` identifies the last item of the page.
  std::string Seal(absl::string_view list, absl::string_view cursor) const;
  // The cursor; "" for "".
  absl::StatusOr<std::string> Open(absl::string_view list, absl::string_view token) const;

  const Secret key_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_PAGING_H_
