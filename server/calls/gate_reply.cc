#include "server/calls/gate_reply.h"

#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/enum_names.h"
#include "server/domain/decision.h"

namespace identity {
namespace {

using Verdict = GateAnswer::Verdict;

constexpr char kPrincipalId[] = "x-identity-principal-id";
constexpr char kPrincipalType[] = "x-identity-principal-type";
constexpr char kUsername[] = "x-identity-username";
constexpr char kSessionId[] = "x-identity-session-id";
constexpr char kScopes[] = "x-identity-scopes";
constexpr const char* kIdentityHeaders[] = {kPrincipalId, kPrincipalType, kUsername, kSessionId, kScopes};

constexpr char kChallenge[] = "Bearer realm=\"identity\"";

struct VerdictRow {
  Verdict value;
  int status;
  const char* name;  // of the status
  const char* detail;
};

constexpr VerdictRow kVerdicts[] = {
    {Verdict::kPublic, 200, "", ""},
    {Verdict::kAllowed, 200, "", ""},
    {Verdict::kRouteDenied, 403, "Forbidden", "no rule allows this request"},
    {Verdict::kUnauthenticated, 401, "Unauthorized", "this request needs a valid access token or API key"},
    {Verdict::kStepUpRequired, 401, "Unauthorized", "this request needs a more recent second factor"},
    {Verdict::kDenied, 403, "Forbidden", "you may not do this"},
    {Verdict::kQuotaExceeded, 429, "Too Many Requests", "the API key has used up its requests of this minute"},
};

static_assert(NamesEach(kVerdicts, Verdict::kQuotaExceeded));

void AddSubject(const Subject& subject, GateReply::Headers& headers) {
  headers.reserve(std::size(kIdentityHeaders));
  headers.emplace_back(kPrincipalId, subject.principal.id().ToString());
  headers.emplace_back(kPrincipalType, std::string(NameOf(subject.principal.type())));
  headers.emplace_back(kUsername, std::string(subject.principal.username()));
  if (subject.session_id) headers.emplace_back(kSessionId, subject.session_id->ToString());
  headers.emplace_back(kScopes, subject.scopes.ToClaim());
}

// Why the client's credential is not enough, for WWW-Authenticate. "": it needs no such header.
std::string ChallengeFor(const GateAnswer& answer) {
  switch (answer.verdict) {
    case Verdict::kUnauthenticated:
      return absl::StrCat(kChallenge, answer.has_credential ? ", error=\"invalid_token\"" : "");
    case Verdict::kStepUpRequired:  // RFC 9470, section 3
      return absl::StrCat(kChallenge, ", error=\"insufficient_user_authentication\", ",
                          "error_description=\"A more recent second factor is required\"");
    case Verdict::kDenied:
      if (answer.reason != Reason::kScopeInsufficient) return "";
      return absl::StrCat(kChallenge, ", error=\"insufficient_scope\", scope=\"", answer.check->permission.text(),
                          "\"");
    case Verdict::kPublic:
    case Verdict::kAllowed:
    case Verdict::kRouteDenied:
    case Verdict::kQuotaExceeded:
      break;
  }
  return "";
}

// With the reason of a check. A route's own reason is for the operator, not for strangers.
std::string BodyOf(const VerdictRow& row, const GateAnswer& answer) {
  nlohmann::ordered_json body = {
      {"type", "about:blank"}, {"title", row.name}, {"status", row.status}, {"detail", row.detail}};
  if (answer.check) body["reason"] = absl::AsciiStrToUpper(NameOf(answer.reason));
  return body.dump();
}

}  // namespace

absl::Span<const char* const> IdentityHeaders() { return kIdentityHeaders; }

GateReply ReplyTo(const GateAnswer& answer) {
  const VerdictRow& row = kVerdicts[static_cast<size_t>(answer.verdict)];
  GateReply reply;
  reply.status = row.status;
  if (row.status == 200) {
    if (answer.subject) AddSubject(*answer.subject, reply.headers);
    return reply;
  }
  if (std::string challenge = ChallengeFor(answer); !challenge.empty()) {
    reply.headers.emplace_back("WWW-Authenticate", std::move(challenge));
  }
  if (answer.verdict == Verdict::kQuotaExceeded && answer.quota) {
    reply.headers.emplace_back("Retry-After", absl::StrCat(SecondsUp(answer.quota->reset)));
  }
  reply.body = BodyOf(row, answer);
  return reply;
}

}  // namespace identity
