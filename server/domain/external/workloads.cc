#include "server/domain/external/workloads.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/domain/external/token_rules.h"

namespace identity {
namespace {

constexpr size_t kMaxKubernetesNameBytes = 253;  // of an object of Kubernetes
constexpr char kServiceAccountPrefix[] = "system:serviceaccount:";

// No issuer contains this character.
std::string KeyText(absl::string_view issuer, absl::string_view subject) { return absl::StrCat(issuer, "\n", subject); }

std::string NameOr(const ExternalClaims& claims, absl::string_view claim) {
  const std::string name = claims.Text(claim).value_or("");
  const auto fits = [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '.';
  };
  return name.size() <= kMaxKubernetesNameBytes && std::all_of(name.begin(), name.end(), fits) ? name : "";
}

bool IsVisible(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

WorkloadIdentity WorkloadOf(const ExternalClaims& claims, absl::string_view issuer, absl::string_view subject) {
  return {std::string(issuer), std::string(subject), NameOr(claims, "/kubernetes.io/pod/name"),
          NameOr(claims, "/kubernetes.io/node/name")};
}

bool IsDefaultWorkload(absl::string_view subject) {
  return absl::StartsWith(subject, kServiceAccountPrefix) && absl::EndsWith(subject, ":default");
}

absl::Status CheckExternalKey(const ExternalKey& key) {
  if (key.issuer.size() > IdentityProvider::kMaxUrlBytes || !IsVisible(key.issuer)) {
    return InvalidField("issuer", "is not at most 512 bytes of printable ASCII");
  }
  if (key.issuer == kCertificateIssuer && (!absl::StrContains(key.subject, "://") || !IsVisible(key.subject))) {
    return InvalidField("subject",
                        "is not the URI of a client certificate, such as spiffe://example.org/billing; for "
                        "other workloads issuer is required");
  }
  if (key.subject.empty() || key.subject.size() > kMaxExternalSubjectBytes ||
      !std::all_of(key.subject.begin(), key.subject.end(), absl::ascii_isprint)) {
    return InvalidField("subject", "is not 1 to 255 bytes of printable ASCII");
  }
  return absl::OkStatus();
}

bool Accepts(const IdentityProvider* issuer, absl::string_view subject) {
  return issuer != nullptr && (issuer->default_workloads || !IsDefaultWorkload(subject));
}

Workloads::Workloads(std::vector<IdentityProvider> issuers, const std::vector<Entry>& entries,
                     const std::vector<ExternalKey>& revoked)
    : issuers_(std::move(issuers)) {
  for (const Entry& entry : entries) accounts_.emplace(KeyText(entry.key.issuer, entry.key.subject), entry.account);
  for (const ExternalKey& key : revoked) revoked_.insert(KeyText(key.issuer, key.subject));
}

const IdentityProvider* Workloads::FindIssuer(absl::string_view issuer) const {
  const auto found = std::find_if(issuers_.begin(), issuers_.end(),
                                  [issuer](const IdentityProvider& each) { return each.issuer == issuer; });
  return found == issuers_.end() ? nullptr : &*found;
}

const WorkloadAccount* Workloads::FindAccount(absl::string_view issuer, absl::string_view subject) const {
  const auto found = accounts_.find(KeyText(issuer, subject));
  return found == accounts_.end() ? nullptr : &found->second;
}

bool Workloads::IsRevoked(absl::string_view issuer, absl::string_view subject) const {
  return revoked_.contains(KeyText(issuer, subject));
}

WorkloadState Workloads::StateOf(const ExternalKey& key) const {
  WorkloadState state;
  state.accepted = key.issuer == kCertificateIssuer || Accepts(FindIssuer(key.issuer), key.subject);
  state.revoked = IsRevoked(key.issuer, key.subject);
  if (const WorkloadAccount* const account = FindAccount(key.issuer, key.subject)) state.account = *account;
  return state;
}

}  // namespace identity
