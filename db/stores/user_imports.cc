#include "db/stores/user_imports.h"

#include <utility>

#include "absl/time/time.h"
#include "db/stores/audit.h"
#include "server/base/status_macros.h"

namespace identity::user_imports {
namespace {

using Texts = std::vector<std::string>;

std::string Text(bool value) { return value ? "t" : "f"; }

// `time` as the text that Params makes of it, because an array parameter holds only texts.
std::string Text(absl::Time time) { return *Params().Add(time).values()[0]; }

absl::StatusOr<std::vector<PrincipalId>> InsertPrincipals(Transaction& transaction,
                                                          const std::vector<UserRecord>& users) {
  static constexpr Statement kInsert = {
      "import_principals",
      "INSERT INTO principals (type, username, disabled_time) "
      "SELECT 'user', username, CASE WHEN disabled THEN clock_timestamp() END "
      "FROM unnest($1::text[], $2::bool[]) AS given (username, disabled) RETURNING id, username"};
  Texts usernames;
  Texts disabled;
  for (const UserRecord& user : users) {
    usernames.push_back(user.username);
    disabled.push_back(Text(user.disabled));
  }
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kInsert, Params().AddTexts(usernames).AddTexts(disabled)));
  absl::flat_hash_map<std::string, PrincipalId> by_name;
  for (size_t i = 0; i < rows.size(); ++i) by_name[rows[i].Text("username")] = PrincipalId(rows[i].Id("id"));
  std::vector<PrincipalId> ids;
  for (const std::string& username : usernames) ids.push_back(by_name[username]);
  return ids;
}

absl::Status InsertUsers(Transaction& transaction, const std::vector<UserRecord>& users, const Texts& ids) {
  static constexpr Statement kInsert = {
      "import_users",
      "INSERT INTO users (id, email, email_folded, email_verify_time, full_name) "
      "SELECT id, email, email_folded, CASE WHEN verified THEN clock_timestamp() END, full_name "
      "FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bool[], $5::text[]) "
      "AS given (id, email, email_folded, verified, full_name)"};
  Texts emails;
  Texts folded;
  Texts verified;
  Texts full_names;
  for (const UserRecord& user : users) {
    emails.push_back(user.email);
    folded.push_back(user.email_folded);
    verified.push_back(Text(user.email_verified));
    full_names.push_back(user.full_name);
  }
  return transaction
      .Execute(kInsert,
               Params().AddTexts(ids).AddTexts(emails).AddTexts(folded).AddTexts(verified).AddTexts(full_names))
      .status();
}

absl::Status InsertPasswords(Transaction& transaction, const std::vector<UserRecord>& users, const Texts& ids) {
  static constexpr Statement kInsert = {"import_passwords",
                                        "INSERT INTO passwords (principal_id, hash) "
                                        "SELECT id, hash FROM unnest($1::uuid[], $2::text[]) AS given (id, hash)"};
  Texts owners;
  Texts hashes;
  for (size_t i = 0; i < users.size(); ++i) {
    if (!users[i].password_hash) continue;
    owners.push_back(ids[i]);
    hashes.push_back(users[i].password_hash->text());
  }
  if (owners.empty()) return absl::OkStatus();
  return transaction.Execute(kInsert, Params().AddTexts(owners).AddTexts(hashes)).status();
}

absl::Status InsertBindings(Transaction& transaction, const std::vector<UserRecord>& users, const Texts& ids) {
  static constexpr Statement kInsert = {
      "import_bindings",
      "INSERT INTO bindings (principal_id, role, resource, expire_time) "
      "SELECT id, role, resource, expire_time FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) "
      "AS given (id, role, resource, expire_time)"};
  Texts owners;
  Texts roles;
  Texts resources;
  Texts expire_times;
  for (size_t i = 0; i < users.size(); ++i) {
    for (const UserRecord::Role& role : users[i].roles) {
      owners.push_back(ids[i]);
      roles.push_back(role.name);
      resources.push_back(role.resource.text());
      expire_times.push_back(Text(role.expire_time));
    }
  }
  if (owners.empty()) return absl::OkStatus();
  return transaction
      .Execute(kInsert, Params().AddTexts(owners).AddTexts(roles).AddTexts(resources).AddTexts(expire_times))
      .status();
}

