#include "server/app/operator/user_import.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/secret.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

using user_imports::KnownNames;
using user_imports::Standing;

constexpr absl::Duration kBatchTimeout = absl::Seconds(60);
constexpr absl::Duration kMessageInterval = absl::Seconds(1);
constexpr int kAttempts = 5;
constexpr char kHowToContinue[] = "; run the same command again to continue\n";

RequestContext BatchContext() { return {absl::Now() + kBatchTimeout}; }

std::string ReportFile(const UserImport::Options& options) {
  if (!options.report.empty()) return options.report;
  // A dry run must not overwrite the report of an import.
  return options.file + (options.dry_run ? ".dry-run" : ".refused");
}

// "" when there is no file.
absl::StatusOr<Secret> ReadHashConfig(const std::string& file) {
  if (file.empty()) return Secret();
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || text.str().empty()) return InvalidField("firebase-hash-config-file", absl::StrCat("cannot read ", file));
  return Secret(text.str());
}

// How the users of the file are read, for its fingerprint. "" for our own format.
std::string Interpretation(UserFormat format, const Secret& hash_config) {
  return format == UserFormat::kIdentity ? "" : absl::StrCat(NameOf(format), "\n", hash_config.Reveal());
}

// Prints the progress of a run.
class ProgressMeter {
 public:
  ProgressMeter(std::ostream& messages, int64_t total_bytes, const Standing& begin)
      : messages_(messages),
        total_bytes_(total_bytes),
        begin_(begin),
        begin_time_(absl::Now()),
        printed_(begin_time_) {}

  absl::Duration elapsed() const { return absl::Now() - begin_time_; }
  void Update(const Standing& standing) {
    const absl::Time now = absl::Now();
    if (now - printed_ < kMessageInterval) return;
    printed_ = now;
    const double seconds = absl::ToDoubleSeconds(now - begin_time_);
    const double lines_per_second = static_cast<double>(standing.lines - begin_.lines) / seconds;
    const double bytes_per_second = static_cast<double>(standing.bytes - begin_.bytes) / seconds;
    const double left = static_cast<double>(total_bytes_ - standing.bytes) / std::max(bytes_per_second, 1.0);
    messages_ << standing.lines << " lines, " << standing.bytes * 100 / total_bytes_ << " %, "
              << static_cast<int64_t>(lines_per_second) << " per second, "
              << absl::FormatDuration(absl::Ceil(absl::Seconds(left), absl::Seconds(1))) << " left, "
              << standing.refused << " refused\n"
              << std::flush;
  }

 private:
  std::ostream& messages_;
  const int64_t total_bytes_;
  const Standing begin_;
  const absl::Time begin_time_;
  absl::Time printed_;
};

}  // namespace

UserImport::UserImport(Database& database, Options options, std::function<bool()> stop, std::ostream& messages)
    : database_(database),
      mutations_(database, nullptr),
      options_(std::move(options)),
      stop_(std::move(stop)),
      messages_(messages),
      report_(ReportFile(options_)) {}

absl::StatusOr<UserImport::Summary> UserImport::Run() {
  ASSIGN_OR_RETURN(const Secret hash_config, ReadHashConfig(options_.firebase_hash_config_file));
  ASSIGN_OR_RETURN(const UserParser parser, UserParser::Create(options_.format, hash_config));
  ASSIGN_OR_RETURN(const FileContents contents,
                   ExamineFile(options_.file, Interpretation(options_.format, hash_config)));
  RETURN_IF_ERROR(CheckReport());
  Summary summary;
  summary.report = ReportFile(options_);
  ASSIGN_OR_RETURN(const Standing begin, FindStanding(contents));
  summary.standing = begin;
  if (begin.lines > 0 && begin.bytes == contents.bytes) {
    summary.end = Summary::End::kDoneBefore;
    return summary;
  }
  if (begin.lines > 0) messages_ << "continuing after line " << begin.lines << ", where an earlier run ended\n";
  RETURN_IF_ERROR(report_.Open(begin.lines));
  LineReader reader(options_.file, begin.bytes, contents.bytes);
  ProgressMeter meter(messages_, contents.bytes, begin);
  while (summary.standing.bytes < contents.bytes && summary.end != Summary::End::kStopped) {
    ASSIGN_OR_RETURN(const ImportBatch batch,
                     ImportBatch::Read(reader, parser, summary.standing, options_.batch_users));
    absl::StatusOr<Standing> after = Process(contents, batch, summary.standing);
    if (!after.ok()) {
      messages_ << "failed after line " << summary.standing.lines << kHowToContinue;
      return after.status();
    }
    summary.standing = *after;
    meter.Update(summary.standing);
    if (summary.standing.bytes < contents.bytes && stop_()) summary.end = Summary::End::kStopped;
  }
  report_.Close();
  summary.time = meter.elapsed();
  summary.lines = summary.standing.lines - begin.lines;
  return summary;
}

