#ifndef IDENTITY_DOMAIN_PRINCIPAL_FACTS_H_
#define IDENTITY_DOMAIN_PRINCIPAL_FACTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/base/shared_block.h"
#include "server/domain/ids.h"
#include "server/domain/resource.h"

namespace identity {

enum class PrincipalType : uint8_t { kUser, kServiceAccount, kAnonymous };
// The name in the database: "user", "service_account" or "anonymous".
absl::string_view NameOf(PrincipalType type);
// nullopt for another name.
absl::optional<PrincipalType> ParsePrincipalType(absl::string_view name);

// Gives a principal a role on a resource and on all resources below it. A value.
struct Binding {
  BindingId id;  // nil for the built-in role `self`
  std::string role;
  Resource resource;
  absl::Time expire_time = absl::InfiniteFuture();
};

// A view of a binding, without copies. Valid while its facts exist.
struct BindingView {
  BindingId id;
  absl::string_view role;
  absl::string_view resource;  // "": everywhere
  absl::Time expire_time;

  bool Covers(const Resource& other) const { return Resource::PathCovers(resource, other.text()); }
  Binding ToBinding() const;
};

// The facts about a principal at one revision. Immutable, and packed into one block of memory that copies share, since
// a replica keeps as many as it can. A value, safe from any thread. A moved-from object can only be assigned to or
// destroyed.
class PrincipalFacts {
 public:
  // A limit, because every check of a principal reads all its bindings.
  static constexpr size_t kMaxBindings = 1000;

  struct Fields {
    PrincipalId id;
    PrincipalType type = PrincipalType::kUser;
    std::string username;
    bool disabled = false;
    int64_t epoch = 0;  // raised when all its sessions end; tokens of an older epoch are revoked
  };
  // The facts of a user with the nil id and no bindings.
  PrincipalFacts() : PrincipalFacts(Fields(), {}) {}
  // `bindings` are the stored ones; a user also has the built-in `self`. Times are rounded down to a microsecond.
  PrincipalFacts(const Fields& fields, const std::vector<Binding>& bindings);
  PrincipalId id() const;
  PrincipalType type() const;
  absl::string_view username() const;
  bool disabled() const;
  int64_t epoch() const;
  Fields fields() const;

  class Bindings {
   public:
    class Iterator {
     public:
      BindingView operator*() const;
      Iterator& operator++();
      friend bool operator!=(const Iterator& a, const Iterator& b) { return a.at_ != b.at_; }

     private:
      friend class Bindings;
      explicit Iterator(const char* at) : at_(at) {}
      const char* at_;
    };
    Iterator begin() const { return Iterator(begin_); }
    Iterator end() const { return Iterator(end_); }
    size_t size() const { return size_; }

   private:
    friend class PrincipalFacts;
    Bindings(const char* begin, const char* end, size_t size) : begin_(begin), end_(end), size_(size) {}
    const char* begin_;
    const char* end_;
    size_t size_;
  };
  // Valid while these facts or a copy of them exist.
  Bindings bindings() const;
  std::vector<Binding> CopyBindings() const;

  // The size of the block in bytes.
  size_t memory() const;

 private:
  SharedBlock block_;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_PRINCIPAL_FACTS_H_
