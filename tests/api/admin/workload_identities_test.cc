#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "server/base/error.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kCluster[] = "https://cluster.example";  // its accounts "default" are nobody
constexpr char kSandbox[] = "https://sandbox.example";  // they may be somebody
constexpr char kPeople[] = "https://people.example";    // has no workloads

// Which workloads a service account is, and who may say so.
class WorkloadIdentityTest : public RpcTest {
 protected:
  static void SetUpTestSuite() {
    RpcTest::SetUpTestSuite();
    Enter(absl::Substitute("name: 'cluster' issuer: '$0' workload_audiences: 'identity'", kCluster));
    Enter(absl::Substitute("name: 'sandbox' issuer: '$0' workload_audiences: 'identity' default_workloads: true",
                           kSandbox));
    Enter(absl::Substitute("name: 'people' issuer: '$0' audiences: 'shop'", kPeople));
  }
  static void Enter(const std::string& fields) {
    Must(server().Call(&Admin::CreateIdentityProvider,
                       Proto<v1::CreateIdentityProviderRequest>("provider { $0 }", fields), server().root()));
  }

  // A workload that no account is yet.
  static std::string NewSubject() {
    static int subjects = 0;
    return absl::StrCat("system:serviceaccount:shop:workload-", ++subjects);
  }
  // A workload in text form. `more`: of its fields.
  static std::string Workload(const std::string& subject, const std::string& more = "",
                              const std::string& issuer = kCluster) {
    return absl::Substitute("external_identities { issuer: '$0' subject: '$1' $2 } ", issuer, subject, more);
  }
  // `text`: of the request.
  static Result<v1::UpdateServiceAccountResponse> Update(const std::string& text,
                                                         const Metadata& caller = server().root()) {
    return server().Call(&Admin::UpdateServiceAccount, Proto<v1::UpdateServiceAccountRequest>(text), caller);
  }
  // Replaces the identities of the account.
  static Result<v1::UpdateServiceAccountResponse> Name(const std::string& account, const std::string& identities,
                                                       const Metadata& caller = server().root()) {
    return Update(absl::Substitute("service_account { id: '$0' $1 } update_mask { paths: 'external_identities' }",
                                   account, identities),
                  caller);
  }
  // The account as ListServiceAccounts shows it.
  static v1::ServiceAccount Listed(const std::string& account) {
    const auto page = Must(server().Call(&Admin::ListServiceAccounts,
                                         Proto<v1::ListServiceAccountsRequest>("page_size: 1000"), server().root()));
    for (const v1::ServiceAccount& listed : page.service_accounts()) {
      if (listed.id() == account) return listed;
    }
    ADD_FAILURE() << account << " is not listed";
    return v1::ServiceAccount();
  }
  static std::vector<std::string> SubjectsOf(const v1::ServiceAccount& account) {
    std::vector<std::string> subjects;
    for (const v1::WorkloadIdentity& identity : account.external_identities()) subjects.push_back(identity.subject());
    return subjects;
  }
  // The details of the successful events about `target`, oldest first.
  static std::vector<std::string> Audited(const std::string& event, const std::string& target) {
    const auto listed = Must(server().Call(
        &Admin::ListAuditEvents,
        Proto<v1::ListAuditEventsRequest>("event: '$0' outcome: 'success' page_size: 1000", event), server().root()));
    std::vector<std::string> details;
    for (const v1::AuditEvent& found : listed.events()) {
      if (found.target() == target) details.insert(details.begin(), found.details());
    }
    return details;
  }
  static Result<v1::RevokeExternalResponse> RevokeExternal(const std::string& text,
                                                           const Metadata& caller = server().root()) {
    return server().Call(&Admin::RevokeExternal, Proto<v1::RevokeExternalRequest>(text), caller);
  }
};

// ---- What a change does

TEST_F(WorkloadIdentityTest, ANewAccountHasNone) {
  EXPECT_THAT(Listed(server().MakeServiceAccount()).external_identities(), IsEmpty());
}

