#include "server/app/login/sessions.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "db/stores/api_keys.h"
#include "db/stores/principals.h"
#include "server/app/access/audit.h"
#include "server/app/change/guard.h"
#include "server/app/change/mutation.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/sealed_box.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr char kSessionsWrite[] = "identity:sessions:write";
constexpr char kApiKeysWrite[] = "identity:api_keys:write";
constexpr absl::Duration kAlarmTimeout = absl::Seconds(2);

absl::Status RefreshTokenInvalid() {
  return Error(ErrorReason::kRefreshTokenInvalid, "refresh_token: is unknown or has expired, or its session has ended");
}

// The child's secret travels to a retry under a key that only a holder of the parent can derive.
Secret ChildKey(const OpaqueToken& parent) { return DeriveKey(parent.secret(), "refresh.child"); }
std::string ChildContext(const OpaqueToken& parent) { return absl::StrCat("refresh_token:", parent.id().ToString()); }

}  // namespace

// What a refresh found. Move-only.
struct Sessions::Refreshed {
  enum class Kind { kInvalid, kReused, kGranted };
  Kind kind = Kind::kInvalid;
  sessions::Session session;  // known unless invalid
  PrincipalFacts principal;   // when granted, as all below
  Scopes scopes;
  sessions::StoredRefreshToken child;
  Secret child_secret;
};

absl::StatusOr<TokenSet> Sessions::Refresh(const RequestContext& context, const Caller& caller,
                                           const RefreshRequest& request) {
  RETURN_IF_ERROR(throttle_.CountCallFor(context, caller, request.client_info));
  const auto parent = OpaqueToken::Parse(OpaqueToken::Kind::kRefreshToken, request.refresh_token.Reveal());
  if (!parent) return RefreshTokenInvalid();
  Refreshed outcome;
  RETURN_IF_ERROR(database_.Write(context, [&](Transaction& transaction) {
    outcome = Refreshed();
    return TryRefresh(transaction, caller, *parent, request, outcome);
  }));
  if (outcome.kind == Refreshed::Kind::kInvalid) return RefreshTokenInvalid();
  if (outcome.kind == Refreshed::Kind::kReused) {
    RETURN_IF_ERROR(EndReusedFamily(caller, outcome.session));
    return Error(ErrorReason::kRefreshTokenReused, "refresh_token: was spent before; its session has been ended");
  }
  const OpaqueToken child(OpaqueToken::Kind::kRefreshToken, outcome.child.id.uuid(), std::move(outcome.child_secret));
  return issuer_.ForSession(outcome.session, outcome.principal, outcome.scopes, child.ToText(), outcome.child);
}

absl::Status Sessions::TryRefresh(Transaction& transaction, const Caller& caller, const OpaqueToken& parent,
                                  const RefreshRequest& request, Refreshed& outcome) {
  outcome.child_secret = Secret(RandomBytes(kTokenSecretBytes));
  const RefreshTokenId parent_id(parent.id());
  ASSIGN_OR_RETURN(absl::optional<sessions::SessionAndToken> won,
                   sessions::Spend(transaction,
                                   {parent_id, parent.Hash(), Fingerprint(outcome.child_secret),
                                    Seal(ChildKey(parent), outcome.child_secret.Reveal(), ChildContext(parent),
                                         RandomBytes(kSealNonceBytes))},
                                   lifetimes_));
  StoredFacts facts(transaction);
  if (won) {
    outcome.session = std::move(won->session);
    outcome.child = won->token;
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
    RETURN_IF_ERROR(Audit(transaction, caller, client,
                          {audit::EventType::kRefresh, outcome.session.principal_id, outcome.session.id.ToString()}));
  } else {
    ASSIGN_OR_RETURN(absl::optional<sessions::SpentToken> lost,
                     sessions::FindSpent(transaction, parent_id, parent.Hash(), kRetryGrace));
    if (!lost || !lost->alive || !lost->spent) return absl::OkStatus();
    outcome.session = std::move(lost->session);
    outcome.kind = Refreshed::Kind::kReused;
    if (!lost->child_open) return absl::OkStatus();
    absl::optional<Secret> secret = Open(ChildKey(parent), lost->sealed_child, ChildContext(parent));
    if (!secret) return Error(ErrorReason::kInternal, "a refresh token's sealed child does not open");
    outcome.child = lost->child;
    outcome.child_secret = *std::move(secret);
  }
  outcome.kind = Refreshed::Kind::kGranted;
  outcome.scopes = request.scopes ? request.scopes->Intersect(outcome.session.scopes) : outcome.session.scopes;
  if (outcome.scopes.empty()) {
    return Error(ErrorReason::kInvalidScope, "scopes: the session has none of them; nothing was spent");
  }
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> principal, facts.Principal(outcome.session.principal_id));
  if (!principal) return RefreshTokenInvalid();
  outcome.principal = *std::move(principal);
  return absl::OkStatus();
}

