#include "server/app/admin/api_key_issuer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/app/access/own_permissions.h"
#include "server/app/access/require_permission.h"
#include "server/app/change/guard.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

// One statement must be able to revoke all keys of an owner quickly.
constexpr int64_t kMaxLiveKeys = 100;
constexpr int64_t kMaxRequestsPerMinute = 1'000'000;
constexpr absl::Duration kLongestOverlap = absl::Hours(30 * 24);

absl::Status RequireMayIssueForSelf(StoredFacts& facts, const Caller& caller) {
  RETURN_IF_ERROR(RequirePermission(facts, caller.subject, LiteralPermission(own_permissions::kSelfWrite),
                                    Resource::OfPrincipal(*caller.id())));
  if (caller.subject->session_id) return absl::OkStatus();
  return Error(ErrorReason::kSessionRequired, "needs a session, not an API key; log in");
}

// Returns the owner if the caller may issue keys for it.
absl::StatusOr<PrincipalFacts> AdmittedOwner(Mutation& mutation, const PrincipalId& owner) {
  const bool own = mutation.caller().id() == owner;
  if (own) {
    RETURN_IF_ERROR(RequireMayIssueForSelf(mutation.facts(), mutation.caller()));
    RETURN_IF_ERROR(guard::RequireOwnSession(mutation));
  } else {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kApiKeysWrite, Resource::OfPrincipal(owner)));
  }
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> facts, mutation.facts().Principal(owner));
  if (!facts) return Error(ErrorReason::kNotFound, "owner_id: no such principal");
  if (facts->type() == PrincipalType::kAnonymous) {
    return Error(ErrorReason::kBuiltIn, "owner_id: anonymous has no credentials");
  }
  if (!own) RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *facts));
  return *std::move(facts);
}

absl::StatusOr<Scopes> KeyScopes(Mutation& mutation, const PrincipalFacts& owner,
                                 const absl::optional<Scopes>& requested, absl::Time until) {
  const Subject& caller = *mutation.caller().subject;
  Scopes scopes = requested.value_or(Scopes::Unlimited()).Intersect(caller.scopes);
  if (requested) {
    ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, mutation.facts().Roles());
    ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
    scopes = scopes.KeepHeld(HeldAnywhere(owner, *roles, now.time));
  }
  if (scopes.empty()) return Error(ErrorReason::kInvalidScope, "scopes: the caller or the owner holds none of them");
  if (caller.principal.id() == owner.id()) return scopes;
  // The caller sees the secret of the key and could use it. So the key must not reach further into the service's own
  // permissions than the caller does, even if the owner gains permissions later. And the caller must be able to grant
  // everything else that the key can do now.
  RETURN_IF_ERROR(guard::RequireMayGrant(mutation, scopes.patterns(), Resource(), until));
  RETURN_IF_ERROR(guard::RequireCouldGrantCredential(mutation, owner, scopes, until));
  return scopes;
}

// Mails the owner, whoever made the key.
absl::Status Notify(Mutation& mutation, MailOutbox& mail, const PrincipalFacts& owner, absl::string_view display_name,
                    absl::string_view done) {
  const std::string change = absl::StrCat("the API key \"", display_name, "\" was ", done);
  return mail.EnqueueToOwner(mutation.transaction(), owner.id(), MailKind::kAccountChanged, {{"change", change}});
}

absl::StatusOr<ApiKeyId> InsertKey(Mutation& mutation, const api_keys::ApiKey& key) {
  ASSIGN_OR_RETURN(const int64_t live, api_keys::CountLive(mutation.transaction(), key.owner_id));
  if (live >= kMaxLiveKeys) {
    return Error(ErrorReason::kLimitReached, "owner_id: has 100 live API keys; revoke some first");
  }
  ASSIGN_OR_RETURN(const ApiKeyId id, api_keys::Insert(mutation.transaction(), key));
  mutation.Changed(id);
  return id;
}

