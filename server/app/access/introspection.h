#ifndef IDENTITY_APP_ACCESS_INTROSPECTION_H_
#define IDENTITY_APP_ACCESS_INTROSPECTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/app/access/credentials.h"
#include "server/base/request_context.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"
#include "server/view/view.h"

namespace identity {

// What a living credential says about itself (RFC 7662, section 2.2). A value.
struct Introspection {
  enum class Kind { kAccessToken, kRefreshToken, kApiKey };
  Kind kind = Kind::kAccessToken;
  PrincipalId principal_id;
  std::string username;
  Scopes scopes;
  std::string client_id;                         // "" for an API key
  std::string audience;                          // "" for an API key
  absl::Time issue_time = absl::InfinitePast();  // of an access token
  absl::Time auth_time = absl::InfinitePast();   // of a token: when the user last proved who they are
  absl::Time expire_time = absl::InfiniteFuture();
  absl::optional<SessionId> session_id;
  absl::optional<TokenId> token_id;
  std::vector<Delegation> delegations;  // the exchanges that an access token came from, the latest first
};

// Tells those who may check permissions what a credential is. Access tokens and API keys are answered from the view,
// and refresh tokens from the database. Thread-safe.
class Introspector {
 public:
  Introspector(View& view, const Credentials& credentials, Database& database)
      : view_(view), credentials_(credentials), database_(database) {}

  // nullopt for whatever a check would not accept now: unknown, malformed, expired, revoked, spent, or of a disabled
  // principal. It does not count as one of an API key's requests, since nothing is decided. Errors: those of
  // View::Read.
  absl::StatusOr<absl::optional<Introspection>> Introspect(const RequestContext& context, absl::string_view text) const;

 private:
  absl::StatusOr<absl::optional<Introspection>> IntrospectAccessToken(Facts& facts, absl::string_view token) const;
  absl::StatusOr<absl::optional<Introspection>> IntrospectApiKey(Facts& facts, absl::string_view key) const;

  View& view_;
  const Credentials& credentials_;
  Database& database_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_INTROSPECTION_H_
