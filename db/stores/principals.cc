#include "db/stores/principals.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "db/stores/principal_facts_rows.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity::principals {
namespace {

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

absl::StatusOr<PrincipalFacts> ReadFacts(const Rows::Row& row) {
  const PrincipalType type = ParsePrincipalType(row.Text("type")).value_or(PrincipalType::kAnonymous);
  const PrincipalFacts::Fields fields = {PrincipalId(row.Id("id")), type, row.Text("username"), row.Bool("disabled"),
                                         row.Int("epoch")};
  const std::string lines = row.Text("bindings");
  std::vector<Binding> bindings;
  for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    ASSIGN_OR_RETURN(Binding binding, ReadBinding(line));
    bindings.push_back(std::move(binding));
  }
  return PrincipalFacts(fields, bindings);
}

absl::StatusOr<absl::optional<PrincipalFacts>> FindFacts(Transaction& transaction, const PrincipalId& id) {
  // For an array of unknown length, PostgreSQL would plan this anew for each execution, in ten times the time.
  static constexpr Statement kFind = {"find_facts_of_one", "SELECT " FACTS_COLUMNS "FROM principals p " JOIN_BINDINGS
                                                           "WHERE p.id = $1 AND p.delete_time IS NULL GROUP BY p.id"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id)));
  if (rows.empty()) return absl::optional<PrincipalFacts>();
  ASSIGN_OR_RETURN(PrincipalFacts facts, ReadFacts(rows[0]));
  return absl::optional<PrincipalFacts>(std::move(facts));
}

absl::StatusOr<std::vector<PrincipalFacts>> FindFacts(Transaction& transaction, const std::vector<PrincipalId>& ids) {
  if (ids.empty()) return std::vector<PrincipalFacts>();
  static constexpr Statement kFind = {"find_facts",
                                      "SELECT " FACTS_COLUMNS "FROM principals p " JOIN_BINDINGS
                                      "WHERE p.id = ANY ($1::uuid[]) AND p.delete_time IS NULL GROUP BY p.id"};
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

absl::StatusOr<std::vector<NamedPrincipal>> FindByNames(Transaction& transaction,
                                                        const std::vector<std::string>& names) {
  static constexpr Statement kFind = {
      "find_by_names",
      "SELECT id, type, username FROM principals WHERE type IN ('user', 'service_account')"
      " AND username = ANY ($1::text[]) AND delete_time IS NULL"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().AddTexts(names)));
  std::vector<NamedPrincipal> found;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto type = ParsePrincipalType(rows[i].Text("type"));
    if (type) found.push_back({*type, rows[i].Text("username"), PrincipalId(rows[i].Id("id"))});
  }
  return found;
}

absl::StatusOr<std::vector<PrincipalFacts>> FindLikely(Transaction& transaction, int64_t limit) {
  // A cursor, so that the rows are in memory only a few at a time.
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
  std::vector<PrincipalFacts> likely;
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFetch));
    if (rows.empty()) break;
    for (size_t i = 0; i < rows.size(); ++i) {
      ASSIGN_OR_RETURN(PrincipalFacts facts, ReadFacts(rows[i]));
      likely.push_back(std::move(facts));
    }
  }
  RETURN_IF_ERROR(transaction.Execute(kClose).status());
  return likely;
}

absl::StatusOr<PrincipalId> InsertUser(Transaction& transaction, const NewUser& user) {
  static constexpr Statement kInsert = {
      "insert_user",
      "WITH p AS (INSERT INTO principals (type, username) VALUES ('user', $1) ON CONFLICT DO NOTHING RETURNING id), "
      "u AS (INSERT INTO users (id, email, email_folded, full_name) SELECT id, $2, $3, $4 FROM p "
      "ON CONFLICT (email_folded) DO NOTHING RETURNING id) "
      "SELECT id, EXISTS (SELECT FROM u) AS complete FROM p"};
  const auto params = Params().Add(user.username).Add(user.email).Add(user.email_folded).Add(user.full_name);
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kInsert, params));
  if (rows.empty()) return Error(ErrorReason::kAlreadyExists, "username: is taken");
  if (!rows[0].Bool("complete")) return Error(ErrorReason::kAlreadyExists, "email: is taken");
  return PrincipalId(rows[0].Id("id"));
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

