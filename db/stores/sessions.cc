#include "db/stores/sessions.h"

#include <utility>

#include "db/stores/principal_facts_rows.h"
#include "server/base/status_macros.h"

namespace identity::sessions {
namespace {

// The columns of a Session, from `sessions s`.
#define SESSION_COLUMNS                                                                                  \
  "s.id AS session_id, s.principal_id, s.epoch, s.client_id, s.audience, s.scopes, s.amr, s.auth_time, " \
  "s.expire_time AS session_expire_time, s.password_change_required"
// The session `s` of the principal `p` is alive.
#define SESSION_IS_ALIVE(now) \
  "s.revoke_time IS NULL AND s.expire_time > " now " AND p.disabled_time IS NULL AND p.epoch = s.epoch"

absl::StatusOr<Session> ReadSession(const Rows::Row& row) {
  Session session;
  session.id = SessionId(row.Id("session_id"));
  session.principal_id = PrincipalId(row.Id("principal_id"));
  session.epoch = row.Int("epoch");
  session.client_id = row.Text("client_id");
  session.audience = row.Text("audience");
  ASSIGN_OR_RETURN(session.scopes, Scopes::ParseStored(row.Texts("scopes")));
  session.amr = row.Texts("amr");
  session.auth_time = row.Time("auth_time");
  session.expire_time = row.Time("session_expire_time");
  session.password_change_required = row.Bool("password_change_required");
  return session;
}

absl::StatusOr<absl::optional<Session>> ReadOptionalSession(const Rows& rows) {
  if (rows.empty()) return absl::optional<Session>();
  ASSIGN_OR_RETURN(Session session, ReadSession(rows[0]));
  return absl::optional<Session>(std::move(session));
}

absl::StatusOr<absl::optional<SessionAndToken>> ReadSessionAndToken(const Rows& rows) {
  if (rows.empty()) return absl::optional<SessionAndToken>();
  ASSIGN_OR_RETURN(Session session, ReadSession(rows[0]));
  return absl::optional<SessionAndToken>(
      SessionAndToken{std::move(session), {RefreshTokenId(rows[0].Id("token_id")), rows[0].Time("token_expire_time")}});
}

}  // namespace

absl::StatusOr<absl::optional<SessionAndToken>> BeginWithPassword(Transaction& transaction, const PasswordLogin& login,
                                                                  const Lifetimes& lifetimes) {
  static constexpr Statement kBegin = {
      "begin_session_with_password",
      "WITH fresh AS MATERIALIZED ("
      "  SELECT uuid_v7() AS session_id, uuid_v7() AS token_id, clock_timestamp() AS now), "
      "principal AS (SELECT id, epoch FROM principals WHERE id = $1 AND disabled_time IS NULL), "
      "password AS ("
      "  UPDATE passwords w SET failures = CASE WHEN $13 THEN w.failures ELSE 0 END,"
      "    locked_until = CASE WHEN $13 THEN w.locked_until ELSE '-infinity' END"
      "    FROM principal WHERE w.principal_id = principal.id AND w.change_time = $2 AND NOT EXISTS ("
      "      SELECT FROM totp_factors t WHERE t.principal_id = $1 AND t.confirm_time IS NOT NULL)"
      "    RETURNING w.principal_id), "
      "seen AS ("
      "  UPDATE users u SET last_login_time = fresh.now FROM password, fresh WHERE u.id = password.principal_id), "
      "s AS ("
      "  INSERT INTO sessions (id, principal_id, epoch, client_id, audience, scopes, amr, auth_time, expire_time,"
      "    password_change_required, ip_address, user_agent, device_name)"
      "  SELECT fresh.session_id, principal.id, principal.epoch, $3, $4, $5, '{pwd}', fresh.now,"
      "    fresh.now + $6::interval, $7, $8, $9, $10"
      "    FROM fresh, principal, password RETURNING *), "
      "token AS ("
      "  INSERT INTO refresh_tokens (id, session_id, hash, expire_time)"
      "  SELECT fresh.token_id, s.id, $11, least(fresh.now + $12::interval, s.expire_time) FROM fresh, s"
      "  RETURNING id, expire_time) "
      "SELECT " SESSION_COLUMNS ", token.id AS token_id, token.expire_time AS token_expire_time FROM s, token"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kBegin, Params()
                                                                    .Add(login.principal_id)
                                                                    .Add(login.password_change_time)
                                                                    .Add(login.client_id)
                                                                    .Add(login.audience)
                                                                    .AddTexts(login.scopes.ToStrings())
                                                                    .Add(lifetimes.session)
                                                                    .Add(login.password_change_required)
                                                                    .Add(login.ip_address)
                                                                    .Add(login.user_agent)
                                                                    .Add(login.device_name)
                                                                    .AddBytes(login.refresh_token_hash)
                                                                    .Add(lifetimes.idle)
                                                                    .Add(login.keep_guesses)));
  return ReadSessionAndToken(rows);
}

