#include "server/app/access/external_keys.h"

#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/fetch/https_client.h"
#include "tests/support/document_server.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/token_forge.h"

namespace identity {
namespace {

using Json = nlohmann::json;

constexpr char kMetadata[] = "/.well-known/openid-configuration";
constexpr char kKeys[] = "/keys";

// An uptime that tests advance. Thread-safe.
class Hands {
 public:
  absl::Duration now() const {
    MutexLock lock(mutex_);
    return now_;
  }
  void Advance(absl::Duration time) {
    MutexLock lock(mutex_);
    now_ += time;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Duration now_ ABSL_GUARDED_BY(mutex_) = absl::Hours(1000);
};

class ExternalKeysTest : public testing::Test {
 protected:
  void SetUp() override {
    SetLogLevel(LogLevel::kError);
    HttpsClient::Options options;
    options.ca_file = server_.ca_file();
    ASSERT_TRUE(options.allowed_networks.Add("127.0.0.1"));
    auto client = HttpsClient::Create(options);
    ASSERT_THAT(client, IsOk());
    client_ = *std::move(client);
    Restart({});
    Publish({"k1"});
    server_.Serve(kMetadata, Json{{"issuer", server_.Url()}, {"jwks_uri", server_.Url(kKeys)}}.dump());
  }
  void TearDown() override { SetLogLevel(LogLevel::kInfo); }

  void Restart(const ExternalKeys::Options& options) {
    keys_ = std::make_unique<ExternalKeys>(
        *client_, [this] { return hands_.now(); }, options);
  }
  // From now on the issuer has keys with these names.
  void Publish(const std::vector<std::string>& kids, int max_age = 600) {
    std::vector<Json> keys;
    for (const std::string& kid : kids) {
      keys.push_back(forge_.Jwk());
      keys.back()["kid"] = kid;
    }
    server_.Serve(kKeys, Json{{"keys", keys}}.dump(), max_age);
  }
  absl::StatusOr<absl::optional<JsonWebKey>> Find(const std::string& kid, const RequestContext& context = {}) {
    return keys_->Find(context, {server_.Url(), ""}, kid, forge_.algorithm());
  }
  bool Has(const std::string& kid) {
    const auto found = Find(kid);
    EXPECT_THAT(found, IsOk());
    return found.ok() && found->has_value();
  }
  size_t fetches() const { return server_.Requests(kKeys); }

