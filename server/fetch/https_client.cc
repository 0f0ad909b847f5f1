#include "server/fetch/https_client.h"

#include <curl/curl.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/fetch/public_networks.h"

namespace identity {
namespace {

using CurlLong = decltype(0L);  // the type of libcurl's numeric options
using Document = DocumentSource::Document;

constexpr absl::Duration kConnectTime = absl::Seconds(3);
constexpr absl::Duration kLongestMaxAge = absl::Hours(24);

// Must run before any thread uses libcurl.
void EnsureCurl() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!ready) std::abort();
}

// The state that the callbacks of one transfer share.
struct Transfer {
  const RequestContext& context;
  const NetworkSet& allowed_networks;
  bool any_address = false;
  std::string body = {};
  bool too_large = false;
  bool refused_address = false;
};

size_t OnWrite(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.body.size() + size * count > HttpsClient::kMaxBytes) {
    transfer.too_large = true;
    return 0;  // ends the transfer
  }
  transfer.body.append(data, size * count);
  return size * count;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->context.Check().ok() ? 0 : 1;
}

// libcurl asks for a socket when it knows the address. A name that resolves to another address now than it did when it
// was checked cannot get past this.
curl_socket_t OnOpenSocket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::array<char, NI_MAXHOST> text = {};
  const bool known =
      getnameinfo(&address->addr, address->addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0;
  const bool allowed = transfer.any_address ||
                       (known && (IsPublicAddress(text.data()) || transfer.allowed_networks.Contains(text.data())));
  if (!allowed) {
    transfer.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// One use of libcurl's easy interface. After the first option that cannot be set it transfers nothing.
class Handle {
 public:
  Handle() : handle_(curl_easy_init(), &curl_easy_cleanup) {
    if (handle_ == nullptr) code_ = CURLE_FAILED_INIT;
  }

  template <typename T>
  void Set(CURLoption option, T value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(handle_.get(), option, value);
  }
  void SetHeader(const std::string& header) {
    headers_.reset(curl_slist_append(nullptr, header.c_str()));
    if (headers_ == nullptr && code_ == CURLE_OK) code_ = CURLE_OUT_OF_MEMORY;
    Set(CURLOPT_HTTPHEADER, headers_.get());
  }
  CURLcode Run() { return code_ == CURLE_OK ? curl_easy_perform(handle_.get()) : code_; }

  // How long the transfer took, by libcurl's clock.
  absl::Duration Time() {
    curl_off_t microseconds = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_TOTAL_TIME_T, &microseconds);
    return absl::Microseconds(microseconds);
  }
  CurlLong Status() {
    CurlLong status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }
  // Where the server redirects to, as an absolute URL; "" when it does not.
  std::string Redirect() {
    char* url = nullptr;
    curl_easy_getinfo(handle_.get(), CURLINFO_REDIRECT_URL, &url);
    return url == nullptr ? "" : url;
  }
  std::string Header(const char* name) {
    curl_header* header = nullptr;
    return curl_easy_header(handle_.get(), name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : "";
  }

 private:
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr, &curl_slist_free_all};
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  CURLcode code_ = CURLE_OK;
};

// The origin of a URL, https://HOST:PORT, as libcurl reads it. "" if it is not an HTTPS URL, or contains a user name.
std::string OriginOf(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  if (parsed == nullptr || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return "";
  const auto part = [&](CURLUPart which, unsigned flags) {
    char* text = nullptr;
    std::string copy = curl_url_get(parsed.get(), which, &text, flags) == CURLUE_OK ? text : "";
    curl_free(text);
    return copy;
  };
  const std::string host = absl::AsciiStrToLower(part(CURLUPART_HOST, 0));
  if (part(CURLUPART_SCHEME, 0) != "https" || host.empty() || !part(CURLUPART_USER, 0).empty()) return "";
  return absl::StrCat("https://", host, ":", part(CURLUPART_PORT, CURLU_DEFAULT_PORT));
}

// RFC 9111, section 5.2.2. Zero when the answer must not be kept.
absl::Duration MaxAgeOf(absl::string_view cache_control) {
  absl::Duration age = absl::ZeroDuration();
  for (absl::string_view directive : absl::StrSplit(cache_control, ',')) {
    directive = absl::StripAsciiWhitespace(directive);
    if (absl::EqualsIgnoreCase(directive, "no-store") || absl::EqualsIgnoreCase(directive, "no-cache")) {
      return absl::ZeroDuration();
    }
    int64_t seconds = 0;
    if (absl::StartsWithIgnoreCase(directive, "max-age=") && absl::SimpleAtoi(directive.substr(8), &seconds)) {
      age = std::clamp(absl::Seconds(seconds), absl::ZeroDuration(), kLongestMaxAge);
    }
  }
  return age;
}

// The CAs that a request trusts, and its Authorization header.
struct Trust {
  std::string ca_file;  // "": the system's
  bool only_ca_file = false;
  std::string authorization = {};  // the header; "": none
};

void SetUp(Handle& handle, const std::string& url, const Trust& trust, absl::Duration time, Transfer& transfer) {
  handle.Set(CURLOPT_URL, url.c_str());
  handle.Set(CURLOPT_PROTOCOLS_STR, "https");
  handle.Set(CURLOPT_PROXY, "");
  handle.Set(CURLOPT_NETRC, static_cast<CurlLong>(CURL_NETRC_IGNORED));
  handle.Set(CURLOPT_FOLLOWLOCATION, 0L);
  handle.Set(CURLOPT_NOSIGNAL, 1L);
  // Zero would be no limit.
  handle.Set(CURLOPT_TIMEOUT_MS, static_cast<CurlLong>(absl::ToInt64Milliseconds(time)) + 1);
  handle.Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<CurlLong>(absl::ToInt64Milliseconds(kConnectTime)));
  handle.Set(CURLOPT_MAXFILESIZE, static_cast<CurlLong>(HttpsClient::kMaxBytes));
  handle.Set(CURLOPT_SSLVERSION, static_cast<CurlLong>(CURL_SSLVERSION_TLSv1_2));
  handle.Set(CURLOPT_SSL_VERIFYPEER, 1L);
  handle.Set(CURLOPT_SSL_VERIFYHOST, 2L);
  // The system's directory counts, too, unless it is switched off.
  if (!trust.ca_file.empty()) handle.Set(CURLOPT_CAINFO, trust.ca_file.c_str());
  if (trust.only_ca_file) handle.Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  if (!trust.authorization.empty()) handle.SetHeader(trust.authorization);
  handle.Set(CURLOPT_USERAGENT, "identityd");
  handle.Set(CURLOPT_WRITEFUNCTION, &OnWrite);
  handle.Set(CURLOPT_WRITEDATA, &transfer);
  handle.Set(CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket);
  handle.Set(CURLOPT_OPENSOCKETDATA, &transfer);
  handle.Set(CURLOPT_NOPROGRESS, 0L);
  handle.Set(CURLOPT_XFERINFOFUNCTION, &OnProgress);
  handle.Set(CURLOPT_XFERINFODATA, &transfer);
}

// The answer of one request.
struct Answer {
  Document document;
  std::string redirect;  // "" unless the server redirects
};

absl::Status Unavailable(absl::string_view why) {
  return Error(ErrorReason::kProviderUnavailable, absl::StrCat("the issuer's server ", why));
}

absl::StatusOr<Answer> Ask(const std::string& url, const Trust& trust, Transfer& transfer) {
  Handle handle;
  const absl::Duration time = std::min(transfer.context.TimeLeft(), HttpsClient::kTimeout);
  SetUp(handle, url, trust, time, transfer);
  const CURLcode code = handle.Run();
  RETURN_IF_ERROR(transfer.context.Check());
  // libcurl has a clock of its own, which may be a little ahead of that of the context.
  if (code == CURLE_OPERATION_TIMEDOUT && handle.Time() >= time) {
    return Error(ErrorReason::kDeadlineExceeded, "the deadline has passed");
  }
  if (transfer.refused_address) return Unavailable("has no public address, and is in no network that is allowed");
  if (transfer.too_large || code == CURLE_FILESIZE_EXCEEDED) return Unavailable("sends too large a document");
  if (code != CURLE_OK) return Unavailable(absl::StrCat("does not answer: ", curl_easy_strerror(code)));
  const CurlLong status = handle.Status();
  if (std::string redirect = handle.Redirect(); !redirect.empty()) return Answer{{}, std::move(redirect)};
  if (status != 200) return Unavailable(absl::StrCat("answers with the status ", status));
  return Answer{{std::move(transfer.body), MaxAgeOf(handle.Header("cache-control"))}, ""};
}

// Only the two documents of the API server. An issuer's metadata could name any other address of it.
bool IsOfCluster(const HttpsClient::Cluster& cluster, const std::string& url) {
  return !cluster.origin.empty() &&
         (url == cluster.origin + "/openid/v1/jwks" || url == cluster.origin + "/.well-known/openid-configuration");
}

// What requests to the API server show and trust. Read anew for each, since Kubernetes renews the token.
absl::StatusOr<Trust> TrustOf(const HttpsClient::Cluster& cluster) {
  std::ifstream in(cluster.credentials_folder + "/token");
  std::string token;
  if (!std::getline(in, token) || token.empty()) {
    return Error(ErrorReason::kProviderUnavailable,
                 absl::StrCat("the token for the API server cannot be read from ", cluster.credentials_folder));
  }
  return Trust{cluster.credentials_folder + "/ca.crt", true, absl::StrCat("Authorization: Bearer ", token)};
}

absl::Status CheckCaFile(const std::string& file) {
  std::ifstream in(file);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (absl::StrContains(text, "-----BEGIN CERTIFICATE-----")) return absl::OkStatus();
  return InvalidField("provider-ca-file", absl::StrCat(file, " cannot be read or holds no certificate in PEM"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpsClient>> HttpsClient::Create(Options options) {
  EnsureCurl();
  if (!options.ca_file.empty()) RETURN_IF_ERROR(CheckCaFile(options.ca_file));
  return std::unique_ptr<HttpsClient>(new HttpsClient(std::move(options)));
}

bool HttpsClient::IsOrigin(const std::string& url) {
  return !OriginOf(url).empty() && url.find_first_of("/?#", absl::string_view("https://").size()) == std::string::npos;
}

absl::StatusOr<Document> HttpsClient::Get(const RequestContext& context, const std::string& url) {
  const std::string origin = OriginOf(url);
  if (origin.empty()) return Unavailable("has no https:// address");
  const bool of_cluster = IsOfCluster(options_.cluster, url);
  Trust trust = {options_.ca_file};
  if (of_cluster) {
    ASSIGN_OR_RETURN(trust, TrustOf(options_.cluster));
  }
  RequestContext within = context;  // of all redirects together
  within.deadline = std::min(context.deadline, absl::Now() + kTimeout);
  std::string next = url;
  for (int redirects = 0; redirects <= kMaxRedirects; ++redirects) {
    Transfer transfer{within, options_.allowed_networks, of_cluster};
    absl::StatusOr<Answer> answer = Ask(next, trust, transfer);
    if (absl::IsDeadlineExceeded(answer.status()) && within.deadline < context.deadline) {
      return Unavailable("does not answer in time");
    }
    RETURN_IF_ERROR(answer.status());
    if (answer->redirect.empty()) return std::move(answer->document);
    if (OriginOf(answer->redirect) != origin) return Unavailable("redirects to another server");
    next = std::move(answer->redirect);
  }
  return Unavailable("redirects too often");
}

}  // namespace identity
