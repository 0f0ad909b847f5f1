#include "db/stores/principals.h"

#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity::principals {
namespace {

PrincipalType ParseType(absl::string_view type) {
  if (type == "user") return PrincipalType::kUser;
  if (type == "service_account") return PrincipalType::kServiceAccount;
  return PrincipalType::kAnonymous;
}

absl::StatusOr<PrincipalId> InsertPrincipal(Transaction& transaction, absl::string_view type,
                                            absl::string_view username, absl::string_view field) {
  static constexpr Statement kInsert = {
      "insert_principal",
      "INSERT INTO principals (type, username) VALUES ($1, $2) ON CONFLICT (type, username) DO NOTHING RETURNING id"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kInsert, Params().Add(type).Add(username)));
  if (rows.empty()) return Error(ErrorReason::kAlreadyExists, absl::StrCat(field, ": is taken"));
  return PrincipalId(rows[0].Id("id"));
}

// The facts of `principals p`, one row each, however many bindings. A binding is one line of id, role, resource and end
// (microseconds since 1970; nothing when it has no end), parted by spaces, which none of them can hold.
#define FACTS_COLUMNS                                                                                      \
  "p.id, p.type, p.username, p.disabled_time IS NOT NULL AS disabled, p.epoch, "                           \
  "string_agg(concat_ws(' ', b.id, b.role, b.resource, CASE WHEN b.expire_time = 'infinity' THEN '' ELSE " \
  "(extract(epoch FROM b.expire_time) * 1000000)::bigint::text END), E'\\n') AS bindings "
#define JOIN_BINDINGS "LEFT JOIN bindings b ON b.principal_id = p.id AND b.expire_time > now() "

absl::Status CannotRead() { return Error(ErrorReason::kInternal, "a stored binding cannot be read"); }

absl::StatusOr<Binding> ReadBinding(absl::string_view line) {
  const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
  if (parts.size() != 4) return CannotRead();
  const auto id = BindingId::Parse(parts[0]);
  int64_t end = 0;
  if (!id || (!parts[3].empty() && !absl::SimpleAtoi(parts[3], &end))) return CannotRead();
  ASSIGN_OR_RETURN(Resource resource, Resource::Parse(parts[2]));
  return Binding{*id, std::string(parts[1]), std::move(resource),
                 parts[3].empty() ? absl::InfiniteFuture() : absl::FromUnixMicros(end)};
}

absl::StatusOr<PrincipalFacts> ReadFacts(const Rows::Row& row) {
  const PrincipalFacts::Fields fields = {PrincipalId(row.Id("id")), ParseType(row.Text("type")), row.Text("username"),
                                         row.Bool("disabled"), row.Int("epoch")};
  const std::string lines = row.Text("bindings");
  std::vector<Binding> bindings;
  for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    ASSIGN_OR_RETURN(Binding binding, ReadBinding(line));
    bindings.push_back(std::move(binding));
  }
  return PrincipalFacts(fields, bindings);
}

#define USER_COLUMNS                                                                                             \
  "p.id, p.username, u.email, u.email_verify_time IS NOT NULL AS email_verified, u.full_name, "                  \
  "p.disabled_time IS NOT NULL AS disabled, p.create_time, u.last_login_time, "                                  \
  "EXISTS (SELECT FROM totp_factors t WHERE t.principal_id = p.id AND t.confirm_time IS NOT NULL) "              \
  "AS mfa_enabled, "                                                                                             \
  "(SELECT w.locked_until FROM passwords w WHERE w.principal_id = p.id AND w.locked_until > clock_timestamp()) " \
  "AS locked_until FROM principals p JOIN users u USING (id)"

User ReadUser(const Rows::Row& row) {
  User user;
  user.id = PrincipalId(row.Id("id"));
  user.username = row.Text("username");
  user.email = row.Text("email");
  user.email_verified = row.Bool("email_verified");
  user.full_name = row.Text("full_name");
  user.disabled = row.Bool("disabled");
  user.create_time = row.Time("create_time");
  user.last_login_time = row.OptionalTime("last_login_time");
  user.mfa_enabled = row.Bool("mfa_enabled");
  user.locked_until = row.OptionalTime("locked_until");
  return user;
}

// The pattern of LIKE for texts that begin with `prefix`.
std::string LikePrefix(absl::string_view prefix) {
  return absl::StrCat(absl::StrReplaceAll(prefix, {{"\\", "\\\\"}, {"%", "\\%"}, {"_", "\\_"}}), "%");
}

}  // namespace

