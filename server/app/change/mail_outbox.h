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
#include "server/domain/mail_message.h"

namespace identity {

// Where use cases leave the mails that their changes give rise to, in the same transaction. They are sealed by the
// current master key until their delivery, for they hold tokens and addresses. Thread-safe.
class MailOutbox {
 public:
  // `keys` outlives it. When not `enabled` (no mail server is configured) nothing is ever put in.
  MailOutbox(const MasterKeys& keys, bool enabled) : keys_(keys), enabled_(enabled) {}
  MailOutbox(const MailOutbox&) = delete;
  MailOutbox& operator=(const MailOutbox&) = delete;

  bool enabled() const { return enabled_; }
  absl::Status Enqueue(Transaction& transaction, const MailMessage& message);
  // As much work as `like` would be, for somebody who does not exist: of `like` nothing is kept but its size.
  absl::Status EnqueueNobody(Transaction& transaction, const MailMessage& like);
  // The way back: what was put in as `mail`. FAILED_PRECONDITION when there is no such master key, UNIMPLEMENTED when
  // this program does not know the kind, DATA_LOSS or INVALID_ARGUMENT when it is broken.
  absl::StatusOr<MailMessage> Open(const outbox::Mail& mail) const;

  // Tells who delivers that there is something to do. To be called after the commit, by all calls that may have put
  // something in or made out that they did.
  void Wake();
  // What Wake() calls, on any thread; it must not block, nor call anything here. Once this has returned, nothing set
  // earlier is called any more.
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
