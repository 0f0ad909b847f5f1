#include "server/app/operator/user_import.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/app/change/mutation.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/user_record.h"

namespace identity {
namespace {

using user_imports::KnownNames;
using user_imports::Standing;

constexpr absl::Duration kBatchTimeout = absl::Seconds(60);
constexpr absl::Duration kMessageInterval = absl::Seconds(1);
// Long lines make short batches, so that memory stays bounded.
constexpr int64_t kMaxBatchBytes = 8 << 20;
constexpr int kAttempts = 5;

struct NumberedUser {
  int64_t line = 0;
  UserRecord user;
};

// What becomes of a batch.
struct Sifted {
  std::vector<UserRecord> users;
  std::vector<Refusal> refused;
};

std::string ReportFile(const UserImport::Options& options) {
  if (!options.report.empty()) return options.report;
  // A trial must not write over what an import tells.
  return options.file + (options.dry_run ? ".dry-run" : ".refused");
}

// Why the user cannot be made from what there is; "" when it can.
std::string ReasonAgainst(const UserRecord& user, const KnownNames& known) {
  if (known.usernames.contains(user.username)) return "username: is taken";
  if (known.emails.contains(user.email_folded)) return "email: is taken";
  for (const UserRecord::Role& role : user.roles) {
    const auto found = known.roles.find(role.name);
    if (found == known.roles.end()) return absl::StrCat("roles: there is no role ", role.name);
    if (role.of_realm && found->second) {
      return absl::StrCat(
          "realmRoles: ", role.name,
          " is a role of Identity itself, which is given by \"roles\" alone, for it may mean more here");
    }
  }
  return "";
}

// Takes users in the order of their lines, each name once.
class Sieve {
 public:
  explicit Sieve(const KnownNames& known) : known_(known) {}

  void Add(const NumberedUser& numbered) {
    std::string reason = ReasonAgainst(numbered.user, known_);
    if (reason.empty()) reason = Claim("username", numbered.user.username, numbered.line);
    if (reason.empty()) reason = Claim("email", numbered.user.email_folded, numbered.line);
    if (reason.empty()) {
      sifted_.users.push_back(numbered.user);
    } else {
      sifted_.refused.push_back({numbered.line, numbered.user.username, std::move(reason)});
    }
  }
  Sifted Finish() && { return std::move(sifted_); }

 private:
  // A username cannot look like an address, so one map does for both.
  std::string Claim(absl::string_view field, const std::string& name, int64_t line) {
    const auto [claim, fresh] = lines_.emplace(name, line);
    return fresh ? "" : absl::StrCat(field, ": is that of line ", claim->second, ", too");
  }

  const KnownNames& known_;
  absl::flat_hash_map<std::string, int64_t> lines_;
  Sifted sifted_;
};

// Tells how it goes on.
class Meter {
 public:
  Meter(std::ostream& messages, int64_t total_bytes, const Standing& begin)
      : messages_(messages), total_bytes_(total_bytes), begin_(begin), begin_time_(absl::Now()), told_(begin_time_) {}

  absl::Duration time() const { return absl::Now() - begin_time_; }
  void Tell(const Standing& standing) {
    const absl::Time now = absl::Now();
    if (now - told_ < kMessageInterval) return;
    told_ = now;
    const double seconds = absl::ToDoubleSeconds(now - begin_time_);
    const double lines_a_second = static_cast<double>(standing.lines - begin_.lines) / seconds;
    const double bytes_a_second = static_cast<double>(standing.bytes - begin_.bytes) / seconds;
    const double left = static_cast<double>(total_bytes_ - standing.bytes) / std::max(bytes_a_second, 1.0);
    messages_ << standing.lines << " lines, " << standing.bytes * 100 / total_bytes_ << " %, "
              << static_cast<int64_t>(lines_a_second) << " a second, "
              << absl::FormatDuration(absl::Ceil(absl::Seconds(left), absl::Seconds(1))) << " left, "
              << standing.refused << " refused\n"
              << std::flush;
  }

 private:
  std::ostream& messages_;
  const int64_t total_bytes_;
  const Standing begin_;
  const absl::Time begin_time_;
  absl::Time told_;
};

}  // namespace

struct UserImport::Batch {
  std::vector<NumberedUser> users;
  std::vector<Refusal> refused;  // without a look at the database
  user_imports::Names names;
  std::set<std::string> roles;
  int64_t lines = 0;
  int64_t bytes = 0;

