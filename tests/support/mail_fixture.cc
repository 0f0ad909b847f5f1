#include "tests/support/mail_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace identity {

void AwaitTrue(absl::string_view what, absl::FunctionRef<bool()> condition) {
  const absl::Time give_up = absl::Now() + absl::Minutes(1);
  while (!condition()) {
    if (absl::Now() > give_up) {
      ADD_FAILURE() << "the condition never held: " << what;
      return;
    }
    std::this_thread::yield();
  }
}

std::string ReceivedMail::Header(absl::string_view name) const {
  const std::string head = absl::StrReplaceAll(text.substr(0, text.find("\r\n\r\n")), {{"\r\n ", " "}});
  std::vector<std::string> values;
  for (absl::string_view line : absl::StrSplit(head, "\r\n")) {
    if (absl::ConsumePrefix(&line, absl::StrCat(name, ": "))) values.emplace_back(line);
  }
  EXPECT_LE(values.size(), 1u) << name;
  return values.empty() ? "" : values.front();
}

std::string ReceivedMail::Body() const {
  const std::string quoted = absl::StrReplaceAll(text.substr(text.find("\r\n\r\n") + 4), {{"=\r\n", ""}});
  std::string body;
  for (size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] == '=') {
      body.push_back(static_cast<char>(std::stoi(quoted.substr(i + 1, 2), nullptr, 16)));
      i += 2;
    } else if (quoted[i] != '\r') {
      body.push_back(quoted[i]);
    }
  }
  return body;
}

SmtpServer::SmtpServer(const std::vector<std::string>& arguments) {
  const std::string directory = scratch_.File("mails");
  std::filesystem::create_directory(directory);
  std::vector<std::string> command = {"/usr/bin/python3", "-B", SMTP_SERVER, directory};
  command.insert(command.end(), arguments.begin(), arguments.end());
  process_ =
      std::make_unique<Process>(command, std::vector<std::string>(),
                                Process::Files{.output = scratch_.File("output"), .errors = scratch_.File("errors")});
  AwaitTrue("the mail server listens", [this] { return absl::EndsWith(ReadWhole(scratch_.File("output")), "\n"); });
  port_ = std::string(absl::StripAsciiWhitespace(ReadWhole(scratch_.File("output"))));
}

std::string SmtpServer::Url(absl::string_view scheme) const { return absl::StrCat(scheme, "://127.0.0.1:", port_); }

std::vector<ReceivedMail> SmtpServer::Mails() const {
  std::vector<ReceivedMail> mails;
  while (true) {
    const std::string file = scratch_.File(absl::StrFormat("mails/%04d.eml", mails.size() + 1));
    if (!std::filesystem::exists(file)) return mails;
    mails.push_back({ReadWhole(file)});
  }
}

std::vector<ReceivedMail> SmtpServer::AwaitMails(size_t count) const {
  AwaitTrue(absl::StrCat(count, " mails"), [&] { return Mails().size() >= count; });
  return Mails();
}

void SmtpServer::AwaitHanging() const {
  AwaitTrue("a delivery hangs", [this] { return std::filesystem::exists(scratch_.File("mails/hanging")); });
}

// Only `openssl ca` can set the dates of an expired certificate in every version of OpenSSL.
TestCertificate::TestCertificate(const std::string& subject, int days) {
  const auto date = [](absl::Time time) { return absl::FormatTime("%Y%m%d%H%M%SZ", time, absl::UTCTimeZone()); };
  const absl::Time end = absl::Now() + days * absl::Hours(24);
  const std::string request = scratch_.File("request.pem");
  const std::string configuration =
      scratch_.Write("ca.conf", absl::Substitute(R"([ca]
default_ca = self
[self]
rand_serial = yes
database = $0
new_certs_dir = $1
default_md = sha256
copy_extensions = copy
policy = any
[any]
commonName = supplied
)",
                                                 scratch_.Write("issued", ""), scratch_.File("")));
  const Outcome requested =
      RunProgram({"openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                  "/CN=test", "-addext", "subjectAltName=" + subject, "-keyout", key_file(), "-out", request});
  EXPECT_EQ(requested.exit_code, 0) << requested.errors;
  const Outcome signed_by_itself =
      RunProgram({"openssl", "ca", "-batch", "-selfsign", "-notext", "-config", configuration, "-keyfile", key_file(),
                  "-in", request, "-out", certificate_file(), "-startdate",
                  date(std::min(end, absl::Now()) - absl::Hours(24)), "-enddate", date(end)});
  EXPECT_EQ(signed_by_itself.exit_code, 0) << signed_by_itself.errors;
}

MasterKeys TestMasterKeys(char digit) { return *MasterKeys::Parse(Secret(std::string(2 * kSealKeyBytes, digit))); }

}  // namespace identity