absl::Status Sessions::EndReusedFamily(const Caller& caller, const sessions::Session& session) {
  // With time of its own and on nobody's authority: whoever shows a spent token must not be able to stop this by
  // hanging up, or by what becomes of the credential that it came with.
  Caller nobody = caller;
  nobody.subject.reset();
  return mutations_
      .Run(
          RequestContext{absl::Now() + kAlarmTimeout}, nobody,
          [&](Mutation& mutation) -> absl::Status {
            ASSIGN_OR_RETURN(const bool ended, sessions::Revoke(mutation.transaction(), session.id));
            if (!ended) {
              mutation.Discard();
              return absl::OkStatus();
            }
            RETURN_IF_ERROR(mutation.Changed(session.id));
            return mutation.Audit({audit::EventType::kRefreshTokenReused, session.principal_id, session.id.ToString()});
          })
      .status();
}

// What a revocation comes down to, once the target is found and the caller may end it.
struct Sessions::Ending {
  struct AccessToken {
    TokenId id;
    absl::Time expire_time;
  };
  std::variant<AccessToken, SessionId, ApiKeyId, PrincipalId> what;
  PrincipalId owner;
  bool of_another = false;  // by id, and not the caller's own: the rules of administration hold
};

namespace {

// What the holder of `permission` everywhere may be told of an id that nobody has: nothing to end. Others learn
// nothing.
absl::Status RequireForUnknown(Facts& facts, const Caller& caller, absl::string_view permission) {
  return RequirePermissionOnFound(facts, caller.subject, LiteralPermission(permission), Resource());
}

// By id: for the very session or key that the caller came with, for its owner with a credential that may change the
// account, or with `permission`. Returns whether it is another's.
absl::StatusOr<bool> RequireMayEnd(Facts& facts, const Caller& caller, const PrincipalId& owner, bool came_with_it,
                                   absl::string_view permission) {
  const bool own = caller.id() == owner;
  if (own && (came_with_it || caller.subject->scopes.Matches(LiteralPermission("identity:self:write")))) return false;
  RETURN_IF_ERROR(
      RequirePermissionOnFound(facts, caller.subject, LiteralPermission(permission), Resource::OfPrincipal(owner)));
  return !own;
}

}  // namespace

absl::StatusOr<absl::optional<Sessions::Ending>> Sessions::ResolveSecret(StoredFacts& facts,
                                                                         const RevokeTarget& target) {
  if (const auto* token = std::get_if<RevokeTarget::AccessToken>(&target.what)) {
    // Not dead as long as anyone could take it.
    ASSIGN_OR_RETURN(const change_log::Moment moment, facts.Now());
    const auto verified = keys_.verifier()->Verify(token->text.Reveal(), std::min(clock_(), moment.time));
    if (!verified.token) return absl::optional<Ending>();
    const AccessTokenClaims& claims = verified.token->claims();
    ASSIGN_OR_RETURN(const bool revoked, facts.TokenRevoked(claims.id, claims.session_id));
    if (revoked) return absl::optional<Ending>();
    return absl::optional<Ending>({Ending::AccessToken{claims.id, claims.expire_time}, claims.subject});
  }
  if (const auto* token = std::get_if<RevokeTarget::RefreshToken>(&target.what)) {
    const auto parsed = OpaqueToken::Parse(OpaqueToken::Kind::kRefreshToken, token->text.Reveal());
    if (!parsed) return absl::optional<Ending>();
    ASSIGN_OR_RETURN(const absl::optional<SessionId> session,
                     sessions::FindByRefreshToken(facts.transaction(), RefreshTokenId(parsed->id()), parsed->Hash()));
    if (!session) return absl::optional<Ending>();
    ASSIGN_OR_RETURN(const auto owner, sessions::FindOwner(facts.transaction(), *session));
    if (!owner || owner->ended) return absl::optional<Ending>();
    return absl::optional<Ending>({*session, owner->principal_id});
  }
  const auto* key = std::get_if<RevokeTarget::ApiKey>(&target.what);
  const auto parsed = OpaqueToken::Parse(OpaqueToken::Kind::kApiKey, key->text.Reveal());
  if (!parsed) return absl::optional<Ending>();
  ASSIGN_OR_RETURN(const auto stored, facts.ApiKey(ApiKeyId(parsed->id())));
  if (!stored || !EqualInConstantTime(stored->hash, parsed->Hash()) || stored->revoke_time) {
    return absl::optional<Ending>();
  }
  return absl::optional<Ending>({stored->id, stored->owner_id});
}

