#ifndef IDENTITY_DOMAIN_IDS_H_
#define IDENTITY_DOMAIN_IDS_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace identity {

// A UUID (RFC 9562). The database makes all ids, in version 7. A value.
class Uuid {
 public:
  Uuid() : bytes_{} {}
  explicit Uuid(const std::array<uint8_t, 16>& bytes) : bytes_(bytes) {}

  // Accepts only the canonical form: 36 characters, hyphens in place, hexadecimal digits of either case.
  static absl::optional<Uuid> Parse(absl::string_view text);

  // The canonical form in lower case.
  std::string ToString() const;
  const std::array<uint8_t, 16>& bytes() const { return bytes_; }
  bool is_nil() const { return *this == Uuid(); }

  friend bool operator==(const Uuid& a, const Uuid& b) { return a.bytes_ == b.bytes_; }
  friend bool operator!=(const Uuid& a, const Uuid& b) { return !(a == b); }
  friend bool operator<(const Uuid& a, const Uuid& b) { return a.bytes_ < b.bytes_; }
  template <typename H>
  friend H AbslHashValue(H h, const Uuid& id) {
    return H::combine(std::move(h), id.bytes_);
  }

 private:
  std::array<uint8_t, 16> bytes_;
};

// The UUID of one kind of object, so that the compiler rejects a session's id in place of a principal's. A value.
template <typename Kind>
class Id {
 public:
  Id() = default;
  explicit Id(const Uuid& uuid) : uuid_(uuid) {}
  static absl::optional<Id> Parse(absl::string_view text) {
    const auto uuid = Uuid::Parse(text);
    if (!uuid) return absl::nullopt;
    return Id(*uuid);
  }
  std::string ToString() const { return uuid_.ToString(); }
  const Uuid& uuid() const { return uuid_; }
  bool is_nil() const { return uuid_.is_nil(); }

  friend bool operator==(const Id& a, const Id& b) { return a.uuid_ == b.uuid_; }
  friend bool operator!=(const Id& a, const Id& b) { return !(a == b); }
  friend bool operator<(const Id& a, const Id& b) { return a.uuid_ < b.uuid_; }
  template <typename H>
  friend H AbslHashValue(H h, const Id& id) {
    return H::combine(std::move(h), id.uuid_);
  }

 private:
  Uuid uuid_;
};

using PrincipalId = Id<struct PrincipalKind>;
using SessionId = Id<struct SessionKind>;
using RefreshTokenId = Id<struct RefreshTokenKind>;
using ApiKeyId = Id<struct ApiKeyKind>;
using BindingId = Id<struct BindingKind>;
using AuditEventId = Id<struct AuditEventKind>;
using ChallengeId = Id<struct ChallengeKind>;  // of a login whose second factor is due
using MailedTokenId = Id<struct MailedTokenKind>;
using DeviceId = Id<struct DeviceKind>;
using TokenId = Id<struct TokenKind>;      // the `jti` of an access token
using RequestId = Id<struct RequestKind>;  // a client's idempotency key

// The millisecond in which a version 7 UUID (RFC 9562) was made.
absl::Time TimeOf(const Uuid& id);
// The lowest version 7 UUID that can be made at `time`. Nil for a time before 1970.
Uuid LowestUuidOf(absl::Time time);

// The built-in principal of requests without a credential.
PrincipalId AnonymousPrincipal();

}  // namespace identity

#endif  // IDENTITY_DOMAIN_IDS_H_
