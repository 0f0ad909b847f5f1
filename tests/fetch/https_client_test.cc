#include "server/fetch/https_client.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "tests/support/document_server.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using testing::HasSubstr;

constexpr char kPath[] = "/keys";

class HttpsClientTest : public testing::Test {
 protected:
  static DocumentServer& server() {
    static auto* const shared = new DocumentServer();
    return *shared;
  }
  HttpsClient::Options Local() const {
    HttpsClient::Options options;
    options.ca_file = server().ca_file();
    EXPECT_TRUE(options.allowed_networks.Add("127.0.0.0/8"));
    return options;
  }
  absl::StatusOr<DocumentSource::Document> Get(const std::string& url, HttpsClient::Options options) const {
    auto client = HttpsClient::Create(std::move(options));
    EXPECT_THAT(client, IsOk());
    return (*client)->Get(RequestContext(), url);
  }
  absl::StatusOr<DocumentSource::Document> Get(const std::string& path = kPath) const {
    return Get(server().Url(path), Local());
  }
};

MATCHER_P(IsUnavailable, why, "") {
  return ReasonOf(arg.status()) == ErrorReason::kProviderUnavailable && absl::StrContains(arg.status().message(), why);
}

TEST_F(HttpsClientTest, GetsADocumentAndHowLongItMayBeKept) {
  server().Serve(kPath, "{}", 77);
  const auto document = Get();
  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(document->body, "{}");
  EXPECT_EQ(document->max_age, absl::Seconds(77));
}

TEST_F(HttpsClientTest, ReadsWhatTheServerSaysAboutKeeping) {
  const struct {
    const char* value;
    absl::Duration max_age;
  } cases[] = {{"", absl::ZeroDuration()},
               {"max-age=60, no-store", absl::ZeroDuration()},
               {"no-cache, max-age=60", absl::ZeroDuration()},
               {"public,MAX-AGE=60", absl::Seconds(60)},
               {"s-maxage=9, max-age=60", absl::Seconds(60)},
               {"max-age=-5", absl::ZeroDuration()},
               {"max-age=soon", absl::ZeroDuration()},
               {"max-age=99999999", absl::Hours(24)}};
  for (const auto& [value, max_age] : cases) {
    server().Answer(kPath, {{"headers", {{"Cache-Control", value}}}, {"body", "x"}});
    const auto document = Get();
    ASSERT_THAT(document, IsOk());
    EXPECT_EQ(document->max_age, max_age) << value;
  }
}

// SSRF: an administrator of the service must not reach what only this machine can reach.
TEST_F(HttpsClientTest, ConnectsToNoAddressThatIsNotPublic) {
  HttpsClient::Options options;
  options.ca_file = server().ca_file();
  const size_t before = server().Requests(kPath);
  EXPECT_THAT(Get(server().Url(kPath), options), IsUnavailable("public address"));
  // The address that a name resolves to decides.
  const std::string by_name = absl::StrReplaceAll(server().Url(kPath), {{"127.0.0.1", "localhost"}});
  EXPECT_THAT(Get(by_name, options), IsUnavailable("public address"));
  EXPECT_THAT(Get("https://169.254.169.254/latest/meta-data/", options), IsUnavailable("public address"));
  EXPECT_THAT(Get("https://[::ffff:127.0.0.1]/", options), IsUnavailable("public address"));
  EXPECT_THAT(Get("https://2130706433/", options), IsUnavailable("public address"));
  EXPECT_EQ(server().Requests(kPath), before);
}

TEST_F(HttpsClientTest, VerifiesTheServer) {
  server().Serve(kPath, "{}");
  HttpsClient::Options without_ca = Local();
  without_ca.ca_file = "";
  EXPECT_THAT(Get(server().Url(kPath), without_ca), IsUnavailable("does not answer"));
  // The certificate is for 127.0.0.1.
  const std::string by_name = absl::StrReplaceAll(server().Url(kPath), {{"127.0.0.1", "localhost"}});
  HttpsClient::Options options = Local();
  EXPECT_TRUE(options.allowed_networks.Add("::1"));
  EXPECT_THAT(Get(by_name, options), IsUnavailable("does not answer"));
}

TEST_F(HttpsClientTest, TakesOnlyHttpsAddresses) {
  for (const std::string& url :
       {std::string(), std::string("keys"), absl::StrReplaceAll(server().Url(kPath), {{"https", "http"}}),
        std::string("file:///etc/passwd"), std::string("https://"), std::string("gopher://127.0.0.1/"),
        absl::StrReplaceAll(server().Url(kPath), {{"https://", "https://user:secret@"}})}) {
    EXPECT_THAT(Get(url, Local()), IsUnavailable("no https:// address")) << url;
  }
}

TEST_F(HttpsClientTest, FollowsRedirectsWithinTheOrigin) {
  server().Serve(kPath, "there");
  server().Answer("/moved", {{"status", 302}, {"headers", {{"Location", kPath}}}});
  const auto document = Get("/moved");
  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(document->body, "there");
  for (const std::string& target :
       {absl::StrReplaceAll(server().Url(kPath), {{"127.0.0.1", "127.0.0.2"}}), std::string("https://example.com/keys"),
        absl::StrReplaceAll(server().Url(kPath), {{"https", "http"}}), std::string("file:///etc/passwd")}) {
    server().Answer("/moved", {{"status", 307}, {"headers", {{"Location", target}}}});
    EXPECT_THAT(Get("/moved"), IsUnavailable("redirects to another server")) << target;
  }
  server().Answer("/moved", {{"status", 302}, {"headers", {{"Location", "/moved"}}}});
  EXPECT_THAT(Get("/moved"), IsUnavailable("redirects too often"));
}

TEST_F(HttpsClientTest, BoundsTheSize) {
  server().Serve(kPath, std::string(HttpsClient::kMaxBytes, 'x'));
  EXPECT_THAT(Get(), IsOk());
  server().Serve(kPath, std::string(HttpsClient::kMaxBytes + 1, 'x'));
  EXPECT_THAT(Get(), IsUnavailable("too large"));
  // Without a length in advance.
  server().Answer(
      kPath, {{"headers", {{"Transfer-Encoding", "chunked"}}}, {"body", std::string(HttpsClient::kMaxBytes + 1, 'x')}});
  EXPECT_THAT(Get(), IsUnavailable("too large"));
}

TEST_F(HttpsClientTest, OnlyAnAnswerWithADocumentCounts) {
  for (const int status : {201, 204, 304, 400, 404, 500}) {
    server().Answer(kPath, {{"status", status}});
    EXPECT_THAT(Get(), IsUnavailable(absl::StrCat("status ", status)));
  }
}

TEST_F(HttpsClientTest, ACallerThatWaitsNoLongerEndsTheRequest) {
  server().Answer("/hanging", {{"after", "never"}});
  auto client = HttpsClient::Create(Local());
  ASSERT_THAT(client, IsOk());
  RequestContext context;
  context.deadline = absl::Now() + absl::Milliseconds(300);
  EXPECT_EQ((*client)->Get(context, server().Url("/hanging")).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(HttpsClientTest, TakesNoFileThatIsNoCertificate) {
  HttpsClient::Options options;
  options.ca_file = "/nowhere";
  EXPECT_THAT(HttpsClient::Create(options).status().message(), HasSubstr("provider-ca-file"));
}

}  // namespace
}  // namespace identity
