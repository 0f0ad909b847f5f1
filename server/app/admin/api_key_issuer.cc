#include "server/app/admin/api_key_issuer.h"

#include <memory>
#include <utility>

#include "db/stores/sessions.h"
#include "server/app/change/guard.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

// Ending all of them must stay one quick statement.
constexpr int64_t kMaxLiveKeys = 100;
constexpr int64_t kMaxRequestsPerMinute = 1'000'000;
constexpr absl::Duration kLongestOverlap = absl::Hours(30 * 24);
constexpr char kApiKeysWrite[] = "identity:api_keys:write";

// Whom the key is for, when the caller may make one for them.
absl::StatusOr<PrincipalFacts> AdmittedOwner(Mutation& mutation, const PrincipalId& owner) {
  const bool own = mutation.caller().id() == owner;
  if (own) {
    RETURN_IF_ERROR(guard::RequireOwnSession(mutation));
  } else {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, kApiKeysWrite, Resource::OfPrincipal(owner)));
  }
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> facts, mutation.facts().Principal(owner));
  if (!facts) return Error(ErrorReason::kNotFound, "owner_id: no such principal");
  if (facts->type() == PrincipalType::kAnonymous) {
    return Error(ErrorReason::kBuiltIn, "owner_id: anonymous has no credentials");
  }
  if (!own) RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *facts));
  return *std::move(facts);
}

absl::StatusOr<Scopes> KeyScopes(Mutation& mutation, const PrincipalFacts& owner, const absl::optional<Scopes>& asked,
                                 absl::Time until) {
  const Subject& caller = *mutation.caller().subject;
  Scopes scopes = asked.value_or(Scopes::Unlimited()).Intersect(caller.scopes);
  if (asked) {
    ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, mutation.facts().Roles());
    ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
    scopes = scopes.KeepHeld(HeldAnywhere(owner, *roles, now.time));
  }
  if (scopes.empty()) return Error(ErrorReason::kInvalidScope, "scopes: caller or owner hold nothing of them");
  if (caller.principal.id() == owner.id()) return scopes;
  // Whoever makes a key has seen its secret, so it must not reach further into the service than the caller does,
  // whatever the owner may come to hold.
  RETURN_IF_ERROR(guard::RequireMayGrant(mutation, scopes.patterns(), Resource(), until));
  return scopes;
}

}  // namespace

absl::StatusOr<std::string> ApiKeyIssuer::Make(Mutation& mutation, const PrincipalFacts& owner, const Request& request,
                                               const Secret& secret) {
  ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
  if (request.expire_time < now.time + absl::Minutes(1)) {
    return InvalidField("expire_time", "is less than a minute ahead");
  }
  if (request.requests_per_minute < 0 || request.requests_per_minute > kMaxRequestsPerMinute) {
    return InvalidField("requests_per_minute", "is not 0 to 1,000,000");
  }
  api_keys::ApiKey key;
  key.owner_id = owner.id();
  key.display_name = request.display_name;
  key.expire_time = request.expire_time;
  key.requests_per_minute = request.requests_per_minute;
  key.hash = Fingerprint(secret);
  ASSIGN_OR_RETURN(key.scopes, KeyScopes(mutation, owner, request.scopes, request.expire_time));
  ASSIGN_OR_RETURN(const int64_t live, api_keys::CountLive(mutation.transaction(), owner.id()));
  if (live >= kMaxLiveKeys) return Error(ErrorReason::kLimitReached, "owner_id: has 100 keys that work; revoke some");
  ASSIGN_OR_RETURN(const ApiKeyId id, api_keys::Insert(mutation.transaction(), key));
  RETURN_IF_ERROR(mutation.Changed(id));
  RETURN_IF_ERROR(mutation.Audit({audit::EventType::kApiKeyIssued, owner.id(), id.ToString()}));
  return id.ToString();
}

