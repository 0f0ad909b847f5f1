#ifndef IDENTITY_DB_STORES_AUDIT_H_
#define IDENTITY_DB_STORES_AUDIT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/ids.h"

// The log of security events. The database's roles allow the server to append and to read, never to change it.
namespace identity::audit {

// The security events. docs/audit.md names each of them and says when it is written.
enum class EventType {
  kLogin,
  kLoginChallenged,
  kSessionSteppedUp,
  kReauthentication,
  kRefresh,
  kRefreshTokenReused,
  kSessionRevoked,
  kAccessTokenRevoked,
  kPrincipalRevoked,
  kTokenExchanged,
  kApiKeyIssued,
  kApiKeyRotated,
  kApiKeyRevoked,
  kUserRegistered,
  kUserCreated,
  kUserImported,
  kBootstrap,
  kUserUpdated,
  kUserDeactivated,
  kUserDeleted,
  kPrincipalDisabled,
  kPrincipalEnabled,
  kPrincipalRenamed,
  kUserUnlocked,
  kUserLocked,
  kPasswordChanged,
  kPasswordResetRequested,
  kPasswordReset,
  kCredentialsReset,
  kEmailVerificationSent,
  kEmailVerified,
  kMfaEnrolled,
  kMfaEnabled,
  kMfaDisabled,
  kMfaRecoveryCodesReplaced,
  kMfaReset,
  kMfaTrusted,
  kServiceAccountCreated,
  kServiceAccountUpdated,
  kServiceAccountDeleted,
  kRoleCreated,
  kRoleUpdated,
  kRoleDeleted,
  kBindingCreated,
  kBindingDeleted,
  kSigningKeyRotated,
  kSigningKeyDeleted,
  kSigningKeyRemoved,
  kIdentityProviderCreated,
  kIdentityProviderUpdated,
  kIdentityProviderDeleted,
  kIdentityLinked,
  kIdentityUnlinked,
  kRolesMapped,
  kExternalRevoked,
  kExternalRestored,
  kRateLimited,
  kAdministrationDenied,
};
// The name in the database and in responses, such as "api_key.issued". Names never change.
absl::string_view NameOf(EventType type);
// All names that this program writes.
std::vector<absl::string_view> EventNames();

enum class Outcome { kSuccess, kFailure };
// "success" or "failure".
absl::string_view NameOf(Outcome outcome);
// nullopt when no outcome has `name`.
absl::optional<Outcome> ParseOutcome(absl::string_view name);

struct Event {
  EventType type = EventType::kLogin;
  Outcome outcome = Outcome::kSuccess;
  absl::optional<PrincipalId> actor_id;    // the principal that acted, when known
  absl::optional<PrincipalId> subject_id;  // the principal that is affected, when known
  std::string target;                      // the id of the affected object, or the name of the limit
  std::string ip_address;
  std::string user_agent;
  std::string details;  // for people; never a secret
};

// The event is part of `transaction`, so it is committed if and only if the reported change is.
absl::Status Append(Transaction& transaction, const Event& event);
// The same for many, in one statement.
absl::Status Append(Transaction& transaction, const std::vector<Event>& events);

// Sends a statement that writes nothing, so that calls with and without an event need the same round trips.
absl::Status AppendNothing(Transaction& transaction);

// An event from the database. Its names are text, since another version of this program may have written it.
struct StoredEvent {
  AuditEventId id;
  absl::Time time;
  std::string event;
  std::string outcome;
  absl::optional<PrincipalId> actor_id;
  absl::optional<PrincipalId> subject_id;
  std::string target;
  std::string ip_address;
  std::string user_agent;
  std::string details;
};
// Selects the events that match every field that is set.
struct Filter {
  absl::optional<PrincipalId> subject_id;
  absl::optional<PrincipalId> actor_id;
  std::string event;                // empty: any
  std::string event_prefix;         // empty: any
  absl::optional<Outcome> outcome;  // unset: any
  absl::Time start_time = absl::InfinitePast();
  absl::Time end_time = absl::InfiniteFuture();  // exclusive
};
// Up to `limit` events, newest first. With `before`, only older ones. Reads only the partitions that the filter's times
// select.
absl::StatusOr<std::vector<StoredEvent>> List(Transaction& transaction, const Filter& filter,
                                              const absl::optional<AuditEventId>& before, int64_t limit);

}  // namespace identity::audit

#endif  // IDENTITY_DB_STORES_AUDIT_H_