absl::StatusOr<absl::optional<SessionAndToken>> BeginWithIdentity(Transaction& transaction, const IdentityLogin& login,
                                                                  const Lifetimes& lifetimes) {
  static constexpr Statement kBegin = {
      "begin_session_with_identity",
      "WITH fresh AS MATERIALIZED ("
      "  SELECT uuid_v7() AS session_id, uuid_v7() AS token_id, clock_timestamp() AS now), "
      "principal AS (SELECT p.id, p.epoch FROM principals p WHERE p.id = $1 AND p.disabled_time IS NULL"
      "  AND ($6 OR NOT EXISTS (SELECT FROM totp_factors t WHERE t.principal_id = $1 AND t.confirm_time IS NOT "
      "NULL))), "
      "seen AS ("
      "  UPDATE users u SET last_login_time = fresh.now FROM principal, fresh WHERE u.id = principal.id), "
      "s AS ("
      "  INSERT INTO sessions (id, principal_id, epoch, client_id, audience, scopes, amr, auth_time, expire_time,"
      "    ip_address, user_agent, device_name)"
      "  SELECT fresh.session_id, principal.id, principal.epoch, $2, $3, $4, $5, least($7::timestamptz, fresh.now),"
      "    fresh.now + $8::interval, $9, $10, $11"
      "    FROM fresh, principal RETURNING *), "
      "token AS ("
      "  INSERT INTO refresh_tokens (id, session_id, hash, expire_time)"
      "  SELECT fresh.token_id, s.id, $12, least(fresh.now + $13::interval, s.expire_time) FROM fresh, s"
      "  RETURNING id, expire_time) "
      "SELECT " SESSION_COLUMNS ", token.id AS token_id, token.expire_time AS token_expire_time FROM s, token"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kBegin, Params()
                                                                    .Add(login.principal_id)
                                                                    .Add(login.client_id)
                                                                    .Add(login.audience)
                                                                    .AddTexts(login.scopes.ToStrings())
                                                                    .AddTexts(login.amr)
                                                                    .Add(login.second_factor)
                                                                    .Add(login.auth_time)
                                                                    .Add(lifetimes.session)
                                                                    .Add(login.ip_address)
                                                                    .Add(login.user_agent)
                                                                    .Add(login.device_name)
                                                                    .AddBytes(login.refresh_token_hash)
                                                                    .Add(lifetimes.idle)));
  return ReadSessionAndToken(rows);
}

