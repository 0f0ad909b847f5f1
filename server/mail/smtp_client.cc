#include "server/mail/smtp_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr absl::string_view kTlsScheme = "smtps://";
constexpr absl::string_view kScheme = "smtp://";

using CurlLong = decltype(0L);  // the type of libcurl's numeric options
constexpr CurlLong kConnectMilliseconds = 10'000;

// Must run before any thread uses libcurl.
void EnsureCurl() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!ready) std::abort();
}

// libcurl's own parser decides on ports and brackets.
bool IsUrl(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  return parsed != nullptr && curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
}

absl::Status CheckUrl(const std::string& url) {
  absl::string_view host = url;
  const bool known = absl::ConsumePrefix(&host, kScheme) || absl::ConsumePrefix(&host, kTlsScheme);
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains(".-_:[]", absl::string_view(&c, 1));
  };
  if (!known || host.empty() || !std::all_of(host.begin(), host.end(), allowed) || !IsUrl(url)) {
    return InvalidField("smtp-url", "must be smtp://HOST:PORT or smtps://HOST:PORT");
  }
  return absl::OkStatus();
}

absl::Status CheckCaFile(const std::string& file) {
  std::ifstream in(file);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (absl::StrContains(text, "-----BEGIN CERTIFICATE-----")) return absl::OkStatus();
  return InvalidField("smtp-ca-file", absl::StrCat(file, " cannot be read or holds no certificate in PEM"));
}

absl::Status Check(const SmtpClient::Options& options) {
  RETURN_IF_ERROR(CheckUrl(options.url));
  if (options.allow_plaintext && absl::StartsWith(options.url, kTlsScheme)) {
    return InvalidField("smtp-allow-plaintext", "contradicts smtps:// in smtp-url");
  }
  if (options.username.empty() != options.password.empty()) {
    return InvalidField("smtp-username", "must be set together with the password");
  }
  // libcurl takes a NUL as the end of the text.
  if (absl::StrContains(options.username, absl::string_view("\0", 1)) ||
      absl::StrContains(options.password.Reveal(), absl::string_view("\0", 1))) {
    return InvalidField("smtp-username", "and the password must not contain NUL");
  }
  return options.ca_file.empty() ? absl::OkStatus() : CheckCaFile(options.ca_file);
}

// The state that the callbacks of one transfer share.
struct TransferState {
  absl::string_view unsent;
  const std::atomic<bool>& stop;
  bool recipient_named = false;
};

size_t OnRead(char* out, size_t size, size_t count, void* user) {
  absl::string_view& unsent = static_cast<TransferState*>(user)->unsent;
  const size_t taken = std::min(unsent.size(), size * count);
  std::memcpy(out, unsent.data(), taken);
  unsent.remove_prefix(taken);
  return taken;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<TransferState*>(user)->stop ? 1 : 0;
}

// libcurl shows what it sends, but not which command a reply belongs to.
int OnTraffic(CURL*, curl_infotype type, char* data, size_t size, void* user) {
  if (type == CURLINFO_HEADER_OUT && absl::StartsWith(absl::string_view(data, size), "RCPT ")) {
    static_cast<TransferState*>(user)->recipient_named = true;
  }
  return 0;
}

// One use of libcurl's easy interface. After the first option that cannot be set it transfers nothing.
class Transfer {
 public:
  Transfer() : handle_(curl_easy_init(), &curl_easy_cleanup), recipients_(nullptr, &curl_slist_free_all) {
    if (handle_ == nullptr) code_ = CURLE_FAILED_INIT;
  }

  template <typename T>
  void Set(CURLoption option, T value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(handle_.get(), option, value);
  }

  void SetRecipient(const std::string& address) {
    recipients_.reset(curl_slist_append(nullptr, address.c_str()));
    if (recipients_ == nullptr) code_ = CURLE_OUT_OF_MEMORY;
    Set(CURLOPT_MAIL_RCPT, recipients_.get());
  }

  CURLcode Run() {
    if (code_ == CURLE_OK) code_ = curl_easy_perform(handle_.get());
    return code_;
  }

  CurlLong Reply() {
    CurlLong reply = 0;
    if (handle_ != nullptr) curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &reply);
    return reply;
  }

 private:
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients_;
  CURLcode code_ = CURLE_OK;
};

