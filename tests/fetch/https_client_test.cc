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
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using testing::HasSubstr;

constexpr char kPath[] = "/openid/v1/jwks";
constexpr char kMetadata[] = "/.well-known/openid-configuration";

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

// ---- The API server of a Kubernetes cluster

// `server` is the API server. `other` is any other one, with a certificate of its own.
class ClusterTest : public HttpsClientTest {
 protected:
  ClusterTest() {
    credentials_.Write("token", "t0ken\n");
    credentials_.Write("ca.crt", ReadWhole(server().ca_file()));
    server().Serve(kPath, "of the cluster");
    other().Serve(kPath, "of another");
  }
  static DocumentServer& other() {
    static auto* const shared = new DocumentServer();
    return *shared;
  }
  // Trusts the cluster, and else only what the system trusts. Allows no address that is not public.
  HttpsClient::Options OfCluster() const {
    HttpsClient::Options options;
    options.cluster = {server().Url(), credentials_.File("")};
    return options;
  }
  // The same, and asks the other server, too.
  HttpsClient::Options OfClusterAndOther() const {
    HttpsClient::Options options = OfCluster();
    options.ca_file = other().ca_file();
    EXPECT_TRUE(options.allowed_networks.Add("127.0.0.0/8"));
    return options;
  }
  absl::StatusOr<DocumentSource::Document> GetFromCluster() const { return Get(server().Url(kPath), OfCluster()); }

  const ScratchDirectory credentials_;
};

TEST_F(ClusterTest, IsAskedWithItsTokenAtAnAddressThatIsNotPublic) {
  const auto document = GetFromCluster();
  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(document->body, "of the cluster");
  EXPECT_EQ(server().LastAuthorization(kPath), "Bearer t0ken");
}

TEST_F(ClusterTest, NoOtherServerSeesTheToken) {
  const auto document = Get(other().Url(kPath), OfClusterAndOther());
  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(document->body, "of another");
  EXPECT_EQ(other().LastAuthorization(kPath), "");
}

TEST_F(ClusterTest, WithoutAClusterNoServerSeesAToken) {
  EXPECT_THAT(Get(), IsOk());
  EXPECT_EQ(server().LastAuthorization(kPath), "");
}

TEST_F(ClusterTest, NoOtherAddressThatIsNotPublicIsAllowed) {
  HttpsClient::Options options = OfCluster();
  options.ca_file = other().ca_file();
  const size_t before = other().Requests(kPath);
  EXPECT_THAT(Get(other().Url(kPath), options), IsUnavailable("public address"));
  EXPECT_EQ(other().Requests(kPath), before);
  // The same machine and port, but not the origin of the cluster.
  const size_t before_there = server().Requests(kPath);
  const std::string by_name = absl::StrReplaceAll(server().Url(kPath), {{"127.0.0.1", "localhost"}});
  EXPECT_THAT(Get(by_name, options), IsUnavailable("public address"));
  const std::string by_number = absl::StrReplaceAll(server().Url(kPath), {{"127.0.0.1", "127.0.0.2"}});
  EXPECT_THAT(Get(by_number, options), IsUnavailable("public address"));
  EXPECT_EQ(server().Requests(kPath), before_there);
}

TEST_F(ClusterTest, OnlyItsOwnCaIsTrustedThere) {
  credentials_.Write("ca.crt", ReadWhole(other().ca_file()));
  HttpsClient::Options options = OfCluster();
  options.ca_file = server().ca_file();
  const size_t before = server().Requests(kPath);
  EXPECT_THAT(Get(server().Url(kPath), options), IsUnavailable("does not answer"));
  EXPECT_EQ(server().Requests(kPath), before) << "nobody but the API server may see the token";
}

TEST_F(ClusterTest, ItsCaIsTrustedNowhereElse) {
  credentials_.Write("ca.crt", ReadWhole(other().ca_file()));
  HttpsClient::Options options = OfCluster();
  EXPECT_TRUE(options.allowed_networks.Add("127.0.0.0/8"));
  EXPECT_THAT(Get(other().Url(kPath), options), IsUnavailable("does not answer"));
  options.ca_file = other().ca_file();
  EXPECT_THAT(Get(other().Url(kPath), options), IsOk()) << "unless the operator says so";
}

