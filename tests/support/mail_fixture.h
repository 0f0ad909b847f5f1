#ifndef IDENTITY_TESTS_SUPPORT_MAIL_FIXTURE_H_
#define IDENTITY_TESTS_SUPPORT_MAIL_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "server/base/sealed_box.h"
#include "tests/support/process.h"

namespace identity {

// Checks `condition` until it holds. After a minute it fails the test, naming `what`.
void AwaitTrue(absl::string_view what, absl::FunctionRef<bool()> condition);

// A mail as the server received it.
struct ReceivedMail {
  std::string text;  // with the lines that smtp_server.py prepends
  // The value of the header `name`, unfolded; "" when there is none, and a test failure when there are several.
  std::string Header(absl::string_view name) const;
  // The body, decoded, with LF.
  std::string Body() const;
};

// The mail server of smtp_server.py, a process that ends with this object. For one thread.
class SmtpServer {
 public:
  // `arguments`: of the program, in addition to the directory.
  explicit SmtpServer(const std::vector<std::string>& arguments = {});

  // Of the form smtp://127.0.0.1:PORT.
  std::string Url(absl::string_view scheme = "smtp") const;
  // In the order of their arrival.
  std::vector<ReceivedMail> Mails() const;
  // Waits until there are at least `count` mails, and returns all.
  std::vector<ReceivedMail> AwaitMails(size_t count) const;
  // Waits until a client waits for an answer that never comes (--hang).
  void AwaitHanging() const;

 private:
  const ScratchDirectory scratch_;
  std::unique_ptr<Process> process_;
  std::string port_;
};

// A key and a self-signed certificate for 127.0.0.1, made by openssl.
class TestCertificate {
 public:
  // `subject`: the certificate's name, such as "IP:127.0.0.1". With -1 `days` it has expired a day ago.
  explicit TestCertificate(const std::string& subject = "IP:127.0.0.1", int days = 2);
  std::string certificate_file() const { return scratch_.File("certificate.pem"); }
  std::string key_file() const { return scratch_.File("key.pem"); }

 private:
  const ScratchDirectory scratch_;
};

// Master keys with one key, which depends only on `digit`.
MasterKeys TestMasterKeys(char digit = '1');

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_MAIL_FIXTURE_H_