  void Add(int64_t line, const LineReader::Line& text) {
    std::string username;
    absl::StatusOr<UserRecord> user = InvalidField("line", "is longer than 1 MiB");
    if (!text.too_long) user = ParseUserRecord(text.text, &username);
    if (!user.ok()) {
      refused.push_back({line, username, std::string(user.status().message())});
      return;
    }
    names.usernames.push_back(user->username);
    names.emails.push_back(user->email_folded);
    for (const UserRecord::Role& role : user->roles) roles.insert(role.name);
    users.push_back({line, *std::move(user)});
  }

  Sifted Sift(const KnownNames& known) const {
    Sieve sieve(known);
    for (const NumberedUser& user : users) sieve.Add(user);
    Sifted sifted = std::move(sieve).Finish();
    sifted.refused.insert(sifted.refused.end(), refused.begin(), refused.end());
    std::sort(sifted.refused.begin(), sifted.refused.end(),
              [](const Refusal& a, const Refusal& b) { return a.line < b.line; });
    return sifted;
  }

  Standing After(const Standing& from, const Sifted& sifted) const {
    return {from.lines + lines, from.bytes + bytes, from.imported + static_cast<int64_t>(sifted.users.size()),
            from.refused + static_cast<int64_t>(sifted.refused.size())};
  }
};

UserImport::UserImport(Database& database, Options options, std::function<bool()> stop, std::ostream& messages)
    : database_(database),
      options_(std::move(options)),
      stop_(std::move(stop)),
      messages_(messages),
      report_(ReportFile(options_)) {}

absl::StatusOr<UserImport::Summary> UserImport::Run() {
  ASSIGN_OR_RETURN(const FileContents contents, ExamineFile(options_.file));
  RETURN_IF_ERROR(CheckReport());
  Summary summary;
  summary.report = ReportFile(options_);
  ASSIGN_OR_RETURN(const Standing begin, FindStanding(contents));
  summary.standing = begin;
  if (begin.lines > 0 && begin.bytes == contents.bytes) {
    summary.end = Summary::End::kDoneBefore;
    return summary;
  }
  if (begin.lines > 0) messages_ << "going on after line " << begin.lines << ", where an earlier run ended\n";
  RETURN_IF_ERROR(report_.Open(begin.lines));
  LineReader reader(options_.file, begin.bytes, contents.bytes);
  Meter meter(messages_, contents.bytes, begin);
  while (summary.standing.bytes < contents.bytes && summary.end != Summary::End::kStopped) {
    ASSIGN_OR_RETURN(const Batch batch, ReadBatch(reader, summary.standing));
    absl::StatusOr<Standing> after = Take(contents, batch, summary.standing);
    if (!after.ok()) {
      messages_ << "ended after line " << summary.standing.lines << "; the same command goes on from there\n";
      return after.status();
    }
    summary.standing = *after;
    meter.Tell(summary.standing);
    if (summary.standing.bytes < contents.bytes && stop_()) summary.end = Summary::End::kStopped;
  }
  report_.Close();
  summary.time = meter.time();
  summary.lines = summary.standing.lines - begin.lines;
  return summary;
}

absl::Status UserImport::CheckReport() const {
  std::error_code ignored;
  if (!std::filesystem::equivalent(options_.file, ReportFile(options_), ignored)) return absl::OkStatus();
  return InvalidField("report", "is the file that is to be imported");
}

absl::StatusOr<Standing> UserImport::FindStanding(const FileContents& contents) {
  if (options_.dry_run) return Standing();
  Standing standing;
  RETURN_IF_ERROR(database_.Read({absl::Now() + kBatchTimeout}, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto found, user_imports::FindStanding(transaction, contents.fingerprint));
    standing = found.value_or(Standing());
    return absl::OkStatus();
  }));
  return standing;
}

absl::StatusOr<UserImport::Batch> UserImport::ReadBatch(LineReader& reader, const Standing& from) const {
  Batch batch;
  while (batch.lines < options_.batch_users && batch.bytes < kMaxBatchBytes) {
    ASSIGN_OR_RETURN(const absl::optional<LineReader::Line> line, reader.Next());
    if (!line) break;
    ++batch.lines;
    batch.bytes = reader.offset() - from.bytes;
    const bool empty = !line->too_long && absl::StripAsciiWhitespace(line->text).empty();
    if (!empty) batch.Add(from.lines + batch.lines, *line);
  }
  batch.names.roles.assign(batch.roles.begin(), batch.roles.end());
  return batch;
}