  const DocumentServer server_;
  const TokenForge forge_{JwsAlgorithm::kEs256};
  Hands hands_;
  std::unique_ptr<HttpsClient> client_;
  std::unique_ptr<ExternalKeys> keys_;
};

TEST_F(ExternalKeysTest, FetchesOnceByTheIssuersMetadata) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Has("k1"));
  EXPECT_EQ(server_.Requests(kMetadata), 1u);
  EXPECT_EQ(fetches(), 1u);
}

TEST_F(ExternalKeysTest, AProviderMayNameTheAddressOfItsKeys) {
  const KeyOrigin origin = {"https://issuer.example", server_.Url(kKeys)};
  const auto found = keys_->Find({}, origin, "k1", forge_.algorithm());
  ASSERT_THAT(found, IsOk());
  EXPECT_TRUE(found->has_value());
  EXPECT_EQ(server_.Requests(kMetadata), 0u);
  server_.Serve("/other", R"({"keys":[]})");
  const auto moved = keys_->Find({}, {origin.issuer, server_.Url("/other")}, "k1", forge_.algorithm());
  ASSERT_THAT(moved, IsOk());
  EXPECT_FALSE(moved->has_value()) << "the keys of the earlier address";
}

// Anybody can write a name of a key into a token.
TEST_F(ExternalKeysTest, UnknownNamesCauseAtMostOneFetchAMinute) {
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(Has(absl::StrCat("unknown-", i)));
  EXPECT_EQ(fetches(), 1u);
  hands_.Advance(absl::Seconds(59));
  EXPECT_FALSE(Has("unknown"));
  EXPECT_EQ(fetches(), 1u);
  hands_.Advance(absl::Seconds(1));
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(Has(absl::StrCat("unknown-", i)));
  EXPECT_EQ(fetches(), 2u);
}

TEST_F(ExternalKeysTest, ANewKeyIsKnownWithItsFirstToken) {
  EXPECT_TRUE(Has("k1"));
  Publish({"k1", "k2"});
  hands_.Advance(ExternalKeys::kFetchInterval);
  EXPECT_TRUE(Has("k2"));
  EXPECT_TRUE(Has("k1"));
  EXPECT_EQ(fetches(), 2u);
}

TEST_F(ExternalKeysTest, CallersShareOneFetch) {
  std::vector<std::thread> callers;
  std::atomic<int> good = 0;
  std::atomic<int> busy = 0;
  for (int i = 0; i < 32; ++i) {
    callers.emplace_back([&] {
      const auto found = Find("k1");
      if (found.ok() && *found) ++good;
      if (ReasonOf(found.status()) == ErrorReason::kProviderUnavailable) ++busy;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(good + busy, 32);
  EXPECT_GE(good, 1);
  EXPECT_EQ(fetches(), 1u);
}

// A slow server of one issuer must not take all workers.
TEST_F(ExternalKeysTest, OnlyAFewWait) {
  Restart({.max_waiting = 1, .files = {}});
  server_.Answer(kKeys, {{"after", "released"}, {"body", R"({"keys":[]})"}});
  std::thread first([&] { EXPECT_FALSE(Has("k1")); });
  AwaitTrue("the first fetch has begun", [&] { return fetches() == 1; });
  const auto second = Find("k1");
  EXPECT_EQ(ReasonOf(second.status()), ErrorReason::kProviderUnavailable);
  EXPECT_TRUE(RetryDelayOf(second.status()));
  server_.Release("released");
  first.join();
}

TEST_F(ExternalKeysTest, OldKeysAreUsedWhileNewOnesAreFetched) {
  EXPECT_TRUE(Has("k1"));
  Publish({"k2"});
  hands_.Advance(absl::Seconds(600));
  EXPECT_TRUE(Has("k1")) << "at once, without waiting for the fetch";
  AwaitTrue("the keys are fetched", [&] { return Has("k2"); });
  EXPECT_FALSE(Has("k1")) << "the issuer has withdrawn it";
  EXPECT_EQ(fetches(), 2u);
}

TEST_F(ExternalKeysTest, AnOutageOfTheIssuerLeavesItsKeysForADay) {
  EXPECT_TRUE(Has("k1"));
  server_.Answer(kKeys, {{"status", 500}});
  for (int hour = 0; hour < 23; ++hour) {
    hands_.Advance(absl::Hours(1));
    EXPECT_TRUE(Has("k1")) << hour;
  }
  hands_.Advance(absl::Hours(1));
  AwaitTrue("the last refresh has ended", [&] {
    const auto found = Find("k1");
    return ReasonOf(found.status()) == ErrorReason::kProviderUnavailable;
  });
}

TEST_F(ExternalKeysTest, ALongMaxAgeLeavesTimeForAnOutage) {
  Publish({"k1"}, 86'400);
  EXPECT_TRUE(Has("k1"));
  server_.Answer(kKeys, {{"status", 500}});
  hands_.Advance(ExternalKeys::kLongestFresh);
  EXPECT_TRUE(Has("k1"));
  AwaitTrue("the keys are asked for again long before they end", [&] { return fetches() == 2; });
  EXPECT_TRUE(Has("k1"));
}

TEST_F(ExternalKeysTest, ACallerWaitsNoLongerThanItsDeadline) {
  server_.Answer(kKeys, {{"after", "released"}, {"body", R"({"keys":[]})"}});
  RequestContext context;
  context.deadline = absl::Now() + absl::Milliseconds(50);
  EXPECT_EQ(ReasonOf(Find("k1", context).status()), ErrorReason::kDeadlineExceeded);
  AwaitTrue("the fetch goes on", [&] { return fetches() == 1; });
  server_.Release("released");
}

// The first four take all threads.
TEST_F(ExternalKeysTest, AnIssuerThatSomebodyNeedsComesBeforeThoseThatNobodyNeedsYet) {
  server_.Answer("/first", {{"after", "first"}, {"body", R"({"keys":[]})"}});
  server_.Answer("/later", {{"after", "later"}, {"body", R"({"keys":[]})"}});
  for (int i = 0; i < 4; ++i) keys_->Prefetch({absl::StrCat("https://first-", i, ".example"), server_.Url("/first")});
  for (int i = 0; i < 5; ++i) keys_->Prefetch({absl::StrCat("https://later-", i, ".example"), server_.Url("/later")});
  keys_->Prefetch({server_.Url(), ""});
  AwaitTrue("the first take all threads", [&] { return server_.Requests("/first") == 4; });
  RequestContext impatient;
  impatient.deadline = absl::Now();
  EXPECT_EQ(ReasonOf(Find("k1", impatient).status()), ErrorReason::kDeadlineExceeded);
  server_.Release("first");
  RequestContext patient;
  patient.deadline = absl::Now() + absl::Seconds(30);
  EXPECT_THAT(Find("k1", patient), IsOk());
  EXPECT_LT(server_.Requests("/later"), 5u) << "it waited for none of them";
  server_.Release("later");
}

TEST_F(ExternalKeysTest, AnOutageBeforeTheFirstKeysIsTold) {
  server_.Answer(kKeys, {{"status", 500}});
  EXPECT_EQ(ReasonOf(Find("k1").status()), ErrorReason::kProviderUnavailable);
  const auto again = Find("k1");
  EXPECT_EQ(ReasonOf(again.status()), ErrorReason::kProviderUnavailable);
  EXPECT_EQ(RetryDelayOf(again.status()), ExternalKeys::kRetryInterval);
  EXPECT_EQ(fetches(), 1u);
  Publish({"k1"});
  hands_.Advance(ExternalKeys::kRetryInterval);
  EXPECT_TRUE(Has("k1"));
}

TEST_F(ExternalKeysTest, TheMetadataMustBeOfThisIssuer) {
  for (const Json& metadata : std::vector<Json>{{{"issuer", server_.Url("/")}, {"jwks_uri", server_.Url(kKeys)}},
                                                {{"issuer", "https://evil.example"}, {"jwks_uri", server_.Url(kKeys)}},
                                                {{"jwks_uri", server_.Url(kKeys)}},
                                                {{"issuer", server_.Url()}},
                                                {{"issuer", server_.Url()}, {"jwks_uri", "http://127.0.0.1/keys"}},
                                                "metadata"}) {
    server_.Serve(kMetadata, metadata.dump());
    EXPECT_EQ(ReasonOf(Find("k1").status()), ErrorReason::kProviderUnavailable) << metadata;
    hands_.Advance(ExternalKeys::kRetryInterval);
  }
  EXPECT_EQ(fetches(), 0u);
}

TEST_F(ExternalKeysTest, AThreadThatMustNotBlockDoesNotFetch) {
  RequestContext context;
  context.may_block = false;
  EXPECT_TRUE(IsWouldBlock(Find("k1", context).status()));
  EXPECT_TRUE(Has("k1"));
  const auto found = Find("k1", context);
  ASSERT_THAT(found, IsOk());
  EXPECT_TRUE(found->has_value());
}

TEST_F(ExternalKeysTest, TellsItsHealth) {
  EXPECT_TRUE(keys_->health().empty());
  EXPECT_TRUE(Has("k1"));
  server_.Answer(kKeys, {{"status", 500}});
  hands_.Advance(ExternalKeys::kFetchInterval);
  EXPECT_FALSE(Has("k2"));
  const std::vector<ExternalKeys::Health> health = keys_->health();
  ASSERT_EQ(health.size(), 1u);
  EXPECT_EQ(health[0].issuer, server_.Url());
  EXPECT_TRUE(health[0].has_keys);
  EXPECT_TRUE(health[0].last_fetch_failed);
  EXPECT_EQ(health[0].age, ExternalKeys::kFetchInterval);
  EXPECT_EQ(health[0].fetches, 2);
  EXPECT_EQ(health[0].failures, 1);
}

// ---- Keys from a file

class ExternalKeyFilesTest : public ExternalKeysTest {
 protected:
  void SetUp() override {
    ExternalKeysTest::SetUp();
    ExternalKeys::Options options;
    options.files[server_.Url()] = scratch_.File("keys");
    Restart(options);
  }
  // From now on the file has keys with these names.
  void Write(const std::vector<std::string>& kids) const {
    std::vector<Json> keys;
    for (const std::string& kid : kids) {
      keys.push_back(forge_.Jwk());
      keys.back()["kid"] = kid;
    }
    scratch_.Write("keys", Json{{"keys", keys}}.dump());
  }

  const ScratchDirectory scratch_;
};

TEST_F(ExternalKeyFilesTest, AnIssuerWithAFileIsNotAsked) {
  Write({"from-file"});
  EXPECT_TRUE(Has("from-file"));
  EXPECT_FALSE(Has("k1")) << "the issuer publishes it";
  hands_.Advance(ExternalKeys::kFetchInterval);
  EXPECT_FALSE(Has("k1"));
  EXPECT_EQ(server_.Requests(kMetadata), 0u);
  EXPECT_EQ(fetches(), 0u);
  const KeyOrigin with_address = {server_.Url(), server_.Url(kKeys)};
  const auto found = keys_->Find({}, with_address, "from-file", forge_.algorithm());
  ASSERT_THAT(found, IsOk());
  EXPECT_TRUE(found->has_value());
  EXPECT_EQ(fetches(), 0u) << "whatever the provider's entry says about its keys";
}

TEST_F(ExternalKeyFilesTest, OtherIssuersAreAsked) {
  Write({"from-file"});
  const auto found = keys_->Find({}, {"https://issuer.example", server_.Url(kKeys)}, "k1", forge_.algorithm());
  ASSERT_THAT(found, IsOk());
  EXPECT_TRUE(found->has_value());
  EXPECT_EQ(fetches(), 1u);
}

TEST_F(ExternalKeyFilesTest, ANewFileIsReadAfterAMinute) {
  Write({"first"});
  EXPECT_TRUE(Has("first"));
  Write({"second"});
  hands_.Advance(ExternalKeys::kFetchInterval - absl::Seconds(1));
  EXPECT_FALSE(Has("second"));
  EXPECT_TRUE(Has("first"));
  hands_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Has("second")) << "with its first token";
  EXPECT_FALSE(Has("first"));
}

TEST_F(ExternalKeyFilesTest, ANewFileIsReadWithoutATokenOfANewKey) {
  Write({"first"});
  EXPECT_TRUE(Has("first"));
  Write({"second"});
  hands_.Advance(ExternalKeys::kFetchInterval);
  AwaitTrue("the file is read", [&] { return !Has("first"); });
  EXPECT_TRUE(Has("second"));
}

TEST_F(ExternalKeyFilesTest, WithoutAUsableFileThereAreNoKeys) {
  const std::string too_large = std::string(JsonWebKeySet::kMaxBytes, ' ') + R"({"keys":[]})";
  for (const std::string& text : {std::string(), std::string("{}"), std::string("<html>"), too_large}) {
    if (!text.empty()) scratch_.Write("keys", text);  // at first there is none
    const auto found = Find("first");
    EXPECT_EQ(ReasonOf(found.status()), ErrorReason::kProviderUnavailable) << text.substr(0, 10);
    hands_.Advance(ExternalKeys::kRetryInterval);
  }
  EXPECT_EQ(fetches(), 0u);
  Write({"first"});
  EXPECT_TRUE(Has("first"));
}

TEST_F(ExternalKeyFilesTest, ABrokenFileLeavesTheKeys) {
  Write({"first"});
  EXPECT_TRUE(Has("first"));
  scratch_.Write("keys", R"({"keys":[)");
  hands_.Advance(ExternalKeys::kFetchInterval);
  EXPECT_FALSE(Has("second"));  // makes it read the file
  ASSERT_EQ(keys_->health().size(), 1u);
  EXPECT_TRUE(keys_->health()[0].last_fetch_failed);
  EXPECT_TRUE(Has("first"));
  Write({"second"});
  hands_.Advance(ExternalKeys::kRetryInterval);
  EXPECT_TRUE(Has("second"));
}

}  // namespace
}  // namespace identity