TEST_F(WorkloadIdentityTest, TheAnswerAndTheListShowThem) {
  const std::string account = server().MakeServiceAccount();
  const auto updated = Must(Update(
      absl::Substitute("service_account { id: '$0' description: 'sends bills' $1 $2 $3 }", account,
                       Workload("system:serviceaccount:shop:listed", "scopes: ['orders:read', 'invoices:*']", kSandbox),
                       Workload("system:serviceaccount:shop:listed-b", "scopes: 'orders:read'"),
                       Workload("system:serviceaccount:shop:listed-a"))));
  EXPECT_FALSE(updated.consistency_token().empty());
  for (const v1::ServiceAccount& shown : {updated.service_account(), Listed(account)}) {
    EXPECT_EQ(shown.id(), account);
    EXPECT_FALSE(shown.name().empty());
    EXPECT_EQ(shown.description(), "sends bills");
    EXPECT_THAT(SubjectsOf(shown),
                ElementsAre("system:serviceaccount:shop:listed-a", "system:serviceaccount:shop:listed-b",
                            "system:serviceaccount:shop:listed"))
        << "by issuer and subject";
    ASSERT_EQ(shown.external_identities_size(), 3);
    EXPECT_EQ(shown.external_identities(0).issuer(), kCluster);
    EXPECT_EQ(shown.external_identities(2).issuer(), kSandbox);
    EXPECT_THAT(shown.external_identities(0).scopes(), ElementsAre("*"));
    EXPECT_THAT(shown.external_identities(1).scopes(), ElementsAre("orders:read"));
    EXPECT_THAT(shown.external_identities(2).scopes(), ElementsAre("invoices:*", "orders:read"));
  }
  const std::string other = server().MakeServiceAccount();
  EXPECT_THAT(Listed(other).external_identities(), IsEmpty());
}

TEST_F(WorkloadIdentityTest, AChangeReplacesTheFieldsThatItNames) {
  const std::string account = server().MakeServiceAccount();
  const std::string first = NewSubject();
  const std::string second = NewSubject();
  Must(Update(absl::Substitute("service_account { id: '$0' description: 'one' $1 }", account, Workload(first))));
  const auto described = Must(Update(absl::Substitute("service_account { id: '$0' description: 'two' }", account)));
  EXPECT_EQ(described.service_account().description(), "two");
  EXPECT_THAT(SubjectsOf(described.service_account()), ElementsAre(first));
  const auto named = Must(Update(absl::Substitute("service_account { id: '$0' $1 }", account, Workload(second))));
  EXPECT_EQ(named.service_account().description(), "two");
  EXPECT_THAT(SubjectsOf(named.service_account()), ElementsAre(second));
  const auto emptied = Must(
      Update(absl::Substitute("service_account { id: '$0' description: 'three' } update_mask { paths: 'description' "
                              "paths: 'external_identities' }",
                              account)));
  EXPECT_EQ(emptied.service_account().description(), "three");
  EXPECT_THAT(emptied.service_account().external_identities(), IsEmpty());
  EXPECT_THAT(Listed(account).external_identities(), IsEmpty());
}

TEST_F(WorkloadIdentityTest, EachChangeIsAudited) {
  const std::string account = server().MakeServiceAccount();
  Must(Name(account, Workload(NewSubject())));
  Must(Update(absl::Substitute("service_account { id: '$0' description: 'two' }", account)));
  EXPECT_THAT(Audited("service_account.updated", account),
              ElementsAre(HasSubstr("external_identities"), HasSubstr("description")));
}

// ---- What a workload may be

