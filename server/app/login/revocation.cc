#include "server/app/login/revocation.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "db/stores/api_keys.h"
#include "db/stores/external/workloads.h"
#include "db/stores/principals.h"
#include "db/stores/sessions.h"
#include "server/app/access/own_permissions.h"
#include "server/app/access/require_permission.h"
#include "server/app/change/guard.h"
#include "server/app/change/principal_state.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

struct AccessTokenToEnd {
  TokenId id;
  absl::Time expire_time;
};

// The objects of a target, after they were found and the caller's right to revoke them was checked.
struct Found {
  std::variant<AccessTokenToEnd, SessionId, ApiKeyId, PrincipalId> what;
  PrincipalId owner;
  bool of_another = false;  // named by id and owned by another principal: the rules of administration apply
};
using FoundOrNothing = absl::StatusOr<absl::optional<Found>>;

FoundOrNothing Nothing() { return absl::optional<Found>(); }
FoundOrNothing Something(const Found& found) { return absl::make_optional(found); }

// Finds the objects of a target, and checks the caller's right to revoke them. Finds nothing when the target does not
// exist or has ended. For one transaction; refers to its arguments.
class Finder {
 public:
  Finder(const KeyRing& keys, const Clock& clock, StoredFacts& facts, const Caller& caller)
      : keys_(keys), clock_(clock), facts_(facts), caller_(caller) {}

  FoundOrNothing operator()(const Revoker::Target::AccessToken& token) const;
  FoundOrNothing operator()(const Revoker::Target::RefreshToken& token) const;
  FoundOrNothing operator()(const Revoker::Target::ApiKey& key) const;
  FoundOrNothing operator()(const SessionId& id) const;
  FoundOrNothing operator()(const ApiKeyId& id) const;
  FoundOrNothing operator()(const PrincipalId& id) const;

 private:
  FoundOrNothing Unknown(absl::string_view permission) const;
  absl::StatusOr<bool> RequireMayRevoke(const PrincipalId& owner, bool of_this_call,
                                        absl::string_view permission) const;

  const KeyRing& keys_;
  const Clock& clock_;
  StoredFacts& facts_;
  const Caller& caller_;
};

FoundOrNothing Finder::operator()(const Revoker::Target::AccessToken& token) const {
  // Uses the slower of the two clocks: the token counts as valid while any replica may accept it.
  ASSIGN_OR_RETURN(const change_log::Moment moment, facts_.Now());
  // Another replica may have signed it with a key that this one has not loaded yet.
  ASSIGN_OR_RETURN(const AccessTokenVerifier verifier, keys_.ReadVerifier(facts_.transaction()));
  const auto verified = verifier.Verify(token.text.Reveal(), std::min(clock_(), moment.time));
  if (!verified.token) return Nothing();
  const AccessTokenClaims& claims = verified.token->claims();
  ASSIGN_OR_RETURN(const bool revoked, facts_.TokenRevoked(claims.id, claims.session_id, claims.kid));
  if (revoked) return Nothing();
  return Something({AccessTokenToEnd{claims.id, claims.expire_time}, claims.subject});
}

FoundOrNothing Finder::operator()(const Revoker::Target::RefreshToken& token) const {
  const auto parsed = OpaqueToken::Parse(OpaqueToken::Kind::kRefreshToken, token.text.Reveal());
  if (!parsed) return Nothing();
  ASSIGN_OR_RETURN(const absl::optional<SessionId> session,
                   sessions::FindByRefreshToken(facts_.transaction(), RefreshTokenId(parsed->id()), parsed->Hash()));
  if (!session) return Nothing();
  ASSIGN_OR_RETURN(const auto owner, sessions::FindOwner(facts_.transaction(), *session));
  if (!owner || owner->ended) return Nothing();
  return Something({*session, owner->principal_id});
}

FoundOrNothing Finder::operator()(const Revoker::Target::ApiKey& key) const {
  const auto parsed = OpaqueToken::Parse(OpaqueToken::Kind::kApiKey, key.text.Reveal());
  if (!parsed) return Nothing();
  ASSIGN_OR_RETURN(const SharedApiKey stored, facts_.ApiKey(ApiKeyId(parsed->id())));
  if (!stored || !EqualInConstantTime(stored->hash, parsed->Hash()) || stored->revoke_time) return Nothing();
  return Something({stored->id, stored->owner_id});
}

FoundOrNothing Finder::operator()(const SessionId& id) const {
  ASSIGN_OR_RETURN(const auto owner, sessions::FindOwner(facts_.transaction(), id));
  if (!owner) return Unknown(own_permissions::kSessionsWrite);
  const bool of_this_call = caller_.subject && caller_.subject->session_id == id;
  ASSIGN_OR_RETURN(const bool of_another,
                   RequireMayRevoke(owner->principal_id, of_this_call, own_permissions::kSessionsWrite));
  if (owner->ended) return Nothing();
  return Something({id, owner->principal_id, of_another});
}

FoundOrNothing Finder::operator()(const ApiKeyId& id) const {
  ASSIGN_OR_RETURN(const SharedApiKey key, facts_.ApiKey(id));
  if (!key) return Unknown(own_permissions::kApiKeysWrite);
  const bool of_this_call = caller_.subject && caller_.subject->api_key_id == id;
  ASSIGN_OR_RETURN(const bool of_another,
                   RequireMayRevoke(key->owner_id, of_this_call, own_permissions::kApiKeysWrite));
  if (key->revoke_time) return Nothing();
  return Something({id, key->owner_id, of_another});
}