absl::StatusOr<absl::optional<SessionAndToken>> BeginWithChallenge(Transaction& transaction,
                                                                   const ChallengeLogin& login,
                                                                   const Lifetimes& lifetimes) {
  static constexpr Statement kBegin = {
      "begin_session_with_challenge",
      "WITH fresh AS MATERIALIZED ("
      "  SELECT uuid_v7() AS session_id, uuid_v7() AS token_id, clock_timestamp() AS now), "
      "challenge AS ("
      "  DELETE FROM mfa_challenges c USING principals p WHERE c.id = $1 AND p.id = c.principal_id"
      "     AND p.disabled_time IS NULL AND p.epoch = c.epoch RETURNING c.*), "
      "seen AS ("
      "  UPDATE users u SET last_login_time = fresh.now FROM challenge, fresh WHERE u.id = challenge.principal_id), "
      "s AS ("
      "  INSERT INTO sessions (id, principal_id, epoch, client_id, audience, scopes, amr, auth_time, expire_time,"
      "    password_change_required, ip_address, user_agent, device_name)"
      "  SELECT fresh.session_id, c.principal_id, c.epoch, c.client_id, c.audience, $7::text[], c.amr || $2::text[],"
      "    fresh.now, fresh.now + $3::interval, c.password_change_required, $4, c.user_agent, c.device_name"
      "    FROM fresh, challenge c RETURNING *), "
      "token AS ("
      "  INSERT INTO refresh_tokens (id, session_id, hash, expire_time)"
      "  SELECT fresh.token_id, s.id, $5, least(fresh.now + $6::interval, s.expire_time) FROM fresh, s"
      "  RETURNING id, expire_time) "
      "SELECT " SESSION_COLUMNS ", token.id AS token_id, token.expire_time AS token_expire_time FROM s, token"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kBegin, Params()
                                                                    .Add(login.challenge_id)
                                                                    .AddTexts(login.amr)
                                                                    .Add(lifetimes.session)
                                                                    .Add(login.ip_address)
                                                                    .AddBytes(login.refresh_token_hash)
                                                                    .Add(lifetimes.idle)
                                                                    .AddTexts(login.scopes.ToStrings())));
  return ReadSessionAndToken(rows);
}

absl::StatusOr<absl::optional<Session>> StepUp(Transaction& transaction, const SessionId& id,
                                               const std::vector<std::string>& amr) {
  static constexpr Statement kStepUp = {
      "step_up_session",
      "UPDATE sessions s SET auth_time = clock_timestamp(),"
      "  amr = ARRAY(SELECT DISTINCT method FROM unnest(s.amr || $2::text[]) AS method ORDER BY method DESC)"
      "  FROM principals p WHERE s.id = $1 AND p.id = s.principal_id AND " SESSION_IS_ALIVE(
          "clock_timestamp()") " RETURNING " SESSION_COLUMNS};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kStepUp, Params().Add(id).AddTexts(amr)));
  return ReadOptionalSession(rows);
}

absl::Status PasswordChanged(Transaction& transaction, const SessionId& id) {
  static constexpr Statement kRecord = {
      "record_password_change",
      "UPDATE sessions SET password_change_required = false WHERE id = $1 AND password_change_required"};
  return transaction.Execute(kRecord, Params().Add(id)).status();
}

absl::StatusOr<absl::optional<Session>> FindAlive(Transaction& transaction, const SessionId& id) {
  static constexpr Statement kFind = {
      "find_alive_session",
      "SELECT " SESSION_COLUMNS
      " FROM sessions s JOIN principals p ON p.id = s.principal_id WHERE s.id = $1 AND " SESSION_IS_ALIVE(
          "clock_timestamp()")};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id)));
  return ReadOptionalSession(rows);
}