TEST_F(WorkloadIdentityTest, AWorkloadIsOneAccount) {
  const std::string account = server().MakeServiceAccount();
  const std::string other = server().MakeServiceAccount();
  const std::string subject = NewSubject();
  Must(Name(account, Workload(subject)));
  EXPECT_THAT(Name(other, Workload(subject)), FailsWith(ErrorReason::kAlreadyExists));
  const std::string free = NewSubject();
  EXPECT_THAT(Name(other, Workload(free) + Workload(free)), FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(Listed(other).external_identities(), IsEmpty()) << "a refused change changes nothing";
  Must(Name(other, Workload(subject, "", kSandbox)));
  Must(Name(account, Workload(subject)));
  Must(Name(account, ""));
  EXPECT_THAT(Name(other, Workload(subject)), Succeeds()) << "after the first one has lost it";
}

TEST_F(WorkloadIdentityTest, ItsIssuerIsAProviderWithWorkloads) {
  const std::string account = server().MakeServiceAccount();
  for (const std::string& issuer :
       {std::string("https://unknown.example"), std::string(kPeople), absl::StrCat(kCluster, "/")}) {
    EXPECT_THAT(Name(account, Workload(NewSubject()) + Workload(NewSubject(), "", issuer)),
                RefusesField("service_account.external_identities[1].issuer"))
        << issuer;
  }
  EXPECT_THAT(Listed(account).external_identities(), IsEmpty());
}

TEST_F(WorkloadIdentityTest, AnAccountIsAtMostTwenty) {
  const std::string account = server().MakeServiceAccount();
  std::string identities;
  for (int i = 0; i < 20; ++i) identities += Workload(NewSubject());
  EXPECT_THAT(Name(account, identities), Succeeds());
  EXPECT_THAT(Name(account, identities + Workload(NewSubject())), RefusesField("service_account.external_identities"));
  EXPECT_THAT(SubjectsOf(Listed(account)), SizeIs(20));
}

TEST_F(WorkloadIdentityTest, TheDefaultAccountOfANamespaceIsNoneUnlessTheProviderAllowsIt) {
  const std::string account = server().MakeServiceAccount();
  constexpr char kDefault[] = "system:serviceaccount:shop:default";
  EXPECT_THAT(Name(account, Workload(kDefault)), RefusesField("service_account.external_identities[0].subject"));
  EXPECT_THAT(Name(account, Workload(kDefault, "", kSandbox)), Succeeds());
}

TEST_F(WorkloadIdentityTest, AMalformedOneIsRefused) {
  const std::string account = server().MakeServiceAccount();
  const auto refused = [&](const std::string& identity) { return Name(account, Workload(NewSubject()) + identity); };
  EXPECT_THAT(refused(Workload("")), RefusesField("service_account.external_identities[1].subject"));
  EXPECT_THAT(refused(Workload(std::string(256, 'x'))), RefusesField("service_account.external_identities[1].subject"));
  EXPECT_THAT(refused(Workload("a\\nb")), RefusesField("service_account.external_identities[1].subject"));
  EXPECT_THAT(refused(Workload("a", "", std::string(513, 'x'))),
              RefusesField("service_account.external_identities[1].issuer"));
  EXPECT_THAT(refused(Workload(NewSubject(), "scopes: ['orders:read', 'Orders']")),
              RefusesField("service_account.external_identities[1].scopes[1]"));
  EXPECT_THAT(Update("service_account { id: 'x' description: 'two' }"), RefusesField("service_account.id"));
  EXPECT_THAT(
      Update(absl::Substitute("service_account { id: '$0' description: '$1' }", account, std::string(10'000, 'x'))),
      RefusesField("service_account.description"));
  for (const char* path : {"name", "id", "disabled", "external_identities.scopes"}) {
    EXPECT_THAT(Update(absl::Substitute("service_account { id: '$0' } update_mask { paths: '$1' }", account, path)),
                RefusesField("update_mask"))
        << path;
  }
}

TEST_F(WorkloadIdentityTest, OnlyServiceAccountsHaveThem) {
  const std::string deleted = server().MakeServiceAccount();
  Must(server().Call(&Admin::DeleteServiceAccount,
                     Proto<v1::DeleteServiceAccountRequest>("service_account_id: '$0'", deleted), server().root()));
  for (const std::string& id : {server().MakeUser().id, deleted, std::string(kUnknownId)}) {
    EXPECT_THAT(Name(id, Workload(NewSubject())), FailsWith(ErrorReason::kNotFound)) << id;
    EXPECT_THAT(Update(absl::Substitute("service_account { id: '$0' description: 'two' }", id)),
                FailsWith(ErrorReason::kNotFound))
        << id;
  }
}

// ---- Who may say so

TEST_F(WorkloadIdentityTest, NeedsThePermissionOnTheAccount) {
  const std::string account = server().MakeServiceAccount();
  const std::string text = absl::Substitute("service_account { id: '$0' description: 'two' }", account);
  EXPECT_THAT(Update(text, server().MakeCaller({"identity:service_accounts:read", "identity:users:write"})),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(
      Update(text, server().MakeCaller({"identity:service_accounts:write"}, "users/" + server().MakeServiceAccount())),
      FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Update(text, server().MakeCaller({"identity:service_accounts:write"}, "users/" + account)), Succeeds());
}

// Whoever controls a workload acts as its account. So the rules of API keys for others hold: otherwise the permission
// to write service accounts would be a way to act as each of them.
TEST_F(WorkloadIdentityTest, GrantsNoServicePermissionsBeyondTheCallers) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"identity:roles:*", "orders:*"});
  const Metadata caller =
      server().MakeCaller({"identity:service_accounts:write", "identity:roles:read", "identity:bindings:write"});
  for (const char* scopes : {"", "scopes: '*'", "scopes: 'identity:*'", "scopes: 'identity:roles:write'",
                             "scopes: ['orders:read', 'identity:roles:*']"}) {
    EXPECT_THAT(Name(account, Workload(NewSubject(), scopes), caller), FailsWith(ErrorReason::kGrantExceedsCaller))
        << scopes;
  }
  EXPECT_THAT(Listed(account).external_identities(), IsEmpty());
  EXPECT_THAT(Name(account, Workload(NewSubject(), "scopes: 'identity:roles:read'"), caller), Succeeds());
  EXPECT_THAT(Name(account, Workload(NewSubject(), "scopes: 'orders:read'"), caller), Succeeds());
  EXPECT_THAT(
      Name(account,
           Workload(NewSubject(), "scopes: 'orders:read'") + Workload(NewSubject(), "scopes: 'identity:roles:write'"),
           caller),
      FailsWith(ErrorReason::kGrantExceedsCaller))
      << "each of them counts";
  EXPECT_THAT(Name(account, Workload(NewSubject())), Succeeds()) << "a super admin may do it";
}

// The account may hold more later, and the workload would hold it, too.
TEST_F(WorkloadIdentityTest, AnAccountWithoutBindingsIsNoWayAroundThat) {
  const std::string account = server().MakeServiceAccount();
  const Metadata caller = server().MakeCaller({"identity:service_accounts:write"});
  EXPECT_THAT(Name(account, Workload(NewSubject()), caller), FailsWith(ErrorReason::kGrantExceedsCaller));
  EXPECT_THAT(Name(account, Workload(NewSubject(), "scopes: 'identity:users:write'"), caller),
              FailsWith(ErrorReason::kGrantExceedsCaller));
}

// Otherwise a stolen key could make itself a credential that outlives it.
TEST_F(WorkloadIdentityTest, NobodyNamesThemForTheirOwnAccount) {
  const std::string account = server().MakeServiceAccount();
  server().Bind(account, "super_admin");
  const Metadata itself = ApiKeyHeader(server().IssueKey(account, {}).secret());
  EXPECT_THAT(Name(account, Workload(NewSubject()), itself), FailsWith(ErrorReason::kOwnRoles));
  EXPECT_THAT(Name(server().MakeServiceAccount(), Workload(NewSubject()), itself), Succeeds());
}

TEST_F(WorkloadIdentityTest, DoesNothingThatTheCallerCouldNotGrant) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"orders:*"}, "orgs/acme");
  server().Grant(account, {"wiki:read"}, "orgs/other");
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"identity:service_accounts:write"});
  server().Grant(user.id, {"identity:bindings:write"}, "orgs/acme");
  const Metadata caller = Bearer(server().Login(user).access_token());
  EXPECT_THAT(Name(account, Workload(NewSubject(), "scopes: 'orders:read'"), caller), Succeeds());
  EXPECT_THAT(Name(account, Workload(NewSubject(), "scopes: ['orders:read', 'wiki:*']"), caller),
              FailsWith(ErrorReason::kPermissionDenied))
      << "of orgs/other the caller could grant nothing";
}