absl::StatusOr<absl::optional<Sessions::Ending>> Sessions::Resolve(StoredFacts& facts, const Caller& caller,
                                                                   const RevokeTarget& target) {
  const absl::optional<Subject>& subject = caller.subject;
  if (const auto* id = std::get_if<SessionId>(&target.what)) {
    ASSIGN_OR_RETURN(const auto owner, sessions::FindOwner(facts.transaction(), *id));
    if (!owner) {
      RETURN_IF_ERROR(RequireForUnknown(facts, caller, kSessionsWrite));
      return absl::optional<Ending>();
    }
    ASSIGN_OR_RETURN(const bool of_another, RequireMayEnd(facts, caller, owner->principal_id,
                                                          subject && subject->session_id == *id, kSessionsWrite));
    if (owner->ended) return absl::optional<Ending>();
    return absl::optional<Ending>({*id, owner->principal_id, of_another});
  }
  if (const auto* id = std::get_if<ApiKeyId>(&target.what)) {
    ASSIGN_OR_RETURN(const auto key, facts.ApiKey(*id));
    if (!key) {
      RETURN_IF_ERROR(RequireForUnknown(facts, caller, kApiKeysWrite));
      return absl::optional<Ending>();
    }
    ASSIGN_OR_RETURN(const bool of_another,
                     RequireMayEnd(facts, caller, key->owner_id, subject && subject->api_key_id == *id, kApiKeysWrite));
    if (key->revoke_time) return absl::optional<Ending>();
    return absl::optional<Ending>({*id, key->owner_id, of_another});
  }
  if (const auto* id = std::get_if<PrincipalId>(&target.what)) {
    ASSIGN_OR_RETURN(const auto principal, facts.Principal(*id));
    if (!principal) {
      RETURN_IF_ERROR(RequireForUnknown(facts, caller, kSessionsWrite));
      return absl::optional<Ending>();
    }
    ASSIGN_OR_RETURN(const bool of_another, RequireMayEnd(facts, caller, *id, false, kSessionsWrite));
    if (of_another) {
      RETURN_IF_ERROR(RequireMayEnd(facts, caller, *id, false, kApiKeysWrite).status());
    }
    return absl::optional<Ending>({*id, *id, of_another});
  }
  return ResolveSecret(facts, target);
}

namespace {

absl::Status EndAccessToken(Mutation& mutation, const TokenId& id, absl::Time expire_time, const PrincipalId& owner) {
  ASSIGN_OR_RETURN(const bool changed, sessions::RevokeAccessToken(mutation.transaction(), id, expire_time));
  if (!changed) {
    mutation.Discard();
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(mutation.Changed(id));
  return mutation.Audit({audit::EventType::kAccessTokenRevoked, owner, id.ToString()});
}

absl::Status EndSession(Mutation& mutation, const SessionId& id, const PrincipalId& owner) {
  ASSIGN_OR_RETURN(const bool changed, sessions::Revoke(mutation.transaction(), id));
  if (!changed) {
    mutation.Discard();
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(mutation.Changed(id));
  return mutation.Audit({audit::EventType::kSessionRevoked, owner, id.ToString()});
}

absl::Status EndApiKey(Mutation& mutation, const ApiKeyId& id, const PrincipalId& owner) {
  RETURN_IF_ERROR(api_keys::Revoke(mutation.transaction(), id));
  RETURN_IF_ERROR(mutation.Changed(id));
  return mutation.Audit({audit::EventType::kApiKeyRevoked, owner, id.ToString()});
}

absl::Status EndAllOf(Mutation& mutation, const PrincipalId& id) {
  RETURN_IF_ERROR(principals::RaiseEpoch(mutation.transaction(), id));  // ends the sessions, however many there are
  ASSIGN_OR_RETURN(const std::vector<ApiKeyId> keys, api_keys::RevokeAllOf(mutation.transaction(), id));
  for (const ApiKeyId& key : keys) RETURN_IF_ERROR(mutation.Changed(key));
  RETURN_IF_ERROR(mutation.Changed(id));
  return mutation.Audit({audit::EventType::kPrincipalRevoked, id, id.ToString(), "all sessions and API keys"});
}

}  // namespace

absl::StatusOr<ConsistencyToken> Sessions::Revoke(const RequestContext& context, const Caller& caller,
                                                  const RevokeTarget& target) {
  absl::optional<Ending> ending;
  ConsistencyToken latest;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
    latest = now.token;
    ASSIGN_OR_RETURN(ending, Resolve(facts, caller, target));
    return absl::OkStatus();
  }));
  if (!ending) {
    mutations_.Await(context, latest);
    return latest;
  }
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    // Once more, now that neither the target nor the caller's right can change.
    ASSIGN_OR_RETURN(ending, Resolve(mutation.facts(), mutation.caller(), target));
    if (!ending) {
      mutation.Discard();
      return absl::OkStatus();
    }
    if (ending->of_another) {
      ASSIGN_OR_RETURN(const auto owner, mutation.facts().Principal(ending->owner));
      if (owner) RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *owner));
    }
    if (const auto* token = std::get_if<Ending::AccessToken>(&ending->what)) {
      return EndAccessToken(mutation, token->id, token->expire_time, ending->owner);
    }
    if (const auto* id = std::get_if<SessionId>(&ending->what)) return EndSession(mutation, *id, ending->owner);
    if (const auto* id = std::get_if<ApiKeyId>(&ending->what)) return EndApiKey(mutation, *id, ending->owner);
    return EndAllOf(mutation, ending->owner);
  });
}

}  // namespace identity