// When the key expires. INVALID_ARGUMENT for a time that is too early, or later than the longest lifetime.
absl::StatusOr<absl::Time> ExpireTime(const ApiKeyIssuer::Request& request, absl::Time now, absl::Duration longest) {
  const absl::Time latest = now + longest;
  if (!request.expire_time) return latest;
  if (*request.expire_time < now + absl::Minutes(1)) {
    return InvalidField("expire_time", "is less than a minute in the future");
  }
  if (*request.expire_time > latest) {
    return InvalidField("expire_time", absl::StrCat("is more than ", absl::FormatDuration(longest),
                                                    " in the future, the longest lifetime of a key here"));
  }
  return *request.expire_time;
}

// Returns the new key's id.
absl::StatusOr<std::string> Make(Mutation& mutation, const PrincipalFacts& owner, const ApiKeyIssuer::Request& request,
                                 absl::Duration longest_lifetime, const Secret& secret) {
  ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
  if (request.requests_per_minute < 0 || request.requests_per_minute > kMaxRequestsPerMinute) {
    return InvalidField("requests_per_minute", "is not 0 to 1,000,000");
  }
  api_keys::ApiKey key;
  key.owner_id = owner.id();
  key.display_name = request.display_name;
  ASSIGN_OR_RETURN(key.expire_time, ExpireTime(request, now.time, longest_lifetime));
  key.requests_per_minute = request.requests_per_minute;
  key.hash = Fingerprint(secret);
  ASSIGN_OR_RETURN(key.scopes, KeyScopes(mutation, owner, request.scopes, key.expire_time));
  ASSIGN_OR_RETURN(const ApiKeyId id, InsertKey(mutation, key));
  mutation.Audit(
      {audit::EventType::kApiKeyIssued, owner.id(), id.ToString(), absl::StrCat("scopes ", key.scopes.ToClaim())});
  return id.ToString();
}

// Returns the key if the caller may rotate it, which depends on the owner. An unknown key looks like a forbidden one to
// callers who may not rotate every key.
absl::StatusOr<SharedApiKey> RequireMayRotate(StoredFacts& facts, const Caller& caller, const ApiKeyId& id) {
  ASSIGN_OR_RETURN(SharedApiKey key, facts.ApiKey(id));
  if (key && caller.id() == key->owner_id) {
    RETURN_IF_ERROR(RequireMayIssueForSelf(facts, caller));
    return key;
  }
  RETURN_IF_ERROR(RequirePermissionOnFound(facts, caller.subject, LiteralPermission(own_permissions::kApiKeysWrite),
                                           key ? Resource::OfPrincipal(key->owner_id) : Resource()));
  if (!key) return Error(ErrorReason::kNotFound, "api_key_id: no such key");
  return key;
}

// Returns the successor's id.
absl::StatusOr<std::string> MakeSuccessor(Mutation& mutation, MailOutbox& mail, const ApiKeyIssuer::Rotation& rotation,
                                          absl::Duration longest_lifetime, const Secret& secret) {
  ASSIGN_OR_RETURN(const SharedApiKey old, RequireMayRotate(mutation.facts(), mutation.caller(), rotation.id));
  ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
  ASSIGN_OR_RETURN(const PrincipalFacts owner, AdmittedOwner(mutation, old->owner_id));
  if (old->revoke_time || old->expire_time <= now.time) {
    return Error(ErrorReason::kNotFound, "api_key_id: the key is revoked or has expired; issue a new one");
  }
  api_keys::ApiKey successor = *old;
  successor.hash = Fingerprint(secret);
  successor.expire_time = std::min(old->expire_time, now.time + longest_lifetime);
  ASSIGN_OR_RETURN(successor.scopes, KeyScopes(mutation, owner, old->scopes, successor.expire_time));
  ASSIGN_OR_RETURN(const ApiKeyId id, InsertKey(mutation, successor));
  RETURN_IF_ERROR(api_keys::ExpireAfter(mutation.transaction(), rotation.id, rotation.overlap));
  mutation.Changed(rotation.id);
  RETURN_IF_ERROR(Notify(mutation, mail, owner, old->display_name, "replaced by a new one"));
  mutation.Audit({audit::EventType::kApiKeyRotated, owner.id(), rotation.id.ToString(), id.ToString()});
  return id.ToString();
}

