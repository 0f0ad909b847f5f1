#include "identity/fetch_keys.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace identity {
inline namespace client {
namespace {

constexpr absl::Duration kDefaultLifetime = absl::Minutes(5);
constexpr absl::Duration kMaxLifetime = absl::Hours(24);
constexpr long kTimeoutSeconds = 10;  // NOLINT(google-runtime-int): the type of libcurl
constexpr size_t kMaxDocumentBytes = 256 * 1024;

struct CurlFree {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};

std::string PartOf(const std::string& url, CURLUPart part) {
  const std::unique_ptr<CURLU, CurlFree> parsed(curl_url());
  char* text = nullptr;
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
      curl_url_get(parsed.get(), part, &text, 0) != CURLUE_OK) {
    return "";
  }
  return std::unique_ptr<char, CurlFree>(text).get();
}

bool IsLoopback(const std::string& host) {
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  return host == "localhost" || host == "[::1]";
}

// Sets the lifetime when the line is a Cache-Control with a max-age (RFC 9111, section 5.2.2.1).
size_t ReadHeader(char* bytes, size_t, size_t size, void* document) {
  absl::string_view line(bytes, size);
  constexpr absl::string_view kName = "cache-control:";
  if (!absl::StartsWithIgnoreCase(line, kName)) return size;
  for (absl::string_view directive : absl::StrSplit(line.substr(kName.size()), ',')) {
    directive = absl::StripAsciiWhitespace(directive);
    int64_t seconds = 0;
    if (absl::ConsumePrefix(&directive, "max-age=") && absl::SimpleAtoi(directive, &seconds) && seconds >= 0) {
      static_cast<KeyDocument*>(document)->lifetime = std::min(absl::Seconds(seconds), kMaxLifetime);
    }
  }
  return size;
}

// Ends the transfer when the document is too large.
size_t ReadBody(char* bytes, size_t, size_t size, void* document) {
  std::string& json = static_cast<KeyDocument*>(document)->json;
  if (json.size() + size > kMaxDocumentBytes) return 0;
  json.append(bytes, size);
  return size;
}

absl::StatusOr<KeyDocument> Fetch(const std::string& url, const std::string& tls_root_file) {
  KeyDocument document{"", kDefaultLifetime};
  const std::unique_ptr<CURL, CurlFree> curl(curl_easy_init());
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "https,http");
  if (PartOf(url, CURLUPART_SCHEME) == "http") curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");  // loopback has none
  if (!tls_root_file.empty()) curl_easy_setopt(curl.get(), CURLOPT_CAINFO, tls_root_file.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kTimeoutSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, ReadHeader);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &document);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, ReadBody);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &document);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return absl::UnavailableError(absl::StrCat(url, ": ", curl_easy_strerror(code)));
  long status = 0;  // NOLINT(google-runtime-int): the type of libcurl
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 200) return document;
  return absl::UnavailableError(absl::StrCat(url, ": status ", status));  // such as a redirect, which is not followed
}

}  // namespace

absl::StatusOr<KeyFetch> FetchKeysFrom(std::string url, std::string tls_root_file) {
  const std::string scheme = PartOf(url, CURLUPART_SCHEME);
  if (scheme != "https" && (scheme != "http" || !IsLoopback(PartOf(url, CURLUPART_HOST)))) {
    return absl::InvalidArgumentError("the address of the keys must be https, or http on loopback");
  }
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return absl::InternalError(curl_easy_strerror(ready));
  return [url = std::move(url), roots = std::move(tls_root_file)] { return Fetch(url, roots); };
}

}  // namespace client
}  // namespace identity
