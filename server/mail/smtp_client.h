#ifndef IDENTITY_MAIL_SMTP_CLIENT_H_
#define IDENTITY_MAIL_SMTP_CLIENT_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/secret.h"

namespace identity {

// Sends mails to one mail server (RFC 5321), each over a separate connection. Requires TLS 1.2 or later and verifies
// the server's name. Ignores proxies and .netrc files. Thread-safe.
class SmtpClient {
 public:
  // The time limit of a delivery. A shorter limit within it applies to connecting. The QUIT may take the same time
  // again.
  static constexpr absl::Duration kTimeout = absl::Seconds(30);

  struct Options {
    // smtp://HOST:PORT (STARTTLS; default port 25) or smtps://HOST:PORT (TLS from the start; default port 465).
    std::string url;
    std::string username;  // "": no login
    Secret password;
    std::string ca_file;  // in PEM, replaces the system's; "": the system's
    // Continues without TLS when the server does not offer it. TLS that the server offers is used and verified.
    bool allow_plaintext = false;
  };
  // Does not connect yet. INVALID_ARGUMENT names the flag (smtp-url, smtp-username, smtp-ca-file, smtp-allow-plaintext)
  // of an invalid value.
  static absl::StatusOr<std::unique_ptr<SmtpClient>> Create(Options options);

  enum class Outcome {
    kDelivered,          // the server has accepted the mail
    kFailedForNow,       // network, TLS, login, or a reply 4xx; the server may have accepted the mail nevertheless
    kFailedPermanently,  // the server rejected the mail: a reply 5xx to the recipient or to the contents
  };
  struct Delivery {
    Outcome outcome;
    int curl_code;  // of libcurl (CURLcode)
    int reply;      // the server's last reply, 0 without one
  };
  // `from` and `to` are addresses, `text` is a whole mail. Returns within about a second once `stop` is set.
  Delivery Deliver(const std::string& from, const std::string& to, const Secret& text,
                   const std::atomic<bool>& stop) const;

 private:
  explicit SmtpClient(Options options) : options_(std::move(options)) {}
  const Options options_;
};

}  // namespace identity

#endif  // IDENTITY_MAIL_SMTP_CLIENT_H_