absl::StatusOr<absl::optional<PrincipalFacts>> FindFacts(Transaction& transaction, const PrincipalId& id) {
  ASSIGN_OR_RETURN(std::vector<PrincipalFacts> found, FindFacts(transaction, std::vector<PrincipalId>{id}));
  if (found.empty()) return absl::optional<PrincipalFacts>();
  return absl::optional<PrincipalFacts>(std::move(found[0]));
}

absl::StatusOr<std::vector<PrincipalFacts>> FindFacts(Transaction& transaction, const std::vector<PrincipalId>& ids) {
  if (ids.empty()) return std::vector<PrincipalFacts>();
  static constexpr Statement kFind = {"find_facts", "SELECT " FACTS_COLUMNS "FROM principals p " JOIN_BINDINGS
                                                    "WHERE p.id = ANY ($1::uuid[]) GROUP BY p.id"};
  std::vector<std::string> texts;
  for (const PrincipalId& id : ids) texts.push_back(id.ToString());
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().AddTexts(texts)));
  std::vector<PrincipalFacts> found;
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSIGN_OR_RETURN(PrincipalFacts facts, ReadFacts(rows[i]));
    found.push_back(std::move(facts));
  }
  return found;
}

absl::Status ForEachLikely(Transaction& transaction, int64_t limit, absl::FunctionRef<void(PrincipalFacts)> take) {
  static constexpr Statement kDeclare = {
      "declare_likely_principals",
      "DECLARE likely_principals NO SCROLL CURSOR FOR WITH likely AS ("
      "  (SELECT owner_id AS id FROM api_keys WHERE revoke_time IS NULL AND expire_time > now()"
      "    ORDER BY api_keys.id DESC LIMIT $1)"
      "  UNION"
      "  SELECT principal_id FROM (SELECT principal_id FROM sessions WHERE revoke_time IS NULL"
      "    ORDER BY sessions.id DESC LIMIT $1) AS newest"
      "  LIMIT $1) "
      "SELECT " FACTS_COLUMNS "FROM likely JOIN principals p USING (id) " JOIN_BINDINGS "GROUP BY p.id"};
  static constexpr Statement kFetch = {"fetch_likely_principals", "FETCH 4000 FROM likely_principals"};
  static constexpr Statement kClose = {"close_likely_principals", "CLOSE likely_principals"};
  RETURN_IF_ERROR(transaction.Execute(kDeclare, Params().Add(limit)).status());
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFetch));
    if (rows.empty()) return transaction.Execute(kClose).status();
    for (size_t i = 0; i < rows.size(); ++i) {
      ASSIGN_OR_RETURN(PrincipalFacts facts, ReadFacts(rows[i]));
      take(std::move(facts));
    }
  }
}

absl::StatusOr<PrincipalId> InsertUser(Transaction& transaction, const NewUser& user) {
  static constexpr Statement kInsert = {"insert_user",
                                        "INSERT INTO users (id, email, email_folded, full_name) "
                                        "VALUES ($1, $2, $3, $4) ON CONFLICT (email_folded) DO NOTHING RETURNING id"};
  ASSIGN_OR_RETURN(const PrincipalId id, InsertPrincipal(transaction, "user", user.username, "username"));
  ASSIGN_OR_RETURN(
      const Rows rows,
      transaction.Execute(kInsert, Params().Add(id).Add(user.email).Add(user.email_folded).Add(user.full_name)));
  if (rows.empty()) return Error(ErrorReason::kAlreadyExists, "email: is taken");
  return id;
}

absl::StatusOr<absl::optional<User>> FindUser(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kFind = {"find_user", "SELECT " USER_COLUMNS " WHERE p.id = $1"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id)));
  if (rows.empty()) return absl::optional<User>();
  return absl::optional<User>(ReadUser(rows[0]));
}

absl::StatusOr<std::vector<User>> ListUsers(Transaction& transaction, const PrincipalId& after,
                                            absl::string_view prefix, int64_t limit) {
  static constexpr Statement kList = {"list_users",
                                      "SELECT " USER_COLUMNS
                                      " WHERE p.id > $1 AND (p.username LIKE $2 OR u.email_folded LIKE $2) "
                                      "ORDER BY p.id LIMIT $3"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kList, Params().Add(after).Add(LikePrefix(prefix)).Add(limit)));
  std::vector<User> users;
  for (size_t i = 0; i < rows.size(); ++i) users.push_back(ReadUser(rows[i]));
  return users;
}

absl::StatusOr<PrincipalId> InsertServiceAccount(Transaction& transaction, absl::string_view name,
                                                 absl::string_view description) {
  static constexpr Statement kInsert = {"insert_service_account",
                                        "INSERT INTO service_accounts (id, description) VALUES ($1, $2)"};
  ASSIGN_OR_RETURN(const PrincipalId id, InsertPrincipal(transaction, "service_account", name, "name"));
  RETURN_IF_ERROR(transaction.Execute(kInsert, Params().Add(id).Add(description)).status());
  return id;
}