namespace {

// A concurrent use waits for the winner's row and then reads `spend_time` again. The session's state is that at the
// start of the statement. If the session ends meanwhile, the child is as invalid as the session.
constexpr Statement kSpend = {
    "spend_refresh_token",
    "WITH fresh AS MATERIALIZED (SELECT uuid_v7() AS child_id, clock_timestamp() AS now), "
    "spent AS ("
    "  UPDATE refresh_tokens t SET spend_time = fresh.now, child_id = fresh.child_id, sealed_child = $3"
    "    FROM fresh, sessions s JOIN principals p ON p.id = s.principal_id"
    "   WHERE t.id = $1 AND t.hash = $2 AND t.spend_time IS NULL AND t.expire_time > fresh.now"
    "     AND s.id = t.session_id AND p.delete_time IS NULL AND " SESSION_IS_ALIVE(
        "fresh.now") "  RETURNING " SESSION_COLUMNS
                     "), "
                     "child AS ("
                     "  INSERT INTO refresh_tokens (id, session_id, hash, expire_time)"
                     "  SELECT fresh.child_id, spent.session_id, $4, least(fresh.now + $5::interval, "
                     "spent.session_expire_time)"
                     "    FROM fresh, spent RETURNING id, expire_time), "
                     "audited AS ("
                     "  INSERT INTO audit_events (id, event_time, event, outcome, actor_id, subject_id, target,"
                     "    ip_address, user_agent, details)"
                     "  SELECT uuid_v7(fresh.now), fresh.now, $6, $7, $8, spent.principal_id, spent.session_id::text,"
                     "    $9, $10, $11 FROM fresh, spent) "
                     "SELECT spent.*, child.id AS token_id, child.expire_time AS token_expire_time, facts.* "
                     "FROM spent, child, LATERAL (SELECT " FACTS_COLUMNS "FROM principals p " JOIN_BINDINGS
                     "WHERE p.id = spent.principal_id GROUP BY p.id) AS facts"};

Params ParamsOf(const Spending& spending, const Lifetimes& lifetimes) {
  return Params()
      .Add(spending.id)
      .AddBytes(spending.hash)
      .AddBytes(spending.sealed_child)
      .AddBytes(spending.child_hash)
      .Add(lifetimes.idle)
      .Add(NameOf(spending.event.type))
      .Add(NameOf(spending.event.outcome))
      .Add(spending.event.actor_id)
      .Add(spending.event.ip_address)
      .Add(spending.event.user_agent)
      .Add(spending.event.details);
}

absl::StatusOr<absl::optional<Spent>> ReadSpent(const Rows& rows) {
  ASSIGN_OR_RETURN(auto found, ReadSessionAndToken(rows));
  if (!found) return absl::optional<Spent>();
  ASSIGN_OR_RETURN(PrincipalFacts principal, principals::ReadFacts(rows[0]));
  return absl::optional<Spent>(Spent{std::move(found->session), found->token, std::move(principal)});
}

}  // namespace

absl::StatusOr<absl::optional<Spent>> Spend(Transaction& transaction, const Spending& spending,
                                            const Lifetimes& lifetimes) {
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kSpend, ParamsOf(spending, lifetimes)));
  return ReadSpent(rows);
}

absl::StatusOr<absl::optional<Spent>> Spend(Database& database, const RequestContext& context, const Spending& spending,
                                            const Lifetimes& lifetimes) {
  ASSIGN_OR_RETURN(const Rows rows, database.Execute(context, kSpend, ParamsOf(spending, lifetimes)));
  return ReadSpent(rows);
}

absl::StatusOr<absl::optional<SpentToken>> FindSpent(Transaction& transaction, const RefreshTokenId& id,
                                                     absl::string_view hash, absl::Duration grace) {
  static constexpr Statement kFind = {
      "find_spent_refresh_token",
      "SELECT " SESSION_COLUMNS ", (" SESSION_IS_ALIVE("clock_timestamp()")
      ") AS alive, t.spend_time IS NOT NULL AS spent, t.sealed_child, "
      "coalesce(t.spend_time > clock_timestamp() - $3::interval AND c.spend_time IS NULL"
      "  AND c.expire_time > clock_timestamp() AND t.sealed_child IS NOT NULL, false) AS child_open, "
      "c.id AS child_id, c.expire_time AS child_expire_time "
      "FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN principals p ON p.id = s.principal_id "
      "LEFT JOIN refresh_tokens c ON c.id = t.child_id WHERE t.id = $1 AND t.hash = $2"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id).AddBytes(hash).Add(grace)));
  if (rows.empty()) return absl::optional<SpentToken>();
  const Rows::Row row = rows[0];
  SpentToken found;
  ASSIGN_OR_RETURN(found.session, ReadSession(row));
  found.alive = row.Bool("alive");
  found.spent = row.Bool("spent");
  found.child_open = row.Bool("child_open");
  if (found.child_open) {
    found.child = {RefreshTokenId(row.Id("child_id")), row.Time("child_expire_time")};
    found.sealed_child = row.Bytes("sealed_child");
  }
  return absl::optional<SpentToken>(std::move(found));
}