absl::Status UserImport::CheckReport() const {
  std::error_code ignored;
  if (!std::filesystem::equivalent(options_.file, ReportFile(options_), ignored)) return absl::OkStatus();
  return InvalidField("report", "is the file to import");
}

absl::StatusOr<Standing> UserImport::FindStanding(const FileContents& contents) {
  if (options_.dry_run) return Standing();
  ASSIGN_OR_RETURN(const auto found, database_.Read(BatchContext(), [&](Transaction& transaction) {
    return user_imports::FindStanding(transaction, contents.fingerprint);
  }));
  return found.value_or(Standing());
}

absl::StatusOr<Standing> UserImport::Process(const FileContents& contents, const ImportBatch& batch,
                                             const Standing& from) {
  if (options_.dry_run) return CheckOnly(batch, from);
  absl::StatusOr<Standing> after = absl::UnknownError("not run");
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    after = ProcessOnce(contents, batch, from);
    // Calls that set an address do not hold the revision, so one may have taken a name meanwhile. The next attempt sees
    // that name.
    const bool lost = after.status().code() == absl::StatusCode::kAlreadyExists || absl::IsAborted(after.status());
    if (!lost) break;
  }
  if (after.ok()) report_.Keep();
  return after;
}

absl::StatusOr<Standing> UserImport::ProcessOnce(const FileContents& contents, const ImportBatch& batch,
                                                 const Standing& from) {
  ASSIGN_OR_RETURN(const CheckedBatch checked, Import(contents, batch, from));
  if (checked.users.empty()) {
    // No decision depends on a batch without users, so this write leaves the revision alone.
    RETURN_IF_ERROR(mutations_.Write(
        BatchContext(), Caller(), [&](AuditedWrite& write) { return Advance(write, contents, batch, from, checked); }));
  }
  return batch.After(from, checked);
}

// Imports the users of the batch and advances the position. Changes nothing when no user can be imported.
absl::StatusOr<CheckedBatch> UserImport::Import(const FileContents& contents, const ImportBatch& batch,
                                                const Standing& from) {
  if (!batch.has_users()) return batch.Check({});
  const auto import = [&](Mutation& mutation) -> absl::StatusOr<CheckedBatch> {
    ASSIGN_OR_RETURN(const KnownNames known, user_imports::FindNames(mutation.transaction(), batch.names()));
    CheckedBatch checked = batch.Check(known);
    if (checked.users.empty()) {
      mutation.Discard();
      return checked;
    }
    ASSIGN_OR_RETURN(const auto ids, user_imports::Insert(mutation.transaction(), checked.users));
    // One change record is enough for all users: no replica has loaded a principal that did not exist.
    mutation.Changed(ids.front());
    RETURN_IF_ERROR(Advance(mutation, contents, batch, from, checked));
    return checked;
  };
  ASSIGN_OR_RETURN(Committed<CheckedBatch> imported, mutations_.Run(BatchContext(), Caller(), import));
  return std::move(imported.value);
}

absl::Status UserImport::Advance(AuditedWrite& write, const FileContents& contents, const ImportBatch& batch,
                                 const Standing& from, const CheckedBatch& checked) {
  ASSIGN_OR_RETURN(const bool advanced,
                   user_imports::Advance(write.transaction(), contents.fingerprint, from, batch.After(from, checked)));
  if (!advanced) return InvalidField("file", "is being imported by another run; this run ends");
  // A transaction that runs again writes the report again, which replaces the part that the first attempt wrote.
  return report_.Write(checked.refused);
}

absl::StatusOr<Standing> UserImport::CheckOnly(const ImportBatch& batch, const Standing& from) {
  ASSIGN_OR_RETURN(const KnownNames known, database_.Read(BatchContext(), [&](Transaction& transaction) {
    return user_imports::FindNames(transaction, {{}, {}, batch.names().roles});
  }));
  const CheckedBatch checked = batch.Check(known);
  RETURN_IF_ERROR(report_.Write(checked.refused));
  report_.Keep();
  return batch.After(from, checked);
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
                    static_cast<int64_t>(static_cast<double>(summary.lines) / seconds), " per second");
  }
  absl::StrAppend(&text, "\n");
  if (standing.refused > 0) {
    absl::StrAppend(&text, "the refused lines and the reasons are in ", summary.report, "\n");
  }
  if (summary.end == UserImport::Summary::End::kStopped) {
    absl::StrAppend(&text, "stopped after line ", standing.lines, dry_run ? "\n" : kHowToContinue);
  }
  return text;
}

}  // namespace identity
