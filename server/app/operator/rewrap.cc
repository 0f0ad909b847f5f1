#include "server/app/operator/rewrap.h"

#include <map>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "server/app/access/key_ring.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/login/second_factors.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

using sealed_values::Count;
using sealed_values::Kind;
using sealed_values::Value;

constexpr int64_t kRewrapBatch = 100;
constexpr int64_t kBatchesPerMessage = 10;
constexpr absl::Duration kRewrapTimeout = absl::Seconds(30);
constexpr absl::Duration kCountTimeout = absl::Minutes(10);

std::string SealContextOf(Kind kind, const Value& value) {
  switch (kind) {
    case Kind::kSigningKey:
      return SigningKeySealContext(value.bound_to);
    case Kind::kTotp:
      return TotpSealContext(*PrincipalId::Parse(value.bound_to));
    case Kind::kMail:
      return MailSealContext(value.bound_to);
  }
  return "";
}

// The result of one transaction.
struct RewrappedBatch {
  std::string last_id;  // "" when no value was left
  int64_t sealed = 0;
  std::vector<std::string> unreadable;  // the ids of values that do not open
};

absl::StatusOr<RewrappedBatch> RewrapBatch(Transaction& transaction, Kind kind, const MasterKeys& keys,
                                           absl::string_view after) {
  ASSIGN_OR_RETURN(const std::vector<Value> values,
                   sealed_values::LockOthers(transaction, kind, keys.current_id(), after, kRewrapBatch));
  RewrappedBatch batch;
  for (const Value& value : values) {
    batch.last_id = value.id;
    const std::string context = SealContextOf(kind, value);
    const absl::StatusOr<Secret> plain = keys.Open(value.master_key_id, value.sealed, context);
    if (!plain.ok()) {
      batch.unreadable.push_back(value.id);
      continue;
    }
    const std::string sealed = keys.Seal(plain->Reveal(), context, RandomBytes(kSealNonceBytes));
    RETURN_IF_ERROR(sealed_values::Replace(transaction, kind, {value.id, value.bound_to, sealed, keys.current_id()}));
    ++batch.sealed;
  }
  return batch;
}

int64_t TotalOf(const std::vector<Count>& counts, Kind kind) {
  int64_t total = 0;
  for (const Count& count : counts) total += count.kind == kind ? count.values : 0;
  return total;
}

// For example "0123456789abcdef (signing keys: 2, mails: 1)" for each master key.
std::string DescribeKeys(const std::vector<Count>& counts) {
  std::map<std::string, std::vector<std::string>> sealed;
  for (const Count& count : counts) {
    sealed[count.master_key_id].push_back(absl::StrCat(NameOf(count.kind), ": ", count.values));
  }
  return absl::StrJoin(sealed, ", ", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first, " (", absl::StrJoin(entry.second, ", "), ")");
  });
}

}  // namespace

absl::Status RequireMasterKeys(const RequestContext& context, Database& database, const MasterKeys& keys) {
  const auto count = [&](Transaction& transaction) { return sealed_values::CountOthers(transaction, keys.ids()); };
  ASSIGN_OR_RETURN(const std::vector<Count> missing, database.Read(context, count));
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the master key file lacks keys that sealed values in the database: ", DescribeKeys(missing),
                   ". Add them below the first line; `identityd keys rewrap` makes them dispensable. The file has: ",
                   absl::StrJoin(keys.ids(), ", ")));
}

Rewrap::Rewrap(Database& database, const MasterKeys& keys, std::function<bool()> stop, std::ostream& messages)
    : database_(database), keys_(keys), stop_(std::move(stop)), messages_(messages) {}

absl::Status Rewrap::Run() {
  RETURN_IF_ERROR(RequireOwner());
  RETURN_IF_ERROR(RequireMasterKeys({absl::Now() + kCountTimeout}, database_, keys_));
  messages_ << "sealing with the master key " << keys_.current_id() << ", the first of the file" << std::endl;
  ASSIGN_OR_RETURN(Counts others, CountOthers());
  while (!others.empty()) {
    ASSIGN_OR_RETURN(const int64_t unreadable, RewrapAll(others));
    if (unreadable > 0) {
      return absl::DataLossError(
          absl::StrCat(unreadable, " values do not open and still need their master keys (see the ids above)"));
    }
    ASSIGN_OR_RETURN(others, CountOthers());
    if (!others.empty()) {
      messages_ << "meanwhile a server sealed values with another master key: " << DescribeKeys(others)
                << ". Is the key " << keys_.current_id() << " the first of every server?" << std::endl;
    }
  }
  ReportDone();
  return absl::OkStatus();
}

absl::Status Rewrap::RequireOwner() {
  ASSIGN_OR_RETURN(const bool may, database_.Read({absl::Now() + kRewrapTimeout}, sealed_values::MayReplace));
  if (may) return absl::OkStatus();
  return absl::PermissionDeniedError("database-url: only the schema's owner may change sealed values");
}

absl::StatusOr<Rewrap::Counts> Rewrap::CountOthers() {
  return database_.Read({absl::Now() + kCountTimeout}, [&](Transaction& transaction) {
    return sealed_values::CountOthers(transaction, {keys_.current_id()});
  });
}

absl::StatusOr<int64_t> Rewrap::RewrapAll(const Counts& others) {
  int64_t unreadable = 0;
  for (const Kind kind : sealed_values::kKinds) {
    ASSIGN_OR_RETURN(const int64_t of_kind, RewrapKind(kind, TotalOf(others, kind)));
    unreadable += of_kind;
  }
  return unreadable;
}

absl::StatusOr<int64_t> Rewrap::RewrapKind(Kind kind, int64_t total) {
  int64_t sealed = 0;
  int64_t unreadable = 0;
  const auto report = [&] { messages_ << NameOf(kind) << ": " << sealed << " of " << total << std::endl; };
  RewrappedBatch batch;
  for (int64_t batches = 1;; ++batches) {
    if (stop_()) return absl::CancelledError("stopped; the same command continues");
    ASSIGN_OR_RETURN(batch, database_.Write({absl::Now() + kRewrapTimeout}, [&](Transaction& transaction) {
      return RewrapBatch(transaction, kind, keys_, batch.last_id);
    }));
    if (batch.last_id.empty()) break;
    sealed += batch.sealed;
    unreadable += static_cast<int64_t>(batch.unreadable.size());
    for (const std::string& id : batch.unreadable) messages_ << NameOf(kind) << ": " << id << " does not open\n";
    if (batches % kBatchesPerMessage == 0) report();
  }
  report();
  return unreadable;
}

void Rewrap::ReportDone() {
  messages_ << "no value in the database needs another master key" << std::endl;
  const std::vector<std::string> ids = keys_.ids();
  for (size_t i = 1; i < ids.size(); ++i) {
    messages_ << "the master key " << ids[i] << ", number " << i + 1 << " of the file, may be removed" << std::endl;
  }
}

}  // namespace identity