absl::StatusOr<absl::optional<ServiceAccount>> FindServiceAccount(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kFind = {
      "find_service_account",
      "SELECT p.username, s.description, p.disabled_time IS NOT NULL AS disabled, p.create_time "
      "FROM principals p JOIN service_accounts s USING (id) WHERE p.id = $1"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id)));
  if (rows.empty()) return absl::optional<ServiceAccount>();
  const Rows::Row row = rows[0];
  return absl::optional<ServiceAccount>(
      ServiceAccount{id, row.Text("username"), row.Text("description"), row.Bool("disabled"), row.Time("create_time")});
}

absl::Status LockState(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kLock = {"lock_principal_state", "SELECT FROM principals WHERE id = $1 FOR SHARE"};
  return transaction.Execute(kLock, Params().Add(id)).status();
}

absl::Status LockForChange(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kLock = {"lock_principal_for_change",
                                      "SELECT FROM principals WHERE id = $1 FOR NO KEY UPDATE"};
  return transaction.Execute(kLock, Params().Add(id)).status();
}

// What somebody who holds a session may have set going.
#define FORGET_WHAT_IS_ON_ITS_WAY                                        \
  "WITH tokens AS (DELETE FROM mailed_tokens WHERE principal_id = $1), " \
  "challenges AS (DELETE FROM mfa_challenges WHERE principal_id = $1), " \
  "pending AS (UPDATE users SET pending_email = NULL WHERE id = $1 AND pending_email IS NOT NULL) "

absl::Status Disable(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kDisable = {
      "disable_principal", FORGET_WHAT_IS_ON_ITS_WAY
      "UPDATE principals SET disabled_time = clock_timestamp() WHERE id = $1 AND disabled_time IS NULL"};
  RETURN_IF_ERROR(LockForChange(transaction, id));
  return transaction.Execute(kDisable, Params().Add(id)).status();
}

absl::Status Enable(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kEnable = {
      "enable_principal",
      "UPDATE principals SET disabled_time = NULL, epoch = epoch + 1 WHERE id = $1 AND disabled_time IS NOT NULL"};
  return transaction.Execute(kEnable, Params().Add(id)).status();
}

absl::Status RaiseEpoch(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kRaise = {
      "raise_epoch", FORGET_WHAT_IS_ON_ITS_WAY "UPDATE principals SET epoch = epoch + 1 WHERE id = $1"};
  RETURN_IF_ERROR(LockForChange(transaction, id));
  return transaction.Execute(kRaise, Params().Add(id)).status();
}

absl::Status InsertPassword(Transaction& transaction, const PrincipalId& id, const PasswordHash& hash, bool one_time) {
  static constexpr Statement kInsert = {"insert_password",
                                        "INSERT INTO passwords (principal_id, hash, one_time) VALUES ($1, $2, $3)"};
  return transaction.Execute(kInsert, Params().Add(id).Add(hash.text()).Add(one_time)).status();
}

absl::StatusOr<absl::optional<std::string>> FindPasswordHash(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kFind = {"find_password_hash", "SELECT hash FROM passwords WHERE principal_id = $1"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id)));
  if (rows.empty()) return absl::optional<std::string>();
  return absl::optional<std::string>(rows[0].Text("hash"));
}

absl::Status Rehash(Transaction& transaction, const PrincipalId& id, const PasswordHash& old_hash,
                    const PasswordHash& new_hash) {
  static constexpr Statement kRehash = {"rehash_password",
                                        "UPDATE passwords SET hash = $3 WHERE principal_id = $1 AND hash = $2"};
  return transaction.Execute(kRehash, Params().Add(id).Add(old_hash.text()).Add(new_hash.text())).status();
}