absl::StatusOr<ServiceAccount> InsertServiceAccount(Transaction& transaction, const std::string& name,
                                                    const std::string& description) {
  static constexpr Statement kInsert = {
      "insert_service_account",
      "WITH p AS (INSERT INTO principals (type, username) VALUES ('service_account', $1) ON CONFLICT DO NOTHING "
      "RETURNING id, create_time), s AS (INSERT INTO service_accounts (id, description) SELECT id, $2 FROM p) "
      "SELECT id, create_time FROM p"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kInsert, Params().Add(name).Add(description)));
  if (rows.empty()) return Error(ErrorReason::kAlreadyExists, "name: is taken");
  return ServiceAccount{PrincipalId(rows[0].Id("id")), name, description, /*disabled=*/false,
                        rows[0].Time("create_time")};
}

absl::Status SetDescription(Transaction& transaction, const PrincipalId& id, absl::string_view description) {
  static constexpr Statement kSet = {"set_service_account_description",
                                     "UPDATE service_accounts SET description = $2 WHERE id = $1"};
  return transaction.Execute(kSet, Params().Add(id).Add(description)).status();
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

// Deletes what the holder of a session may have started, and executes `devices`.
#define DELETE_PENDING(devices)                                          \
  "WITH tokens AS (DELETE FROM mailed_tokens WHERE principal_id = $1), " \
  "challenges AS (DELETE FROM mfa_challenges WHERE principal_id = $1), " \
  "devices AS (" devices                                                 \
  " WHERE principal_id = $1), "                                          \
  "pending AS (UPDATE users SET pending_email = NULL WHERE id = $1 AND pending_email IS NOT NULL) "
#define END_DEVICES "DELETE FROM trusted_devices"
// Those of the present epoch count in the next one, too.
#define KEEP_DEVICES "UPDATE trusted_devices SET epoch = epoch + 1"

absl::Status Disable(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kDisable = {
      "disable_principal",
      DELETE_PENDING(END_DEVICES) "UPDATE principals SET disabled_time = clock_timestamp() WHERE id = $1 AND disabled_time IS NULL"};
  RETURN_IF_ERROR(LockForChange(transaction, id));
  return transaction.Execute(kDisable, Params().Add(id)).status();
}

absl::Status Enable(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kEnable = {
      "enable_principal",
      "UPDATE principals SET disabled_time = NULL, epoch = epoch + 1 WHERE id = $1 AND disabled_time IS NOT NULL"};
  return transaction.Execute(kEnable, Params().Add(id)).status();
}

absl::Status RaiseEpoch(Transaction& transaction, const PrincipalId& id, Devices devices) {
  static constexpr Statement kRaise = {
      "raise_epoch", DELETE_PENDING(END_DEVICES) "UPDATE principals SET epoch = epoch + 1 WHERE id = $1"};
  static constexpr Statement kRaiseWithDevices = {
      "raise_epoch_with_devices", DELETE_PENDING(KEEP_DEVICES) "UPDATE principals SET epoch = epoch + 1 WHERE id = $1"};
  RETURN_IF_ERROR(LockForChange(transaction, id));
  return transaction.Execute(devices == Devices::kEnd ? kRaise : kRaiseWithDevices, Params().Add(id)).status();
}

absl::StatusOr<bool> Erase(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kErase = {"erase_principal", "SELECT erase_principal($1) AS erased"};
  RETURN_IF_ERROR(LockForChange(transaction, id));
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kErase, Params().Add(id)));
  return rows[0].Bool("erased");
}

absl::StatusOr<int64_t> CleanDeleted(Transaction& transaction, int64_t limit) {
  static constexpr Statement kClean = {"clean_deleted_principals", "SELECT clean_deleted_principals($1) AS deleted"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kClean, Params().Add(limit)));
  return rows[0].Int("deleted");
}

absl::StatusOr<bool> HasOtherSuperAdmin(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kHas = {
      "has_other_super_admin",
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
