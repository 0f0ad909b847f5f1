#include "server/app/change/mail_outbox.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "db/stores/accounts.h"
#include "server/base/mutex.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/base/trace.h"

namespace identity {
namespace {

// The message as text. It carries the trace context of the running call, so that the delivery joins its trace. A reset
// does not: its delivery would tell everybody who reads traces whether the account exists.
Secret TextOf(MailMessage message) {
  const absl::optional<TraceContext> trace = TraceScope::Current();
  if (trace && message.kind != MailKind::kResetPassword) message.traceparent = trace->ToString();
  return SerializeMail(message);
}

}  // namespace

std::string MailSealContext(absl::string_view kind) { return absl::StrCat("outbox:", kind); }

absl::Status MailOutbox::Enqueue(Transaction& transaction, const MailMessage& message) {
  if (!enabled_) return absl::OkStatus();
  return Insert(transaction, MailKindName(message.kind), TextOf(message));
}

absl::Status MailOutbox::EnqueueToOwner(Transaction& transaction, const PrincipalId& id, MailKind kind,
                                        MailParameters parameters) {
  if (!enabled_) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, id));
  if (!account || !account->email_owned) return absl::OkStatus();
  parameters["username"] = account->username;
  return Enqueue(transaction, {kind, account->email, std::move(parameters)});
}

absl::Status MailOutbox::EnqueueDecoy(Transaction& transaction, const MailMessage& like) {
  if (!enabled_) return absl::OkStatus();
  return Insert(transaction, outbox::kNobody, Secret(std::string(TextOf(like).size(), ' ')));
}

absl::Status MailOutbox::Insert(Transaction& transaction, absl::string_view kind, const Secret& text) {
  const std::string sealed = keys_.Seal(text.Reveal(), MailSealContext(kind), RandomBytes(kSealNonceBytes));
  return outbox::Enqueue(transaction, kind, sealed, keys_.current_id());
}

absl::StatusOr<MailMessage> MailOutbox::Open(const outbox::Mail& mail) const {
  const absl::optional<MailKind> kind = MailKindOf(mail.kind);
  if (!kind) return absl::UnimplementedError("this program does not know the kind of the mail");
  ASSIGN_OR_RETURN(const Secret text, keys_.Open(mail.master_key_id, mail.sealed, MailSealContext(mail.kind)));
  return ParseMail(*kind, text);
}

void MailOutbox::Wake() {
  // Under the lock, for the promise of set_wake. The function does not block.
  MutexLock lock(mutex_);
  if (wake_) wake_();
}

void MailOutbox::set_wake(std::function<void()> wake) {
  MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

}  // namespace identity