TEST_F(WorkloadIdentityTest, OnlyASuperAdminChangesThoseOfASuperAdmin) {
  const std::string account = server().MakeServiceAccount();
  server().Bind(account, "super_admin");
  const Metadata caller = server().MakeCaller({"identity:*"});
  EXPECT_THAT(Name(account, Workload(NewSubject(), "scopes: 'orders:read'"), caller),
              FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Update(absl::Substitute("service_account { id: '$0' description: 'two' }", account), caller),
              FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Name(account, Workload(NewSubject())), Succeeds());
}

TEST_F(WorkloadIdentityTest, ADescriptionAndTheEndOfAnIdentityGrantNothing) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"identity:roles:write", "orders:*"});
  Must(Name(account, Workload(NewSubject())));
  const Metadata caller = server().MakeCaller({"identity:service_accounts:write"});
  EXPECT_THAT(Update(absl::Substitute("service_account { id: '$0' description: 'two' }", account), caller), Succeeds());
  EXPECT_THAT(Name(account, "", caller), Succeeds());
  EXPECT_THAT(Listed(account).external_identities(), IsEmpty());
}

// ---- Revocations. What they do to tokens is in tests/api/access.

TEST_F(WorkloadIdentityTest, ARevocationNeedsThePermissionEverywhere) {
  const char* text = "issuer: 'https://cluster.example' subject: 'somebody'";
  EXPECT_THAT(RevokeExternal(text, server().MakeCaller({"identity:service_accounts:write", "identity:sessions:read"})),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(RevokeExternal(text, server().MakeCaller({"identity:sessions:write"}, "users")),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(RevokeExternal(text, server().MakeCaller({"identity:sessions:write"})), Succeeds());
}

TEST_F(WorkloadIdentityTest, ARevocationOfAMalformedKeyIsRefused) {
  EXPECT_THAT(RevokeExternal("issuer: 'https://cluster.example'"), RefusesField("subject"));
  EXPECT_THAT(RevokeExternal("subject: 'somebody'"), RefusesField("subject")) << "no URI of a certificate";
  EXPECT_THAT(RevokeExternal("issuer: 'a b' subject: 'somebody'"), RefusesField("issuer"));
  EXPECT_THAT(RevokeExternal(absl::Substitute("issuer: '$0' subject: 'x'", std::string(513, 'x'))),
              RefusesField("issuer"));
  EXPECT_THAT(RevokeExternal(absl::Substitute("issuer: 'x' subject: '$0'", std::string(256, 'x'))),
              RefusesField("subject"));
  EXPECT_THAT(RevokeExternal("issuer: 'https://unknown.example' subject: 'nobody yet'"), Succeeds());
}

TEST_F(WorkloadIdentityTest, ARevocationThatChangesNothingIsNotAudited) {
  const std::string subject = NewSubject();
  const auto revoke = [&](const char* undo) {
    return Must(RevokeExternal(absl::Substitute("issuer: '$0' subject: '$1' undo: $2", kCluster, subject, undo)))
        .consistency_token();
  };
  const std::string at_first = revoke("true");
  EXPECT_FALSE(at_first.empty());
  EXPECT_THAT(Audited("external.restored", subject), IsEmpty());
  const std::string revoked = revoke("false");
  EXPECT_NE(revoked, at_first);
  EXPECT_EQ(revoke("false"), revoked);
  EXPECT_THAT(Audited("external.revoked", subject), ElementsAre(HasSubstr(kCluster)));
  EXPECT_NE(revoke("true"), revoked);
  revoke("true");
  EXPECT_THAT(Audited("external.restored", subject), ElementsAre(HasSubstr(kCluster)));
}

}  // namespace
}  // namespace identity
