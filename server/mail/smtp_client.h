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

// Hands mails to one mail server (RFC 5321), each over a connection of its own. TLS is required, of version 1.2 at
// least, and the server must prove its name. Proxies and .netrc files are not looked at. Safe from any thread.
class SmtpClient {
 public:
  // How long a delivery may take in all; to connect and to say goodbye are each bounded within or beside it.
  static constexpr absl::Duration kTimeout = absl::Seconds(30);

  struct Options {
    // smtp://HOST:PORT (STARTTLS; without a port 25) or smtps://HOST:PORT (TLS at once; without a port 465).
    std::string url;
    std::string username;  // "": does not log in
    Secret password;
    std::string ca_file;  // in PEM, stands for the system's; "": the system's
    // Goes on without TLS where the server offers none. What it offers is used all the same, and checked.
    bool allow_plaintext = false;
  };
  // Connects to nothing yet. INVALID_ARGUMENT that names the flag (smtp-url, smtp-username, smtp-ca-file,
  // smtp-allow-plaintext) for a value that cannot be.
  static absl::StatusOr<std::unique_ptr<SmtpClient>> Create(Options options);

  enum class Outcome {
    kDelivered,      // the server has taken it over
    kFailedForNow,   // network, TLS, login, or the server said to try again; it may all the same have taken it
    kFailedForGood,  // the server will not have this mail: a reply 5xx to the recipient or to the contents
  };
  struct Delivery {
    Outcome outcome;
    int curl_code;  // of libcurl (CURLcode)
    int reply;      // the server's last, 0 when there was none
  };
  // `from` and `to` are addresses, `text` a whole mail. Once `stop` is set it ends within about a second.
  Delivery Deliver(const std::string& from, const std::string& to, const Secret& text,
                   const std::atomic<bool>& stop) const;

 private:
  explicit SmtpClient(Options options) : options_(std::move(options)) {}
  const Options options_;
};

}  // namespace identity

#endif  // IDENTITY_MAIL_SMTP_CLIENT_H_