absl::StatusOr<api_keys::ApiKey> RereadKey(Mutation& mutation, const std::string& id) {
  ASSIGN_OR_RETURN(auto key, api_keys::Find(mutation.transaction(), *ApiKeyId::Parse(id)));
  if (!key) return Error(ErrorReason::kInternal, "the API key is missing after its insertion");
  return *std::move(key);
}

}  // namespace

absl::StatusOr<ApiKeyIssuer::Issued> ApiKeyIssuer::Run(
    const RequestContext& context, const Caller& caller, const Idempotency& idempotency,
    absl::FunctionRef<absl::StatusOr<std::string>(Mutation&, const Secret&)> make) {
  struct Outcome {
    api_keys::ApiKey key;
    bool fresh = false;
  };
  Secret secret(RandomBytes(kTokenSecretBytes));
  const auto issue = [&](Mutation& mutation) -> absl::StatusOr<Outcome> {
    ASSIGN_OR_RETURN(const Made made, MakeOnce(mutation, idempotency, [&] { return make(mutation, secret); }));
    ASSIGN_OR_RETURN(api_keys::ApiKey key, RereadKey(mutation, made.object_id));
    return Outcome{std::move(key), made.fresh};
  };
  ASSIGN_OR_RETURN(auto made, mutations_.Run(context, caller, issue));
  mail_.Wake();
  Issued issued{Secret(), std::move(made.value.key), made.token};
  if (made.value.fresh) {
    issued.secret = OpaqueToken(OpaqueToken::Kind::kApiKey, issued.key.id.uuid(), std::move(secret)).ToText();
  }
  return issued;
}

absl::StatusOr<ApiKeyIssuer::Issued> ApiKeyIssuer::Issue(const RequestContext& context, const Caller& caller,
                                                         const Request& request) {
  if (!caller.subject) return Error(ErrorReason::kCallerUnknown, "metadata: needs a credential");
  const PrincipalId owner_id = request.owner.value_or(caller.subject->principal.id());
  if (owner_id == caller.id()) {
    RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) {
      StoredFacts facts(transaction);
      return RequireMayIssueForSelf(facts, caller);
    }));
    RETURN_IF_ERROR(proofs_.Require(context, caller, request.proof).status());
  }
  return Run(context, caller, request.idempotency,
             [&](Mutation& mutation, const Secret& secret) -> absl::StatusOr<std::string> {
               ASSIGN_OR_RETURN(const PrincipalFacts owner, AdmittedOwner(mutation, owner_id));
               RETURN_IF_ERROR(Notify(mutation, mail_, owner, request.display_name, "made"));
               return Make(mutation, owner, request, longest_lifetime_, secret);
             });
}

absl::StatusOr<ApiKeyIssuer::Issued> ApiKeyIssuer::Rotate(const RequestContext& context, const Caller& caller,
                                                          const Rotation& rotation) {
  if (rotation.overlap < absl::ZeroDuration() || rotation.overlap > kLongestOverlap) {
    return InvalidField("overlap", "is not 0 to 30 days");
  }
  // Before the revision's lock: a caller without the right makes no other writer wait.
  const auto find_owner = [&](Transaction& transaction) -> absl::StatusOr<PrincipalId> {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const SharedApiKey key, RequireMayRotate(facts, caller, rotation.id));
    return key->owner_id;
  };
  ASSIGN_OR_RETURN(const PrincipalId owner_id, database_.Read(context, find_owner));
  if (owner_id == caller.id()) RETURN_IF_ERROR(proofs_.Require(context, caller, rotation.proof).status());
  return Run(context, caller, rotation.idempotency, [&](Mutation& mutation, const Secret& secret) {
    return MakeSuccessor(mutation, mail_, rotation, longest_lifetime_, secret);
  });
}

}  // namespace identity