absl::StatusOr<absl::optional<SessionAndToken>> FindSpendable(Transaction& transaction, const RefreshTokenId& id,
                                                              absl::string_view hash) {
  static constexpr Statement kFind = {
      "find_spendable_refresh_token",
      "SELECT " SESSION_COLUMNS
      ", t.id AS token_id, t.expire_time AS token_expire_time "
      "FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN principals p ON p.id = s.principal_id "
      "WHERE t.id = $1 AND t.hash = $2 AND t.spend_time IS NULL AND t.expire_time > clock_timestamp() "
      "AND " SESSION_IS_ALIVE("clock_timestamp()")};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id).AddBytes(hash)));
  return ReadSessionAndToken(rows);
}

absl::StatusOr<bool> IsTokenRevoked(Transaction& transaction, const TokenId& token,
                                    const absl::optional<SessionId>& session, absl::string_view kid) {
  // A session that does not exist was cleaned away, long after its end.
  static constexpr Statement kFind = {
      "is_token_revoked",
      "SELECT EXISTS (SELECT FROM revoked_access_tokens WHERE id = $1)"
      "    OR ($2::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM sessions WHERE id = $2 AND revoke_time IS NULL))"
      "    OR NOT EXISTS (SELECT FROM all_signing_keys WHERE kid = $3) AS revoked"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(token).Add(session).Add(kid)));
  return rows[0].Bool("revoked");
}

absl::StatusOr<absl::optional<SessionOwner>> FindOwner(Transaction& transaction, const SessionId& id) {
  static constexpr Statement kFind = {
      "find_session_owner",
      "SELECT principal_id, revoke_time IS NOT NULL OR expire_time <= clock_timestamp() AS ended, "
      "password_change_required FROM sessions WHERE id = $1"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id)));
  if (rows.empty()) return absl::optional<SessionOwner>();
  return absl::optional<SessionOwner>(SessionOwner{PrincipalId(rows[0].Id("principal_id")), rows[0].Bool("ended"),
                                                   rows[0].Bool("password_change_required")});
}

absl::StatusOr<absl::optional<SessionId>> FindByRefreshToken(Transaction& transaction, const RefreshTokenId& id,
                                                             absl::string_view hash) {
  static constexpr Statement kFind = {"find_session_by_refresh_token",
                                      "SELECT session_id FROM refresh_tokens WHERE id = $1 AND hash = $2"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id).AddBytes(hash)));
  if (rows.empty()) return absl::optional<SessionId>();
  return absl::optional<SessionId>(SessionId(rows[0].Id("session_id")));
}

absl::StatusOr<std::vector<ListedSession>> List(Transaction& transaction, const PrincipalId& principal,
                                                const absl::optional<SessionId>& before, int64_t limit) {
  static constexpr Statement kList = {
      "list_sessions", "SELECT " SESSION_COLUMNS
                       ", s.ip_address, s.user_agent, s.device_name "
                       "FROM sessions s JOIN principals p ON p.id = s.principal_id "
                       "WHERE s.principal_id = $1 AND ($2::uuid IS NULL OR s.id < $2) AND " SESSION_IS_ALIVE(
                           "clock_timestamp()") " ORDER BY s.id DESC LIMIT $3"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kList, Params().Add(principal).Add(before).Add(limit)));
  std::vector<ListedSession> listed;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Rows::Row row = rows[i];
    ASSIGN_OR_RETURN(Session session, ReadSession(row));
    const absl::Time create_time = TimeOf(session.id.uuid());
    listed.push_back(
        {std::move(session), create_time, row.Text("ip_address"), row.Text("user_agent"), row.Text("device_name")});
  }
  return listed;
}