absl::StatusOr<std::string> ApiKeyIssuer::MakeSuccessor(Mutation& mutation, const Rotation& rotation,
                                                        const Secret& secret) {
  ASSIGN_OR_RETURN(const SharedApiKey old, mutation.facts().ApiKey(rotation.id));
  ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
  // Whose it is decides who may; of a key that nobody has, nothing is told to who could not see it.
  if (!old) {
    RETURN_IF_ERROR(RequirePermissionOnFound(mutation.facts(), mutation.caller().subject,
                                             LiteralPermission(kApiKeysWrite), Resource()));
    return Error(ErrorReason::kNotFound, "api_key_id: no such key");
  }
  if (mutation.caller().id() == old->owner_id) {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, "identity:self:write", Resource::OfPrincipal(old->owner_id)));
  } else {
    RETURN_IF_ERROR(RequirePermissionOnFound(mutation.facts(), mutation.caller().subject,
                                             LiteralPermission(kApiKeysWrite), Resource::OfPrincipal(old->owner_id)));
  }
  ASSIGN_OR_RETURN(const PrincipalFacts owner, AdmittedOwner(mutation, old->owner_id));
  if (old->revoke_time || old->expire_time <= now.time) {
    return Error(ErrorReason::kNotFound, "api_key_id: the key does not work any more; issue a new one");
  }
  api_keys::ApiKey successor = *old;
  successor.hash = Fingerprint(secret);
  ASSIGN_OR_RETURN(successor.scopes, KeyScopes(mutation, owner, old->scopes, old->expire_time));
  ASSIGN_OR_RETURN(const int64_t live, api_keys::CountLive(mutation.transaction(), owner.id()));
  if (live >= kMaxLiveKeys) return Error(ErrorReason::kLimitReached, "owner_id: has 100 keys that work; revoke some");
  ASSIGN_OR_RETURN(const ApiKeyId id, api_keys::Insert(mutation.transaction(), successor));
  RETURN_IF_ERROR(api_keys::ExpireAfter(mutation.transaction(), rotation.id, rotation.overlap));
  RETURN_IF_ERROR(mutation.Changed(id));
  RETURN_IF_ERROR(mutation.Changed(rotation.id));
  RETURN_IF_ERROR(
      mutation.Audit({audit::EventType::kApiKeyRotated, owner.id(), rotation.id.ToString(), id.ToString()}));
  return id.ToString();
}

absl::StatusOr<ApiKeyIssuer::Issued> ApiKeyIssuer::Run(
    const RequestContext& context, const Caller& caller, const Idempotency& idempotency,
    absl::FunctionRef<absl::StatusOr<std::string>(Mutation&, const Secret&)> make) {
  Secret secret(RandomBytes(kTokenSecretBytes));
  Issued issued;
  bool made_now = false;
  ASSIGN_OR_RETURN(issued.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const Made made, MakeOnce(mutation, idempotency, [&] { return make(mutation, secret); }));
    made_now = made.fresh;
    ASSIGN_OR_RETURN(const auto key, api_keys::Find(mutation.transaction(), *ApiKeyId::Parse(made.object_id)));
    if (!key) return Error(ErrorReason::kInternal, "an API key that was just written is not there");
    issued.key = *key;
    return absl::OkStatus();
  }));
  if (made_now) {
    issued.secret = OpaqueToken(OpaqueToken::Kind::kApiKey, issued.key.id.uuid(), std::move(secret)).ToText();
  }
  return issued;
}

absl::StatusOr<ApiKeyIssuer::Issued> ApiKeyIssuer::Issue(const RequestContext& context, const Caller& caller,
                                                         const Request& request) {
  if (!caller.subject) return Error(ErrorReason::kCallerUnknown, "metadata: needs a credential");
  const PrincipalId owner_id = request.owner.value_or(caller.subject->principal.id());
  return Run(context, caller, request.idempotency,
             [&](Mutation& mutation, const Secret& secret) -> absl::StatusOr<std::string> {
               ASSIGN_OR_RETURN(const PrincipalFacts owner, AdmittedOwner(mutation, owner_id));
               return Make(mutation, owner, request, secret);
             });
}

absl::StatusOr<ApiKeyIssuer::Issued> ApiKeyIssuer::Rotate(const RequestContext& context, const Caller& caller,
                                                          const Rotation& rotation) {
  if (rotation.overlap < absl::ZeroDuration() || rotation.overlap > kLongestOverlap) {
    return InvalidField("overlap", "is not from nothing to 30 days");
  }
  return Run(context, caller, rotation.idempotency,
             [&](Mutation& mutation, const Secret& secret) { return MakeSuccessor(mutation, rotation, secret); });
}

}  // namespace identity