absl::StatusOr<Standing> UserImport::Take(const FileContents& contents, const Batch& batch, const Standing& from) {
  if (options_.dry_run) return TakeDry(batch, from);
  absl::StatusOr<Standing> after = absl::UnknownError("not run");
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    after = TakeOnce(contents, batch, from);
    // Who changes an address alone holds no revision and may have taken one meanwhile. The next attempt sees it.
    const bool lost = after.status().code() == absl::StatusCode::kAlreadyExists || absl::IsAborted(after.status());
    if (!lost) break;
  }
  if (after.ok()) report_.Keep();
  return after;
}

absl::StatusOr<Standing> UserImport::TakeOnce(const FileContents& contents, const Batch& batch, const Standing& from) {
  const RequestContext context{absl::Now() + kBatchTimeout};
  const Mutations mutations(database_, nullptr);
  const auto advance = [&](AuditedWrite& write, const Sifted& sifted) -> absl::Status {
    ASSIGN_OR_RETURN(const bool advanced,
                     user_imports::Advance(write.transaction(), contents.fingerprint, from, batch.After(from, sifted)));
    if (!advanced) return InvalidField("file", "is imported by another run, too; this one ends");
    return report_.Write(sifted.refused);
  };
  const auto import = [&](Mutation& mutation) -> absl::StatusOr<Sifted> {
    ASSIGN_OR_RETURN(const KnownNames known, user_imports::FindNames(mutation.transaction(), batch.names));
    Sifted sifted = batch.Sift(known);
    if (sifted.users.empty()) {
      mutation.Discard();
      return sifted;
    }
    ASSIGN_OR_RETURN(const auto ids, user_imports::Insert(mutation.transaction(), sifted.users));
    // One stands for all: nobody can hold anything of a principal that was not there.
    RETURN_IF_ERROR(mutation.Changed(ids.front()));
    RETURN_IF_ERROR(advance(mutation, sifted));
    return sifted;
  };
  // No decision depends on a batch without users, so it leaves the revision alone.
  Sifted sifted;
  if (batch.users.empty()) {
    sifted = batch.Sift({});
  } else {
    ASSIGN_OR_RETURN(Committed<Sifted> imported, mutations.Run(context, Caller(), import));
    sifted = std::move(imported.value);
  }
  if (sifted.users.empty()) {
    RETURN_IF_ERROR(mutations.Write(context, Caller(), [&](AuditedWrite& write) { return advance(write, sifted); }));
  }
  return batch.After(from, sifted);
}

absl::StatusOr<Standing> UserImport::TakeDry(const Batch& batch, const Standing& from) {
  ASSIGN_OR_RETURN(const KnownNames known, database_.Read({absl::Now() + kBatchTimeout}, [&](Transaction& transaction) {
    return user_imports::FindNames(transaction, {{}, {}, batch.names.roles});
  }));
  const Sifted sifted = batch.Sift(known);
  RETURN_IF_ERROR(report_.Write(sifted.refused));
  report_.Keep();
  return batch.After(from, sifted);
}

std::string ToText(const UserImport::Summary& summary, bool dry_run) {
  const Standing& standing = summary.standing;
  std::string text;
  if (summary.end == UserImport::Summary::End::kDoneBefore) text = "this file was imported before; nothing was done\n";
  absl::StrAppend(&text, standing.imported, dry_run ? " users could be imported, " : " users imported, ",
                  standing.refused, " lines refused");
  if (summary.lines > 0) {
    const double seconds = std::max(absl::ToDoubleSeconds(summary.time), 0.001);
    absl::StrAppend(&text, "; ", summary.lines, " lines in ",
                    absl::FormatDuration(absl::Trunc(summary.time, absl::Milliseconds(1))), ", ",
                    static_cast<int64_t>(static_cast<double>(summary.lines) / seconds), " a second");
  }
  absl::StrAppend(&text, "\n");
  if (standing.refused > 0) absl::StrAppend(&text, "why lines were refused is in ", summary.report, "\n");
  if (summary.end == UserImport::Summary::End::kStopped) {
    absl::StrAppend(&text, "stopped after line ", standing.lines,
                    dry_run ? "\n" : "; the same command goes on from there\n");
  }
  return text;
}

}  // namespace identity
