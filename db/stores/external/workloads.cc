#include "db/stores/external/workloads.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "db/stores/external/identity_providers.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity::workloads {
namespace {

absl::StatusOr<std::vector<Workloads::Entry>> ReadEntries(const Rows& rows) {
  std::vector<Workloads::Entry> entries;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Rows::Row row = rows[i];
    ASSIGN_OR_RETURN(Scopes scopes, Scopes::ParseStored(row.Texts("scopes")));
    entries.push_back(
        {{row.Text("issuer"), row.Text("subject")}, {PrincipalId(row.Id("service_account_id")), std::move(scopes)}});
  }
  return entries;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Workloads>> Load(Transaction& transaction) {
  static constexpr Statement kEntries = {"all_workloads",
                                         "SELECT issuer, subject, service_account_id, scopes FROM workloads"};
  static constexpr Statement kRevoked = {"all_external_revocations",
                                         "SELECT issuer, subject FROM external_revocations"};
  ASSIGN_OR_RETURN(std::vector<IdentityProvider> issuers, identity_providers::OfWorkloads(transaction));
  ASSIGN_OR_RETURN(const Rows entry_rows, transaction.Execute(kEntries));
  ASSIGN_OR_RETURN(const std::vector<Workloads::Entry> entries, ReadEntries(entry_rows));
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kRevoked));
  std::vector<ExternalKey> revoked;
  for (size_t i = 0; i < rows.size(); ++i) revoked.push_back({rows[i].Text("issuer"), rows[i].Text("subject")});
  return std::make_shared<const Workloads>(std::move(issuers), entries, revoked);
}

absl::StatusOr<WorkloadState> Find(Transaction& transaction, const ExternalKey& key) {
  static constexpr Statement kFind = {
      "find_workload",
      "SELECT issuer, subject, service_account_id, scopes FROM workloads WHERE issuer = $1 AND subject = $2"};
  WorkloadState state;
  state.accepted = key.issuer == kCertificateIssuer;
  if (!state.accepted) {
    ASSIGN_OR_RETURN(const auto issuer, identity_providers::FindByIssuer(transaction, key.issuer));
    const bool counts = issuer && !issuer->disabled && !issuer->workload_audiences.empty();
    state.accepted = Accepts(counts ? &*issuer : nullptr, key.subject);
  }
  ASSIGN_OR_RETURN(state.revoked, IsRevoked(transaction, key));
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(key.issuer).Add(key.subject)));
  ASSIGN_OR_RETURN(const std::vector<Workloads::Entry> entries, ReadEntries(rows));
  if (!entries.empty()) state.account = entries.front().account;
  return state;
}

absl::StatusOr<std::vector<Workloads::Entry>> Of(Transaction& transaction, const std::vector<PrincipalId>& accounts) {
  static constexpr Statement kOf = {"workloads_of",
                                    "SELECT issuer, subject, service_account_id, scopes FROM workloads "
                                    "WHERE service_account_id = ANY ($1::uuid[]) ORDER BY issuer, subject"};
  std::vector<std::string> ids;
  for (const PrincipalId& id : accounts) ids.push_back(id.ToString());
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kOf, Params().AddTexts(ids)));
  return ReadEntries(rows);
}

absl::Status Replace(Transaction& transaction, const PrincipalId& account,
                     const std::vector<Workloads::Entry>& entries) {
  static constexpr Statement kDelete = {"delete_workloads_of", "DELETE FROM workloads WHERE service_account_id = $1"};
  static constexpr Statement kInsert = {
      "insert_workload",
      "INSERT INTO workloads (issuer, subject, service_account_id, scopes) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT DO NOTHING"};
  RETURN_IF_ERROR(transaction.Execute(kDelete, Params().Add(account)).status());
  for (const Workloads::Entry& entry : entries) {
    ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kInsert, Params()
                                                                       .Add(entry.key.issuer)
                                                                       .Add(entry.key.subject)
                                                                       .Add(account)
                                                                       .AddTexts(entry.account.scopes.ToStrings())));
    if (rows.affected() == 0) {
      return Error(ErrorReason::kAlreadyExists,
                   absl::StrCat("service_account.external_identities: ", entry.key.subject,
                                " is already listed by another service account, or twice in this call"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Revoke(Transaction& transaction, const ExternalKey& key) {
  static constexpr Statement kRevoke = {
      "revoke_external", "INSERT INTO external_revocations (issuer, subject) VALUES ($1, $2) ON CONFLICT DO NOTHING"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kRevoke, Params().Add(key.issuer).Add(key.subject)));
  return rows.affected() > 0;
}

absl::StatusOr<int64_t> CountRevoked(Transaction& transaction) {
  static constexpr Statement kCount = {"count_external_revocations",
                                       "SELECT count(*) AS count FROM external_revocations"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kCount));
  return rows[0].Int("count");
}

absl::StatusOr<bool> Restore(Transaction& transaction, const ExternalKey& key) {
  static constexpr Statement kRestore = {"restore_external",
                                         "DELETE FROM external_revocations WHERE issuer = $1 AND subject = $2"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kRestore, Params().Add(key.issuer).Add(key.subject)));
  return rows.affected() > 0;
}

absl::StatusOr<int64_t> RevokeAllOf(Transaction& transaction, const PrincipalId& account) {
  static constexpr Statement kRevoke = {
      "revoke_workloads_of",
      "INSERT INTO external_revocations (issuer, subject) SELECT issuer, subject FROM workloads "
      "WHERE service_account_id = $1 ON CONFLICT DO NOTHING"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kRevoke, Params().Add(account)));
  return rows.affected();
}

absl::StatusOr<bool> IsRevoked(Transaction& transaction, const ExternalKey& key) {
  static constexpr Statement kIsRevoked = {"is_external_revoked",
                                           "SELECT FROM external_revocations WHERE issuer = $1 AND subject = $2"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kIsRevoked, Params().Add(key.issuer).Add(key.subject)));
  return !rows.empty();
}

}  // namespace identity::workloads
