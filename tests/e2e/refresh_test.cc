#include <gmock/gmock.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "identity/errors.h"
#include "tests/support/deployment.h"

namespace identity {
namespace {

absl::StatusOr<v1::TokenSet> Refresh(const Client& client, const std::string& refresh_token) {
  v1::RefreshRequest request;
  request.set_refresh_token(refresh_token);
  absl::StatusOr<v1::RefreshResponse> response = client.Call(&IdentityRpc::Refresh, request);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_tokens());
}

class RefreshTest : public testing::Test {
 protected:
  absl::StatusOr<v1::TokenSet> RefreshAt(int replica, const std::string& refresh_token) {
    return Refresh(deployment_.client(replica), refresh_token);
  }
  // The tokens that any replica has acknowledged.
  v1::Reason ReasonAt(int replica, const v1::TokenSet& tokens) {
    v1::CheckPermissionRequest request = ForToken(tokens.access_token());
    request.mutable_consistency()->set_fully_consistent(true);
    return Check(deployment_, replica, request, tokens.principal_id()).reason();
  }
  void ExpectDead(const v1::TokenSet& tokens) {
    for (const int replica : {0, 1}) {
      EXPECT_EQ(ReasonAt(replica, tokens), v1::REASON_CREDENTIAL_REVOKED);
      const absl::Status status = RefreshAt(replica, tokens.refresh_token()).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
      EXPECT_EQ(ErrorReasonOf(status), "REFRESH_TOKEN_INVALID");
    }
  }

  Deployment deployment_;
};

TEST_F(RefreshTest, ParallelUsesOverReplicasYieldOneChild) {
  std::string parent = deployment_.LogIn(deployment_.NewUser("ada")).refresh_token();
  for (int round = 0; round < Rounds(10); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const auto results = InParallel(100, [&](int i) { return RefreshAt(i % 2, parent); });
    std::set<std::string> children;
    for (const auto& result : results) {
      ASSERT_TRUE(result.ok()) << result.status();
      children.insert(result->refresh_token());
    }
    ASSERT_EQ(children.size(), 1u);
    ASSERT_NE(*children.begin(), parent);
    parent = *children.begin();
    deployment_.KeepSecret(parent);
  }
}

TEST_F(RefreshTest, ReuseAfterTheChildWasUsedEndsTheFamilyOnce) {
  const v1::TokenSet parent = deployment_.LogIn(deployment_.NewUser("ada"));
  const v1::TokenSet child = Must(RefreshAt(0, parent.refresh_token()));
  const v1::TokenSet grandchild = Must(RefreshAt(1, child.refresh_token()));
  EXPECT_EQ(ReasonAt(0, grandchild), v1::REASON_GRANTED);

  const auto thefts = InParallel(20, [&](int i) { return RefreshAt(i % 2, parent.refresh_token()).status(); });
  int reused = 0;
  for (const absl::Status& status : thefts) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << status;
    // Refreshes after the family's end return that the session has ended.
    if (ErrorReasonOf(status) == "REFRESH_TOKEN_REUSED") {
      ++reused;
    } else {
      EXPECT_EQ(ErrorReasonOf(status), "REFRESH_TOKEN_INVALID");
    }
  }
  EXPECT_GE(reused, 1);
  for (const v1::TokenSet& tokens : {parent, child, grandchild}) ExpectDead(tokens);
  EXPECT_EQ(
      deployment_.Count("SELECT count(*) AS n FROM audit_events WHERE event = 'refresh_token.reused' AND target = '" +
                        parent.session_id() + "'"),
      1);
}

TEST_F(RefreshTest, AThiefAndTheOwnerNeverBothContinue) {
  const Person ada = deployment_.NewUser("ada");
  for (int round = 0; round < Rounds(10); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const v1::TokenSet parent = deployment_.LogIn(ada);
    const v1::TokenSet child = Must(RefreshAt(0, parent.refresh_token()));
    // The owner continues with the child while a thief tries the parent.
    const auto results =
        InParallel(2, [&](int i) { return RefreshAt(i, i == 0 ? child.refresh_token() : parent.refresh_token()); });
    if (results[1].ok()) {
      // The thief came first, and the server took it for a retry. Since then the owner has spent that child or has lost
      // the session.
      EXPECT_EQ(results[1]->refresh_token(), child.refresh_token());
      EXPECT_TRUE(results[0].ok()) << results[0].status();
    } else {
      EXPECT_EQ(ErrorReasonOf(results[1].status()), "REFRESH_TOKEN_REUSED");
      ExpectDead(child);
    }
  }
}

TEST_F(RefreshTest, NothingOfADisabledUserStaysValid) {
  const Person ada = deployment_.NewUser("ada");
  v1::DisablePrincipalRequest disable;
  disable.set_principal_id(ada.id);
  v1::EnablePrincipalRequest enable;
  enable.set_principal_id(ada.id);
  for (int round = 0; round < Rounds(10); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const v1::TokenSet login = deployment_.LogIn(ada);
    absl::Status disabled;
    const auto refreshed = InParallel(2, [&](int i) {
      if (i == 1) return RefreshAt(1, login.refresh_token());
      disabled = deployment_.client(0).Call(&AdminRpc::DisablePrincipal, disable, deployment_.AsAdmin()).status();
      return absl::StatusOr<v1::TokenSet>(login);
    })[1];
    ASSERT_TRUE(disabled.ok()) << disabled;
    EXPECT_THAT(ErrorReasonOf(refreshed.status()), testing::AnyOf("", "REFRESH_TOKEN_INVALID"));
    const v1::TokenSet& newest = refreshed.ok() ? *refreshed : login;
    for (const int replica : {0, 1}) {
      EXPECT_EQ(ReasonAt(replica, newest), v1::REASON_PRINCIPAL_DISABLED);
      EXPECT_EQ(ErrorReasonOf(RefreshAt(replica, newest.refresh_token()).status()), "REFRESH_TOKEN_INVALID");
    }
    Must(deployment_.client(1).Call(&AdminRpc::EnablePrincipal, enable, deployment_.AsAdmin()));
    ExpectDead(newest);
  }
}

}  // namespace
}  // namespace identity