void SetServer(const SmtpClient::Options& options, const std::string& from, Transfer& transfer) {
  // The path is the name in our EHLO. Mail servers seldom accept the machine's own name.
  const std::string url =
      absl::StrCat(absl::StripSuffix(options.url, "/"), "/", absl::string_view(from).substr(from.rfind('@') + 1));
  transfer.Set(CURLOPT_URL, url.c_str());
  transfer.Set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  transfer.Set(CURLOPT_PROXY, "");
  transfer.Set(CURLOPT_NETRC, static_cast<CurlLong>(CURL_NETRC_IGNORED));
  transfer.Set(CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
  transfer.Set(CURLOPT_TIMEOUT_MS, static_cast<CurlLong>(absl::ToInt64Milliseconds(SmtpClient::kTimeout)));
  transfer.Set(CURLOPT_NOSIGNAL, 1L);
  // Limits the QUIT, to which the timeout does not apply.
  transfer.Set(CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<CurlLong>(absl::ToInt64Seconds(SmtpClient::kTimeout)));
  // Sends the QUIT within the transfer, so that `stop` can interrupt it.
  transfer.Set(CURLOPT_FORBID_REUSE, 1L);
}

void SetTls(const SmtpClient::Options& options, Transfer& transfer) {
  transfer.Set(CURLOPT_USE_SSL, static_cast<CurlLong>(options.allow_plaintext ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  transfer.Set(CURLOPT_SSLVERSION, static_cast<CurlLong>(CURL_SSLVERSION_TLSv1_2));
  transfer.Set(CURLOPT_SSL_VERIFYPEER, 1L);
  transfer.Set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (options.ca_file.empty()) return;
  transfer.Set(CURLOPT_CAINFO, options.ca_file.c_str());
  // Otherwise libcurl would trust the system's directory, too.
  transfer.Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

void SetLogin(const SmtpClient::Options& options, Transfer& transfer) {
  if (options.username.empty()) return;
  std::string password(options.password.Reveal());
  transfer.Set(CURLOPT_USERNAME, options.username.c_str());
  transfer.Set(CURLOPT_PASSWORD, password.c_str());
  Wipe(password);
}

void SetMail(const std::string& from, const std::string& to, TransferState* state, Transfer& transfer) {
  transfer.Set(CURLOPT_MAIL_FROM, from.c_str());
  transfer.SetRecipient(to);
  transfer.Set(CURLOPT_UPLOAD, 1L);
  transfer.Set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(state->unsent.size()));
  transfer.Set(CURLOPT_READFUNCTION, &OnRead);
  transfer.Set(CURLOPT_READDATA, state);
  transfer.Set(CURLOPT_NOPROGRESS, 0L);
  transfer.Set(CURLOPT_XFERINFOFUNCTION, &OnProgress);
  transfer.Set(CURLOPT_XFERINFODATA, state);
  transfer.Set(CURLOPT_VERBOSE, 1L);
  transfer.Set(CURLOPT_DEBUGFUNCTION, &OnTraffic);
  transfer.Set(CURLOPT_DEBUGDATA, state);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SmtpClient>> SmtpClient::Create(Options options) {
  EnsureCurl();
  RETURN_IF_ERROR(Check(options));
  return std::unique_ptr<SmtpClient>(new SmtpClient(std::move(options)));
}

SmtpClient::Delivery SmtpClient::Deliver(const std::string& from, const std::string& to, const Secret& text,
                                         const std::atomic<bool>& stop) const {
  TransferState state{text.Reveal(), stop};
  Transfer transfer;
  SetServer(options_, from, transfer);
  SetTls(options_, transfer);
  SetLogin(options_, transfer);
  SetMail(from, to, &state, transfer);
  const CURLcode code = transfer.Run();
  const auto reply = static_cast<int>(transfer.Reply());
  if (code == CURLE_OK) return {Outcome::kDelivered, code, reply};
  // A refusal before RCPT concerns this server, for example a wrong password, and an operator can correct it. A later
  // refusal concerns this mail. When the connection is lost, the last reply was not a refusal.
  const bool permanently = state.recipient_named && reply >= 500 && reply < 600;
  return {permanently ? Outcome::kFailedPermanently : Outcome::kFailedForNow, code, reply};
}

}  // namespace identity
