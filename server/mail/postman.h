#ifndef IDENTITY_MAIL_POSTMAN_H_
#define IDENTITY_MAIL_POSTMAN_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/database.h"
#include "db/stores/outbox.h"
#include "server/app/change/mail_outbox.h"
#include "server/base/metrics.h"
#include "server/base/secret.h"
#include "server/base/trace.h"
#include "server/base/trace_context.h"
#include "server/domain/mail_message.h"
#include "server/mail/mail_text.h"
#include "server/mail/smtp_client.h"
#include "server/mail/templates.h"

namespace identity {

// Delivers the mails of the outbox, on a separate thread. Any number of replicas may do so at the same time: each mail
// is leased to one of them. A mail is sent at least once. It is sent again, with the same Message-ID, only when the
// server's answer was lost or could not be recorded. Failed mails are retried at growing intervals and finally
// abandoned. Neither addresses nor contents are logged.
class Postman {
 public:
  struct Options {
    SmtpClient::Options smtp;
    std::string from;                 // "Name <name@example.com>" or the address alone
    std::string templates_directory;  // "": the built-in texts
    // A mail's link is one of these, followed by the token. "": the mail shows only the token.
    std::string verify_url;
    std::string reset_url;

    absl::Duration interval = absl::Seconds(1);      // between checks for due mails, unless woken earlier
    absl::Duration first_delay = absl::Seconds(10);  // before the second attempt; then doubled, each jittered
    absl::Duration longest_delay = absl::Hours(1);
    absl::Duration give_up_after = absl::Hours(3 * 24);
  };
  // Checked options, with the contents of the files that they name.
  struct Prepared {
    Options options;
    std::unique_ptr<SmtpClient> smtp;
    MailAddress from;
    MailTemplates templates;
  };
  // Connects to nothing. INVALID_ARGUMENT names the flag of an invalid value: those of SmtpClient, mail-from,
  // mail-templates, verify-email-url, reset-password-url.
  static absl::StatusOr<Prepared> Prepare(Options options);
  // Whether the link of a mail can be `url` and a token: a printable address with http or https.
  static bool IsLinkUrl(const std::string& url);

  // Starts immediately; `outbox` wakes it. `tracer`: null when deliveries are not traced.
  Postman(Prepared prepared, Database& database, MailOutbox& outbox, Metrics& metrics, Tracer* tracer = nullptr);
  // Stops a running delivery within about a second and leaves the mail to another replica, or to a later start.
  ~Postman();
  Postman(const Postman&) = delete;
  Postman& operator=(const Postman&) = delete;

  // Number of pending mails and age of the oldest, a few seconds old.
  std::vector<Gauge> Gauges() const;

 private:
  struct Letter {
    std::string to;
    Secret text;
    TraceContext trace;  // of the call that caused the mail
  };

  void Work();
  // False when the postman must stop.
  bool AwaitTurn();
  // Whether more mails may be due.
  absl::StatusOr<bool> DeliverDue();
  absl::Status Handle(const outbox::Mail& mail);
  SmtpClient::Delivery Send(const Letter& letter);
  absl::Status Deliver(const outbox::Mail& mail, const Letter& letter);
  absl::StatusOr<Letter> Write(const outbox::Mail& mail) const;
  std::string LinkOf(const MailMessage& message) const;
  absl::Status Fail(const outbox::Mail& mail, bool permanently);
  absl::Status Postpone(const outbox::Mail& mail, absl::Duration delay);
  absl::Status Settle(const Uuid& id);
  absl::Status RemoveSettled();
  absl::Duration DelayAfter(int64_t attempts);
  absl::Status WatchBacklog();

  const Options options_;
  const std::unique_ptr<SmtpClient> smtp_;
  const MailAddress from_;
  const MailTemplates templates_;
  Database& database_;
  MailOutbox& outbox_;
  Metrics& metrics_;
  Tracer* const tracer_;
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> backlog_mails_{0};
  std::atomic<double> backlog_seconds_{0};
  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;

  // Used only by the thread.
  std::set<Uuid> settled_;  // sent or abandoned, and not yet removed; this replica never sends them again
  absl::BitGen random_;
  absl::Time backlog_time_ = absl::InfinitePast();
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_MAIL_POSTMAN_H_