namespace {

// A concurrent guess makes this UPDATE wait and then look at the row again, so no two take the same place. `where` says
// which account it is, by $1 and $2.
#define RESERVE_GUESS(where)                                                                                   \
  "WITH account AS ("                                                                                          \
  "  SELECT p.id, u.email_verify_time IS NOT NULL AS verified FROM principals p JOIN users u USING (id)"       \
  "   WHERE " where                                                                                            \
  "     AND p.disabled_time IS NULL), "                                                                        \
  "reserved AS ("                                                                                              \
  "  UPDATE passwords w SET failures = failures + 1,"                                                          \
  "    locked_until = CASE WHEN w.failures + 1 < $3 THEN w.locked_until ELSE clock_timestamp() + least("       \
  "      $5::interval, $4::interval * power(2, least(w.failures + 1 - $3, 30))) END"                           \
  "   FROM account WHERE w.principal_id = account.id AND w.locked_until <= clock_timestamp()"                  \
  "   RETURNING w.principal_id, w.hash, w.change_time, w.one_time, account.verified), "                        \
  "decoy AS ("                                                                                                 \
  "  UPDATE decoy_guesses SET guesses = guesses + 1 WHERE bucket = $6 AND NOT EXISTS (SELECT FROM reserved)) " \
  "SELECT principal_id, hash, change_time, one_time, verified, EXISTS (SELECT FROM totp_factors t"             \
  "  WHERE t.principal_id = reserved.principal_id AND t.confirm_time IS NOT NULL) AS mfa FROM reserved"

absl::optional<Guess> ReadGuess(const Rows& rows) {
  if (rows.empty()) return absl::nullopt;
  const Rows::Row row = rows[0];
  return Guess{PrincipalId(row.Id("principal_id")),
               row.Text("hash"),
               row.Time("change_time"),
               row.Bool("one_time"),
               row.Bool("mfa"),
               row.Bool("verified")};
}

}  // namespace

absl::StatusOr<absl::optional<Guess>> ReserveGuess(Transaction& transaction, const LoginName& login,
                                                   const Lockout& lockout) {
  static constexpr Statement kReserve = {"reserve_guess",
                                         RESERVE_GUESS("(($1 = 'username' AND p.type = 'user' AND p.username = $2) "
                                                       "OR ($1 = 'email' AND u.email_folded = $2))")};
  const absl::string_view kind = login.kind == LoginName::Kind::kUsername ? "username"
                                 : login.kind == LoginName::Kind::kEmail  ? "email"
                                                                          : "none";
  const auto bucket = static_cast<int64_t>(absl::HashOf(login.folded) % 256);
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kReserve, Params()
                                                                      .Add(kind)
                                                                      .Add(login.folded)
                                                                      .Add(lockout.free_guesses)
                                                                      .Add(lockout.first_lock)
                                                                      .Add(lockout.longest_lock)
                                                                      .Add(bucket)));
  return ReadGuess(rows);
}

absl::StatusOr<absl::optional<Guess>> ReserveGuess(Transaction& transaction, const PrincipalId& id,
                                                   const Lockout& lockout) {
  static constexpr Statement kReserve = {"reserve_guess_by_id", RESERVE_GUESS("$1 = 'id' AND p.id = $2::uuid")};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kReserve, Params()
                                                                      .Add("id")
                                                                      .Add(id)
                                                                      .Add(lockout.free_guesses)
                                                                      .Add(lockout.first_lock)
                                                                      .Add(lockout.longest_lock)
                                                                      .Add(int64_t{0})));
  return ReadGuess(rows);
}

absl::Status ForgetGuesses(Transaction& transaction, const PrincipalId& id, absl::Time verified_change_time) {
  static constexpr Statement kForget = {
      "forget_guesses",
      "UPDATE passwords SET failures = 0, locked_until = '-infinity' WHERE principal_id = $1 AND change_time = $2"};
  return transaction.Execute(kForget, Params().Add(id).Add(verified_change_time)).status();
}

absl::StatusOr<bool> HasSuperAdminBeside(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kHas = {
      "has_super_admin_beside",
      "SELECT EXISTS (SELECT FROM bindings b JOIN principals p ON p.id = b.principal_id WHERE b.role = 'super_admin' "
      "AND b.resource = '' AND b.expire_time = 'infinity' AND p.disabled_time IS NULL AND p.id <> $1) AS has"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kHas, Params().Add(id)));
  return rows[0].Bool("has");
}

absl::StatusOr<bool> HasSuperAdmin(Transaction& transaction) {
  static constexpr Statement kHas = {"has_super_admin",
                                     "SELECT EXISTS (SELECT FROM bindings WHERE role = 'super_admin' AND resource = '' "
                                     "AND expire_time > clock_timestamp()) AS has"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kHas));
  return rows[0].Bool("has");
}

absl::StatusOr<std::vector<ServiceAccount>> ListServiceAccounts(Transaction& transaction, const PrincipalId& after,
                                                                int64_t limit) {
  static constexpr Statement kList = {
      "list_service_accounts",
      "SELECT p.id, p.username, s.description, p.disabled_time IS NOT NULL AS disabled, p.create_time "
      "FROM service_accounts s JOIN principals p USING (id) WHERE s.id > $1 ORDER BY s.id LIMIT $2"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kList, Params().Add(after).Add(limit)));
  std::vector<ServiceAccount> accounts;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Rows::Row row = rows[i];
    accounts.push_back({PrincipalId(row.Id("id")), row.Text("username"), row.Text("description"), row.Bool("disabled"),
                        row.Time("create_time")});
  }
  return accounts;
}

}  // namespace identity::principals