FoundOrNothing Finder::operator()(const PrincipalId& id) const {
  ASSIGN_OR_RETURN(const auto principal, facts_.Principal(id));
  if (!principal) return Unknown(own_permissions::kSessionsWrite);
  ASSIGN_OR_RETURN(const bool of_another, RequireMayRevoke(id, false, own_permissions::kSessionsWrite));
  if (of_another) {
    RETURN_IF_ERROR(RequireMayRevoke(id, false, own_permissions::kApiKeysWrite).status());
  }
  return Something({id, id, of_another});
}

// For an id that does not exist. Callers that hold `permission` everywhere learn that it does not exist. For others it
// looks like an id that they may not revoke.
FoundOrNothing Finder::Unknown(absl::string_view permission) const {
  RETURN_IF_ERROR(RequirePermissionOnFound(facts_, caller_.subject, LiteralPermission(permission), Resource()));
  return Nothing();
}

// For targets by id. A caller may revoke:
// - the session or key of this call;
// - its own sessions and keys, with a credential that may change the account;
// - those of other principals, with `permission`.
// Returns whether another principal owns the target.
absl::StatusOr<bool> Finder::RequireMayRevoke(const PrincipalId& owner, bool of_this_call,
                                              absl::string_view permission) const {
  const bool own = caller_.id() == owner;
  if (own && (of_this_call || caller_.subject->scopes.Matches(LiteralPermission(own_permissions::kSelfWrite))))
    return false;
  RETURN_IF_ERROR(
      RequirePermissionOnFound(facts_, caller_.subject, LiteralPermission(permission), Resource::OfPrincipal(owner)));
  return !own;
}

// Revokes the objects that were found. Refers to its arguments.
struct Revocation {
  Mutation& mutation;
  const PrincipalId& owner;

  absl::Status operator()(const AccessTokenToEnd& token) const {
    ASSIGN_OR_RETURN(const bool changed,
                     sessions::RevokeAccessToken(mutation.transaction(), token.id, token.expire_time));
    if (!changed) return Discard();
    mutation.Changed(token.id);
    mutation.Audit({audit::EventType::kAccessTokenRevoked, owner, token.id.ToString()});
    return absl::OkStatus();
  }

  absl::Status operator()(const SessionId& id) const {
    ASSIGN_OR_RETURN(const bool changed, sessions::Revoke(mutation.transaction(), id));
    if (!changed) return Discard();
    mutation.Changed(id);
    mutation.Audit({audit::EventType::kSessionRevoked, owner, id.ToString()});
    return absl::OkStatus();
  }

  absl::Status operator()(const ApiKeyId& id) const {
    RETURN_IF_ERROR(api_keys::Revoke(mutation.transaction(), id));
    mutation.Changed(id);
    mutation.Audit({audit::EventType::kApiKeyRevoked, owner, id.ToString()});
    return absl::OkStatus();
  }

  absl::Status operator()(const PrincipalId& id) const {
    // Owners keep their devices. Otherwise a thief of a session could take away what lets the owner log in while
    // strangers lock the account.
    const bool own = mutation.caller().id() == id;
    const auto devices = own ? principals::Devices::kKeep : principals::Devices::kEnd;
    RETURN_IF_ERROR(principals::RaiseEpoch(mutation.transaction(), id, devices));  // ends any number of sessions
    RETURN_IF_ERROR(RevokeApiKeysOf(mutation, id));
    ASSIGN_OR_RETURN(const int64_t workloads, workloads::RevokeAllOf(mutation.transaction(), id));
    if (workloads > 0) mutation.ChangedExternal(id.ToString());
    mutation.Changed(id);
    mutation.Audit({audit::EventType::kPrincipalRevoked, id, id.ToString(),
                    workloads > 0 ? absl::StrCat("all sessions and API keys, and ", workloads,
                                                 workloads == 1 ? " workload" : " workloads")
                                  : "all sessions and API keys"});
    return absl::OkStatus();
  }

  absl::Status Discard() const {
    mutation.Discard();
    return absl::OkStatus();
  }
};

}  // namespace

absl::StatusOr<ConsistencyToken> Revoker::Revoke(const RequestContext& context, const Caller& caller,
                                                 const Target& target) {
  // Looks first without the revision's lock: when there is nothing to revoke, no other writer waits.
  const auto look = [&](Transaction& transaction) -> absl::StatusOr<absl::optional<ConsistencyToken>> {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const auto found, std::visit(Finder(keys_, clock_, facts, caller), target.what));
    if (found) return absl::optional<ConsistencyToken>();
    ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());  // of the look's snapshot
    return absl::make_optional(now.token);
  };
  ASSIGN_OR_RETURN(const absl::optional<ConsistencyToken> nothing_as_of, database_.Read(context, look));
  if (nothing_as_of) {
    RETURN_IF_ERROR(mutations_.AwaitChange(context, *nothing_as_of));
    return *nothing_as_of;
  }
  // Looks again: from here on, the target and the caller's rights cannot change.
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    const Finder finder(keys_, clock_, mutation.facts(), mutation.caller());
    ASSIGN_OR_RETURN(const auto found, std::visit(finder, target.what));
    if (!found) {
      mutation.Discard();
      return absl::OkStatus();
    }
    if (found->of_another) {
      ASSIGN_OR_RETURN(const auto owner, mutation.facts().Principal(found->owner));
      if (owner) RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *owner));
    }
    return std::visit(Revocation{mutation, found->owner}, found->what);
  });
}

}  // namespace identity