absl::Status AppendAudit(Transaction& transaction, const Texts& ids) {
  static constexpr Statement kAppend = {
      "import_audit",
      "INSERT INTO audit_events (id, event_time, event, outcome, subject_id, target, details) "
      "SELECT uuid_v7(now), now, $2, 'success', id, id::text, 'bulk import' "
      "FROM (SELECT clock_timestamp() AS now) AS clock, unnest($1::uuid[]) AS given (id)"};
  const absl::string_view event = audit::NameOf(audit::EventType::kUserImported);
  return transaction.Execute(kAppend, Params().AddTexts(ids).Add(event)).status();
}

}  // namespace

absl::StatusOr<absl::optional<Standing>> FindStanding(Transaction& transaction, absl::string_view fingerprint) {
  static constexpr Statement kFind = {
      "find_user_import", "SELECT lines, bytes, imported, refused FROM user_imports WHERE fingerprint = $1"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().AddBytes(fingerprint)));
  if (rows.empty()) return absl::optional<Standing>();
  return absl::optional<Standing>(
      Standing{rows[0].Int("lines"), rows[0].Int("bytes"), rows[0].Int("imported"), rows[0].Int("refused")});
}

absl::StatusOr<bool> Advance(Transaction& transaction, absl::string_view fingerprint, const Standing& from,
                             const Standing& to) {
  static constexpr Statement kInsert = {"start_user_import",
                                        "INSERT INTO user_imports (fingerprint, lines, bytes, imported, refused) "
                                        "VALUES ($1, 0, 0, 0, 0) ON CONFLICT DO NOTHING"};
  static constexpr Statement kAdvance = {
      "advance_user_import",
      "UPDATE user_imports SET lines = $4, bytes = $5, imported = $6, refused = $7, update_time = clock_timestamp() "
      "WHERE fingerprint = $1 AND lines = $2 AND bytes = $3"};
  if (from.bytes == 0) {
    RETURN_IF_ERROR(transaction.Execute(kInsert, Params().AddBytes(fingerprint)).status());
  }
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kAdvance, Params()
                                                                      .AddBytes(fingerprint)
                                                                      .Add(from.lines)
                                                                      .Add(from.bytes)
                                                                      .Add(to.lines)
                                                                      .Add(to.bytes)
                                                                      .Add(to.imported)
                                                                      .Add(to.refused)));
  return rows.affected() == 1;
}

absl::StatusOr<KnownNames> FindNames(Transaction& transaction, const Names& names) {
  // One subquery per name, which only an index look-up can answer. For all names in one join, the planner would scan
  // the whole table when its statistics say that the table is small.
  static constexpr Statement kFind = {
      "find_imported_names",
      "SELECT 'username' AS kind, (SELECT username FROM principals WHERE username = n) AS name,"
      "  false AS built_in FROM unnest($1::text[]) AS n "
      "UNION ALL SELECT 'email', (SELECT email_folded FROM users WHERE email_folded = n), false "
      "FROM unnest($2::text[]) AS n "
      "UNION ALL SELECT 'role', name, built_in FROM roles WHERE name = ANY ($3::text[])"};
  ASSIGN_OR_RETURN(
      const Rows rows,
      transaction.Execute(kFind, Params().AddTexts(names.usernames).AddTexts(names.emails).AddTexts(names.roles)));
  KnownNames known;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].IsNull("name")) continue;
    const std::string kind = rows[i].Text("kind");
    if (kind == "username") known.usernames.insert(rows[i].Text("name"));
    if (kind == "email") known.emails.insert(rows[i].Text("name"));
    if (kind == "role") known.roles[rows[i].Text("name")] = rows[i].Bool("built_in");
  }
  return known;
}

absl::StatusOr<std::vector<PrincipalId>> Insert(Transaction& transaction, const std::vector<UserRecord>& users) {
  ASSIGN_OR_RETURN(const std::vector<PrincipalId> ids, InsertPrincipals(transaction, users));
  Texts texts;
  for (const PrincipalId& id : ids) texts.push_back(id.ToString());
  RETURN_IF_ERROR(InsertUsers(transaction, users, texts));
  RETURN_IF_ERROR(InsertPasswords(transaction, users, texts));
  RETURN_IF_ERROR(InsertBindings(transaction, users, texts));
  RETURN_IF_ERROR(AppendAudit(transaction, texts));
  return ids;
}

absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit) {
  static constexpr Statement kClean = {"clean_user_imports",
                                       "DELETE FROM user_imports WHERE ctid = ANY (ARRAY(SELECT ctid FROM user_imports "
                                       "WHERE update_time < clock_timestamp() - interval '30 days' LIMIT $1))"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kClean, Params().Add(limit)));
  return rows.affected();
}

}  // namespace identity::user_imports
