#include "server/mail/postman.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr int64_t kBatch = 10;
constexpr absl::Duration kLease = absl::Minutes(3);
// A delivery that starts later than this could outlast the lease: it may take the client's timeout, and the same time
// again for the QUIT.
constexpr absl::Duration kLatestStart = absl::Minutes(1);
constexpr absl::Duration kDatabaseTimeout = absl::Seconds(2);
constexpr absl::Duration kBacklogInterval = absl::Seconds(10);
constexpr size_t kMaxUrlBytes = 1000;

RequestContext Soon() { return {absl::Now() + kDatabaseTimeout}; }

absl::Status CheckLinkUrl(absl::string_view flag, const std::string& url) {
  if (url.empty() || Postman::IsLinkUrl(url)) return absl::OkStatus();
  return InvalidField(flag,
                      "must be an address of at most 1,000 bytes that a token can follow, such as "
                      "https://example.com/verify?token=");
}

absl::StatusOr<MailAddress> ParseFrom(const std::string& from) {
  absl::StatusOr<MailAddress> parsed = MailAddress::Parse(from);
  if (parsed.ok()) return parsed;
  return InvalidField("mail-from",
                      absl::StrCat("\"", from, "\" must be of the form name@example.com or A Name <name@example.com>"));
}

}  // namespace

absl::StatusOr<Postman::Prepared> Postman::Prepare(Options options) {
  ASSIGN_OR_RETURN(std::unique_ptr<SmtpClient> smtp, SmtpClient::Create(std::move(options.smtp)));
  ASSIGN_OR_RETURN(MailAddress from, ParseFrom(options.from));
  RETURN_IF_ERROR(CheckLinkUrl("verify-email-url", options.verify_url));
  RETURN_IF_ERROR(CheckLinkUrl("reset-password-url", options.reset_url));
  ASSIGN_OR_RETURN(MailTemplates templates, MailTemplates::Load(options.templates_directory));
  return Prepared{std::move(options), std::move(smtp), std::move(from), std::move(templates)};
}

bool Postman::IsLinkUrl(const std::string& url) {
  const bool known = absl::StartsWith(url, "https://") || absl::StartsWith(url, "http://");
  const auto allowed = [](char c) { return c > ' ' && c <= '~' && c != '<' && c != '>' && c != '"'; };
  return known && url.size() <= kMaxUrlBytes && std::all_of(url.begin(), url.end(), allowed);
}

Postman::Postman(Prepared prepared, Database& database, MailOutbox& outbox, Metrics& metrics, Tracer* tracer)
    : options_(std::move(prepared.options)),
      smtp_(std::move(prepared.smtp)),
      from_(std::move(prepared.from)),
      templates_(std::move(prepared.templates)),
      database_(database),
      outbox_(outbox),
      metrics_(metrics),
      tracer_(tracer),
      thread_([this] { Work(); }) {
  outbox_.set_wake([this] {
    MutexLock lock(mutex_);
    woken_ = true;
  });
}

Postman::~Postman() {
  outbox_.set_wake(nullptr);
  stopping_ = true;
  {
    MutexLock lock(mutex_);
    woken_ = true;
  }
  thread_.join();
}

std::vector<Gauge> Postman::Gauges() const {
  return {{"identity_mail_outbox_mails",
           "Mails that wait for delivery.",
           {},
           [this] { return static_cast<double>(backlog_mails_.load()); }},
          {"identity_mail_outbox_age_seconds", "Age of the oldest mail that waits for delivery.", {}, [this] {
             return backlog_seconds_.load();
           }}};
}

void Postman::Work() {
  pthread_setname_np(pthread_self(), "postman");
  bool failing = false;
  while (AwaitTurn()) {
    absl::StatusOr<bool> more = true;
    while (more.ok() && *more && !stopping_) more = DeliverDue();
    const absl::Status status = more.ok() ? WatchBacklog() : more.status();
    // Logs the first failure, not one a second.
    if (!status.ok() && !failing) {
      Log(LogLevel::kWarning, "mail outbox out of reach", {{"status", std::string(status.message())}});
    }
    failing = !status.ok();
  }
}

bool Postman::AwaitTurn() {
  MutexLock lock(mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&woken_), options_.interval);
  woken_ = false;
  return !stopping_;
}

absl::StatusOr<bool> Postman::DeliverDue() {
  RETURN_IF_ERROR(RemoveSettled());
  const Stopwatch since_lease;
  ASSIGN_OR_RETURN(const std::vector<outbox::Mail> mails, database_.Write(Soon(), [](Transaction& transaction) {
    return outbox::Lease(transaction, kBatch, kLease);
  }));
  for (const outbox::Mail& mail : mails) {
    const bool give_back = stopping_ || since_lease.elapsed() > kLatestStart;
    RETURN_IF_ERROR(give_back ? Postpone(mail, absl::ZeroDuration()) : Handle(mail));
  }
  return !mails.empty();
}

