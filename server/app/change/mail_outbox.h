#ifndef IDENTITY_APP_CHANGE_MAIL_OUTBOX_H_
#define IDENTITY_APP_CHANGE_MAIL_OUTBOX_H_

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "db/database.h"
#include "db/stores/outbox.h"
#include "server/base/sealed_box.h"
#include "server/domain/ids.h"
#include "server/domain/mail_message.h"

namespace identity {

// The associated data of a sealed mail, so that a mail whose kind was changed does not open.
std::string MailSealContext(absl::string_view kind);

// The queue of mails. A use case enqueues the mail that a change causes, in the same transaction. Mails hold tokens and
// addresses, so they are sealed by the current master key until their delivery. Thread-safe.
class MailOutbox {
 public:
  // `keys` must outlive it. When not `enabled` (no mail server is configured), no mail is enqueued.
  MailOutbox(const MasterKeys& keys, bool enabled) : keys_(keys), enabled_(enabled) {}
  MailOutbox(const MailOutbox&) = delete;
  MailOutbox& operator=(const MailOutbox&) = delete;

  bool enabled() const { return enabled_; }
  absl::Status Enqueue(Transaction& transaction, const MailMessage& message);
  // To the owner of the account, with its `username` added to the parameters. Nothing when the account has no address
  // of its own.
  absl::Status EnqueueToOwner(Transaction& transaction, const PrincipalId& id, MailKind kind,
                              MailParameters parameters);
  // For a recipient that does not exist: does the same work as enqueueing `like`, but keeps only its size.
  absl::Status EnqueueDecoy(Transaction& transaction, const MailMessage& like);
  // The message that was enqueued as `mail`. FAILED_PRECONDITION when its master key is missing, UNIMPLEMENTED when
  // this program does not know its kind, DATA_LOSS or INVALID_ARGUMENT when it is damaged.
  absl::StatusOr<MailMessage> Open(const outbox::Mail& mail) const;

  // Wakes the delivery. Call it after the commit of every call that may have enqueued a mail or a decoy.
  void Wake();
  // Sets the function that Wake() calls, on any thread. It must not block and must not call this object. Once set_wake
  // returns, the previous function is no longer called.
  void set_wake(std::function<void()> wake);

 private:
  absl::Status Insert(Transaction& transaction, absl::string_view kind, const Secret& text);

  const MasterKeys& keys_;
  const bool enabled_;
  absl::Mutex mutex_;
  std::function<void()> wake_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace identity

#endif  // IDENTITY_APP_CHANGE_MAIL_OUTBOX_H_
