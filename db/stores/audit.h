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

// The record of security events. It can be appended to and read, never changed: the database's roles see to that.
namespace identity::audit {

// The security events; docs/audit.md says when each is written.
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
  kApiKeyIssued,
  kApiKeyRotated,
  kApiKeyRevoked,
  kUserRegistered,
  kUserCreated,
  kUserImported,
  kBootstrap,
  kUserUpdated,
  kUserDeactivated,
  kPrincipalDisabled,
  kPrincipalEnabled,
  kUserUnlocked,
  kPasswordChanged,
  kPasswordResetRequested,
  kPasswordReset,
  kEmailVerificationSent,
  kEmailVerified,
  kMfaEnrolled,
  kMfaEnabled,
  kMfaDisabled,
  kMfaRecoveryCodesReplaced,
  kMfaReset,
  kServiceAccountCreated,
  kRoleCreated,
  kRoleUpdated,
  kRoleDeleted,
  kBindingCreated,
  kBindingDeleted,
  kSigningKeyRotated,
  kSigningKeyDeleted,
  kRateLimited,
};
// As it is kept and shown, such as "api_key.issued". Names never change.
absl::string_view NameOf(EventType type);
// All names that this program writes.
std::vector<absl::string_view> EventNames();

enum class Outcome { kSuccess, kFailure };
// "success" or "failure".
absl::string_view NameOf(Outcome outcome);

struct Event {
  EventType type = EventType::kLogin;
  Outcome outcome = Outcome::kSuccess;
  absl::optional<PrincipalId> actor_id;    // who did it, when known
  absl::optional<PrincipalId> subject_id;  // to whose account
  std::string target;                      // the id of what it is about, or the name of the limit
  std::string ip_address;
  std::string user_agent;
  std::string details;  // for people; never a secret
};

// Part of `transaction`, so that it is written exactly when what it reports is.
absl::Status Append(Transaction& transaction, const Event& event);

// An event as it was read. Its names may be ones that another version of this program wrote.
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
// What is looked for: all that is set must hold.
struct Filter {
  absl::optional<PrincipalId> subject_id;
  absl::optional<PrincipalId> actor_id;
  std::string event;         // empty: any
  std::string event_prefix;  // empty: any
  std::string outcome;       // empty: any
  absl::Time start_time = absl::InfinitePast();
  absl::Time end_time = absl::InfiniteFuture();  // exclusive
};
// Up to `limit` events, newest first; of those before `before` alone when it is set. Reads no more of the log than the
// partitions of the filter's times.
absl::StatusOr<std::vector<StoredEvent>> List(Transaction& transaction, const Filter& filter,
                                              const absl::optional<AuditEventId>& before, int64_t limit);

}  // namespace identity::audit

#endif  // IDENTITY_DB_STORES_AUDIT_H_