absl::StatusOr<bool> Revoke(Transaction& transaction, const SessionId& id) {
  static constexpr Statement kRevoke = {
      "revoke_session", "UPDATE sessions SET revoke_time = clock_timestamp() WHERE id = $1 AND revoke_time IS NULL"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kRevoke, Params().Add(id)));
  return rows.affected() > 0;
}

absl::StatusOr<bool> RevokeAccessToken(Transaction& transaction, const TokenId& token, absl::Time expire_time) {
  static constexpr Statement kRevoke = {
      "revoke_access_token",
      "INSERT INTO revoked_access_tokens (id, expire_time) VALUES ($1, $2) ON CONFLICT DO NOTHING"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kRevoke, Params().Add(token).Add(expire_time)));
  return rows.affected() > 0;
}

absl::StatusOr<std::vector<RevokedSession>> RevokedSince(Transaction& transaction, absl::Duration lifetime) {
  // now(), which is constant: with clock_timestamp() PostgreSQL would not use the index.
  static constexpr Statement kFind = {"revoked_sessions_since",
                                      "SELECT id, revoke_time FROM sessions WHERE revoke_time > now() - $1::interval"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(lifetime)));
  std::vector<RevokedSession> revoked;
  revoked.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    revoked.push_back({SessionId(rows[i].Id("id")), rows[i].Time("revoke_time")});
  }
  return revoked;
}

absl::StatusOr<std::vector<RevokedAccessToken>> RevokedAccessTokens(Transaction& transaction) {
  static constexpr Statement kFind = {
      "all_revoked_access_tokens",
      "SELECT id, expire_time FROM revoked_access_tokens WHERE expire_time > now() - interval '1 hour'"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind));
  std::vector<RevokedAccessToken> revoked;
  revoked.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    revoked.push_back({TokenId(rows[i].Id("id")), rows[i].Time("expire_time")});
  }
  return revoked;
}

absl::StatusOr<int64_t> Clean(Transaction& transaction, absl::Duration grace, int64_t limit) {
  static constexpr Statement kUnseal = {
      "clean_sealed_children",
      "UPDATE refresh_tokens SET sealed_child = NULL WHERE id IN (SELECT id FROM refresh_tokens "
      "WHERE sealed_child IS NOT NULL AND spend_time < clock_timestamp() - $1::interval LIMIT $2 "
      "FOR UPDATE SKIP LOCKED)"};
  static constexpr Statement kSessions = {
      "clean_sessions",
      "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions "
      "WHERE expire_time < clock_timestamp() - interval '1 day' LIMIT $1 FOR UPDATE SKIP LOCKED)"};
  static constexpr Statement kTokens = {
      "clean_revoked_access_tokens",
      "DELETE FROM revoked_access_tokens WHERE id IN (SELECT id FROM revoked_access_tokens "
      "WHERE expire_time < clock_timestamp() - interval '1 hour' LIMIT $1)"};
  ASSIGN_OR_RETURN(const Rows unsealed, transaction.Execute(kUnseal, Params().Add(grace).Add(limit)));
  ASSIGN_OR_RETURN(const Rows sessions, transaction.Execute(kSessions, Params().Add(limit)));
  ASSIGN_OR_RETURN(const Rows tokens, transaction.Execute(kTokens, Params().Add(limit)));
  return unsealed.affected() + sessions.affected() + tokens.affected();
}

}  // namespace identity::sessions