absl::Status Postman::Handle(const outbox::Mail& mail) {
  if (mail.kind == outbox::kNobody) return Settle(mail.id);
  const absl::StatusOr<Letter> letter = Write(mail);
  if (letter.ok()) return Deliver(mail, *letter);
  Log(LogLevel::kError, "mail cannot be composed",
      {{"kind", mail.kind}, {"id", mail.id.ToString()}, {"status", std::string(letter.status().message())}});
  // A missing key, or a kind that only newer replicas know, is not a permanent failure: another replica may succeed
  // later.
  const absl::StatusCode code = letter.status().code();
  return Fail(mail, code == absl::StatusCode::kInvalidArgument || code == absl::StatusCode::kDataLoss);
}

absl::StatusOr<Postman::Letter> Postman::Write(const outbox::Mail& mail) const {
  ASSIGN_OR_RETURN(MailMessage message, outbox_.Open(mail));
  message.parameters["link"] = LinkOf(message);
  ASSIGN_OR_RETURN(const MailTemplate::Text text, templates_.of(message.kind).Render(message.parameters));
  const std::string id = absl::StrCat(mail.id.ToString(), "@", from_.domain());
  ASSIGN_OR_RETURN(std::string whole, ComposeMail({from_, message.to, text.subject, mail.create_time, id}, text.body));
  const absl::optional<TraceContext> trace = TraceContext::Parse(message.traceparent);
  return Letter{message.to, Secret(std::move(whole)), trace.value_or(TraceContext())};
}

std::string Postman::LinkOf(const MailMessage& message) const {
  const auto token = message.parameters.find("token");
  const std::string& base = message.kind == MailKind::kResetPassword ? options_.reset_url : options_.verify_url;
  return token == message.parameters.end() || base.empty() ? "" : base + token->second;
}

SmtpClient::Delivery Postman::Send(const Letter& letter) {
  const TraceScope scope(tracer_, letter.trace);
  Span span("mail", SpanRecord::Kind::kClient);
  SmtpClient::Delivery delivery = smtp_->Deliver(from_.address, letter.to, letter.text, stopping_);
  if (delivery.outcome != SmtpClient::Outcome::kDelivered) span.SetCode(absl::StatusCode::kUnavailable);
  return delivery;
}

absl::Status Postman::Deliver(const outbox::Mail& mail, const Letter& letter) {
  const SmtpClient::Delivery delivery = Send(letter);
  if (delivery.outcome == SmtpClient::Outcome::kDelivered) {
    metrics_.mails_sent.Add();
    return Settle(mail.id);
  }
  if (stopping_) return Postpone(mail, absl::ZeroDuration());
  Log(LogLevel::kWarning, "mail not delivered",
      {{"kind", mail.kind},
       {"id", mail.id.ToString()},
       {"attempts", absl::StrCat(mail.attempts)},
       {"curl_code", absl::StrCat(delivery.curl_code)},
       {"reply", absl::StrCat(delivery.reply)}});
  return Fail(mail, delivery.outcome == SmtpClient::Outcome::kFailedPermanently);
}

absl::Status Postman::Fail(const outbox::Mail& mail, bool permanently) {
  metrics_.mails_failed.Add();
  if (!permanently && mail.lease_time - mail.create_time < options_.give_up_after) {
    return Postpone(mail, DelayAfter(mail.attempts));
  }
  metrics_.mails_abandoned.Add();
  Log(LogLevel::kError, "mail given up",
      {{"kind", mail.kind}, {"id", mail.id.ToString()}, {"attempts", absl::StrCat(mail.attempts)}});
  return Settle(mail.id);
}

absl::Status Postman::Postpone(const outbox::Mail& mail, absl::Duration delay) {
  return database_.Write(Soon(),
                         [&](Transaction& transaction) { return outbox::Postpone(transaction, mail.id, delay); });
}

absl::Status Postman::Settle(const Uuid& id) {
  settled_.insert(id);
  return RemoveSettled();
}

absl::Status Postman::RemoveSettled() {
  if (settled_.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(database_.Write(Soon(), [&](Transaction& transaction) {
    for (const Uuid& id : settled_) RETURN_IF_ERROR(outbox::Remove(transaction, id));
    return absl::OkStatus();
  }));
  settled_.clear();
  return absl::OkStatus();
}

absl::Duration Postman::DelayAfter(int64_t attempts) {
  absl::Duration delay = options_.first_delay;
  for (int64_t i = 1; i < attempts && delay < options_.longest_delay; ++i) delay *= 2;
  return std::min(delay, options_.longest_delay) * absl::Uniform(random_, 0.75, 1.0);
}

absl::Status Postman::WatchBacklog() {
  if (absl::Now() - backlog_time_ < kBacklogInterval) return absl::OkStatus();
  ASSIGN_OR_RETURN(const outbox::Backlog backlog, database_.Read(Soon(), outbox::ReadBacklog));
  backlog_mails_ = backlog.mails;
  backlog_seconds_ = absl::ToDoubleSeconds(backlog.age);
  backlog_time_ = absl::Now();
  return absl::OkStatus();
}

}  // namespace identity