TEST_F(ClusterTest, TheFilesAreReadForEachRequest) {
  auto client = HttpsClient::Create(OfCluster());
  ASSERT_THAT(client, IsOk());
  const auto get = [&] { return (*client)->Get(RequestContext(), server().Url(kPath)); };
  EXPECT_THAT(get(), IsOk());
  credentials_.Write("token", "renewed");
  EXPECT_THAT(get(), IsOk());
  EXPECT_EQ(server().LastAuthorization(kPath), "Bearer renewed");
  credentials_.Write("ca.crt", ReadWhole(other().ca_file()));
  EXPECT_THAT(get(), IsUnavailable("does not answer"));
}

TEST_F(ClusterTest, WithoutItsFilesItIsNotAsked) {
  const size_t before = server().Requests(kPath);
  credentials_.Write("token", "");
  EXPECT_THAT(GetFromCluster(), IsUnavailable("token"));
  credentials_.Write("token", "\n");
  EXPECT_THAT(GetFromCluster(), IsUnavailable("token"));
  HttpsClient::Options options = OfCluster();
  options.cluster.credentials_folder = credentials_.File("nowhere");
  EXPECT_THAT(Get(server().Url(kPath), options), IsUnavailable("token"));
  credentials_.Write("token", "t0ken\n");
  credentials_.Write("ca.crt", "");
  EXPECT_THAT(GetFromCluster(), IsUnavailable("does not answer"));
  EXPECT_EQ(server().Requests(kPath), before);
}

// An issuer's metadata could name any address of the API server.
TEST_F(ClusterTest, OnlyItsTwoDocumentsAreAskedWithItsToken) {
  server().Serve("/api/v1/secrets", "secrets");
  EXPECT_THAT(Get(server().Url("/api/v1/secrets"), OfCluster()), IsUnavailable("public address"));
  EXPECT_EQ(server().Requests("/api/v1/secrets"), 0u);
}

TEST_F(ClusterTest, ARedirectDoesNotLeaveIt) {
  server().Answer(kMetadata, {{"status", 307}, {"headers", {{"Location", other().Url(kPath)}}}});
  const size_t before = other().Requests(kPath);
  EXPECT_THAT(Get(server().Url(kMetadata), OfClusterAndOther()), IsUnavailable("redirects to another server"));
  EXPECT_EQ(other().Requests(kPath), before);
  server().Answer(kMetadata, {{"status", 307}, {"headers", {{"Location", kPath}}}});
  EXPECT_THAT(Get(server().Url(kMetadata), OfCluster()), IsOk());
  EXPECT_EQ(server().LastAuthorization(kPath), "Bearer t0ken");
  // Nor does a redirect of another server lead there.
  other().Answer(kMetadata, {{"status", 307}, {"headers", {{"Location", server().Url(kPath)}}}});
  const size_t before_there = server().Requests(kPath);
  EXPECT_THAT(Get(other().Url(kMetadata), OfClusterAndOther()), IsUnavailable("redirects to another server"));
  EXPECT_EQ(server().Requests(kPath), before_there);
}

TEST_F(ClusterTest, AnOriginIsAnHttpsUrlWithNothingButAHostAndAPort) {
  for (const char* origin : {"https://kubernetes.default.svc", "https://kubernetes.default.svc:6443",
                             "https://127.0.0.1:6443", "https://[2001:db8::1]:6443"}) {
    EXPECT_TRUE(HttpsClient::IsOrigin(origin)) << origin;
  }
  for (const char* wrong :
       {"", "kubernetes.default.svc", "http://kubernetes.default.svc", "https://", "https://kubernetes.default.svc/",
        "https://kubernetes.default.svc/openid/v1/jwks", "https://kubernetes.default.svc?x=1",
        "https://kubernetes.default.svc#x", "https://user:secret@kubernetes.default.svc", "file:///etc/passwd"}) {
    EXPECT_FALSE(HttpsClient::IsOrigin(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace identity
