#include "server/calls/caller_credential.h"

#include <gtest/gtest.h>

#include "absl/strings/string_view.h"
#include "server/app/access/admission.h"

namespace identity {
namespace {

using Kind = PresentedCredential::Kind;

HeaderValues None() { return {}; }
HeaderValues One(absl::string_view value) { return {1, value}; }
HeaderValues Two(absl::string_view first) { return {2, first}; }

TEST(CallerCredentialTest, WithoutHeadersThereIsNone) { EXPECT_EQ(CredentialOf(None(), None()).kind, Kind::kNone); }

TEST(CallerCredentialTest, AnAccessTokenIsABearer) {
  for (const absl::string_view value : {"Bearer eyJ.a.b", "bearer eyJ.a.b", "BEARER eyJ.a.b"}) {
    const PresentedCredential credential = CredentialOf(One(value), None());
    EXPECT_EQ(credential.kind, Kind::kBearer) << value;
    EXPECT_EQ(credential.text, "eyJ.a.b") << value;
  }
}

TEST(CallerCredentialTest, AnApiKeyHasAHeaderOfItsOwn) {
  const PresentedCredential credential = CredentialOf(None(), One("idk_x"));
  EXPECT_EQ(credential.kind, Kind::kApiKey);
  EXPECT_EQ(credential.text, "idk_x");
}

TEST(CallerCredentialTest, TheApiKeyDoesNotCountBesideAuthorization) {
  EXPECT_EQ(CredentialOf(One("Bearer a"), One("idk_x")).kind, Kind::kBearer);
  EXPECT_EQ(CredentialOf(One("Bearer a"), Two("idk_x")).kind, Kind::kBearer);
  EXPECT_EQ(CredentialOf(One("Basic a"), One("idk_x")).kind, Kind::kMalformed);
  EXPECT_EQ(CredentialOf(One(""), One("idk_x")).kind, Kind::kMalformed);
}

// A proxy and this server might otherwise read different ones.
TEST(CallerCredentialTest, TwoValuesAreMalformed) {
  EXPECT_EQ(CredentialOf(Two("Bearer a"), None()).kind, Kind::kMalformed);
  EXPECT_EQ(CredentialOf(Two("Bearer a"), One("idk_x")).kind, Kind::kMalformed);
  EXPECT_EQ(CredentialOf(None(), Two("idk_x")).kind, Kind::kMalformed);
}

TEST(CallerCredentialTest, AnotherSchemeIsMalformed) {
  for (const absl::string_view value : {"", "Bearer", "Bearera", "Token a", "eyJ.a.b", " Bearer a"}) {
    EXPECT_EQ(CredentialOf(One(value), None()).kind, Kind::kMalformed) << value;
  }
}

}  // namespace
}  // namespace identity
