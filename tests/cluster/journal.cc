#include "tests/cluster/journal.h"

#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "server/base/mutex.h"

namespace identity::cluster {
namespace {

using Json = nlohmann::json;

double SecondsOf(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }
double Milliseconds(absl::Duration span) { return absl::ToDoubleMilliseconds(span); }

Json DescribeError(const absl::Status& status) {
  return {{"code", absl::StatusCodeToString(status.code())}, {"message", std::string(status.message())}};
}

Json Times(absl::Time begin) { return {{"begin", SecondsOf(begin)}, {"end", SecondsOf(absl::Now())}}; }

Kind KindOf(const std::string& name) {
  return *std::find_if(std::begin(kKinds), std::end(kKinds), [&](Kind kind) { return NameOf(kind) == name; });
}

Object ObjectOf(const Json& line) {
  Object object;
  object.number = line.at("number");
  object.kind = KindOf(line.at("kind"));
  object.principal_id = line.at("principal_id");
  object.id = line.at("id");
  object.secret = line.at("secret");
  object.resource = line.at("resource");
  if (line.contains("expiry")) object.expiry = absl::UnixEpoch() + absl::Seconds(line.at("expiry").get<double>());
  return object;
}

// A creation that failed leaves nothing, and a revocation that failed leaves the object alive.
Entry::Expected ExpectedAfter(const Json& line) {
  const bool create = line.at("change") == "create";
  const std::string outcome = line.at("outcome");
  if (outcome == NameOf(Outcome::kUnknown)) return Entry::Expected::kEither;
  const bool lives = create == (outcome == NameOf(Outcome::kAcknowledged));
  return lives ? Entry::Expected::kAllowed : Entry::Expected::kDenied;
}

}  // namespace

absl::string_view NameOf(Outcome outcome) {
  constexpr absl::string_view kNames[] = {"acknowledged", "failed", "unknown"};
  return kNames[static_cast<size_t>(outcome)];
}

Outcome OutcomeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return Outcome::kAcknowledged;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
      return Outcome::kFailed;
    default:
      return Outcome::kUnknown;
  }
}

absl::StatusOr<std::unique_ptr<Journal>> Journal::Create(const std::string& file) {
  const mode_t before = umask(S_IRWXG | S_IRWXO);
  std::unique_ptr<Journal> journal(new Journal(file));
  umask(before);
  MutexLock lock(journal->mutex_);
  if (!journal->out_) return absl::InvalidArgumentError(absl::StrCat("cannot write ", file));
  return journal;
}

void Journal::Write(Json line) { out_ << line.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl; }

void Journal::Change(const Object& object, bool create, absl::Time begin, const absl::Status& status) {
  const Outcome outcome = OutcomeOf(status);
  Json line = {{"event", "change"},
               {"change", create ? "create" : "revoke"},
               {"outcome", std::string(NameOf(outcome))},
               {"number", object.number},
               {"kind", std::string(NameOf(object.kind))},
               {"principal_id", object.principal_id},
               {"id", object.id},
               {"secret", object.secret},
               {"resource", object.resource}};
  if (object.expiry != absl::InfiniteFuture()) line["expiry"] = SecondsOf(object.expiry);
  if (!status.ok()) line.update(DescribeError(status));
  line.update(Times(begin));
  MutexLock lock(mutex_);
  ++changes_[outcome];
  if (status.ok()) {
    const absl::Time now = absl::Now();
    longest_gap_ = std::max(longest_gap_, now - last_success_);
    last_success_ = now;
  } else {
    ++codes_[absl::StrCat("change ", absl::StatusCodeToString(status.code()))];
  }
  Write(std::move(line));
}

void Journal::Check(absl::Duration latency) {
  MutexLock lock(mutex_);
  latency_.Add(latency);
}

void Journal::CheckFailed(const Json& check, absl::Time begin, const absl::Status& status) {
  Json line = {{"event", "check_failed"}, {"check", check}};
  line.update(DescribeError(status));
  line.update(Times(begin));
  MutexLock lock(mutex_);
  ++failed_;
  ++codes_[absl::StrCat("check ", absl::StatusCodeToString(status.code()))];
  Write(std::move(line));
}

void Journal::CheckWrong(const Json& check, absl::Time begin) {
  Json line = {{"event", "check_wrong"}, {"check", check}};
  line.update(Times(begin));
  MutexLock lock(mutex_);
  ++wrong_;
  Write(std::move(line));
}

void Journal::CheckStale(absl::Duration age) {
  MutexLock lock(mutex_);
  ++stale_;
  longest_stale_ = std::max(longest_stale_, age);
}

Json Journal::Summary() const {
  MutexLock lock(mutex_);
  const auto changes = [this](Outcome outcome) ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    const auto found = changes_.find(outcome);
    return found == changes_.end() ? 0 : found->second;
  };
  const int64_t acknowledged = changes(Outcome::kAcknowledged);
  const int64_t failed = changes(Outcome::kFailed);
  const int64_t unknown = changes(Outcome::kUnknown);
  return {{"seconds", absl::ToDoubleSeconds(absl::Now() - start_)},
          {"checks", latency_.count()},
          {"checks_failed", failed_},
          {"checks_wrong", wrong_},
          {"checks_stale", stale_},
          {"longest_stale_ms", Milliseconds(longest_stale_)},
          {"changes", acknowledged + failed + unknown},
          {"changes_acknowledged", acknowledged},
          {"changes_failed", failed},
          {"changes_unknown", unknown},
          {"longest_without_change_ms", Milliseconds(std::max(longest_gap_, absl::Now() - last_success_))},
          {"failures_by_code", codes_},
          {"latency_ms",
           {{"p50", Milliseconds(latency_.Quantile(0.5))},
            {"p99", Milliseconds(latency_.Quantile(0.99))},
            {"max", Milliseconds(latency_.max())}}}};
}

std::string Journal::Progress() {
  const Json sums = Summary();
  MutexLock lock(mutex_);
  const int64_t checks = sums["checks"];
  const int64_t changes = sums["changes"];
  const std::string text =
      absl::StrFormat("%.0f s: checks %d (+%d), failed %d, wrong %d; changes %d (+%d), not acknowledged %d",
                      sums["seconds"].get<double>(), checks, checks - shown_checks_, failed_, wrong_, changes,
                      changes - shown_changes_, changes - sums["changes_acknowledged"].get<int64_t>());
  shown_checks_ = checks;
  shown_changes_ = changes;
  return text;
}

absl::StatusOr<std::map<int64_t, Entry>> ReadJournal(const std::string& file) {
  std::ifstream in(file);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", file));
  std::map<int64_t, Entry> entries;
  for (std::string text; std::getline(in, text);) {
    const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    // A load that was killed may have written half of its last line.
    if (line.is_discarded() || line.at("event") != "change") continue;
    const Object object = ObjectOf(line);
    entries[object.number] = {object, ExpectedAfter(line)};
  }
  return entries;
}

}  // namespace identity::cluster
