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

// Asks until `condition` holds; a test failure that names `what` when it does not within a minute.
void AwaitTrue(absl::string_view what, absl::FunctionRef<bool()> condition);

// A mail as the server got it.
struct ReceivedMail {
  std::string text;  // with what smtp_server.py puts before it
  // The value of the header `name`, unfolded; "" when there is none, and a test failure when there are several.
  std::string Header(absl::string_view name) const;
  // The body, decoded, with LF.
  std::string Body() const;
};

// The mail server of smtp_server.py, as a process of its own, gone at its end. For one thread.
class SmtpServer {
 public:
  // `arguments`: of the program, beside the directory.
  explicit SmtpServer(const std::vector<std::string>& arguments = {});

  // As smtp://127.0.0.1:PORT.
  std::string Url(absl::string_view scheme = "smtp") const;
  // In the order of their arrival.
  std::vector<ReceivedMail> Mails() const;
  // Waits until there are so many, and returns them all.
  std::vector<ReceivedMail> AwaitMails(size_t count) const;
  // Waits until somebody waits for an answer that does not come (--hang).
  void AwaitHanging() const;

 private:
  const ScratchDirectory scratch_;
  std::unique_ptr<Process> process_;
  std::string port_;
};

// A key and a certificate for 127.0.0.1 that it signed itself, made by openssl.
class TestCertificate {
 public:
  // `subject`: the certificate's name, as "IP:127.0.0.1".
  explicit TestCertificate(const std::string& subject = "IP:127.0.0.1");
  std::string certificate_file() const { return scratch_.File("certificate.pem"); }
  std::string key_file() const { return scratch_.File("key.pem"); }

 private:
  const ScratchDirectory scratch_;
};

// Of one key, the same each time for the same `digit`.
MasterKeys TestMasterKeys(char digit = '1');

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_MAIL_FIXTURE_H_
