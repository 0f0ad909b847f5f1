#include "server/calls/call_log.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/random.h"

namespace identity {
namespace {

constexpr size_t kMaxRequestIdBytes = 64;
constexpr size_t kOwnRequestIdBytes = 12;  // before hexadecimal; enough that no two of a deployment are equal

bool FailedOnOurSide(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDataLoss;
}

bool IsSound(absl::string_view id) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("._:/+=@-", c);
  };
  return !id.empty() && id.size() <= kMaxRequestIdBytes && std::all_of(id.begin(), id.end(), allowed);
}

LogLevel LevelOf(absl::StatusCode code, bool slow) {
  return slow || FailedOnOurSide(code) ? LogLevel::kInfo : LogLevel::kDebug;
}

std::string NameOf(const absl::optional<ErrorReason>& reason) {
  return reason ? std::string(ErrorReasonName(*reason)) : "";
}

}  // namespace

bool CallLog::Wants(absl::StatusCode code, absl::Duration duration) const {
  return LogEnabled(LevelOf(code, duration >= slow_));
}

void CallLog::Write(const CallEnd& end) const {
  const absl::optional<PrincipalId> principal = end.caller.id();
  Log(LevelOf(end.error.code(), end.duration >= slow_), "call",
      {{"method", std::string(end.method)},
       {"code", std::string(absl::StatusCodeToString(end.error.code()))},
       {"reason", NameOf(ReasonOf(end.error))},
       {"duration_ms", absl::StrFormat("%.3f", absl::ToDoubleMilliseconds(end.duration))},
       {"principal", principal ? principal->ToString() : ""},
       {"request_id", std::string(end.request_id)}});
}

std::string RequestIdOf(absl::optional<absl::string_view> sent, bool needed) {
  if (!sent && !needed) return "";
  if (sent && IsSound(*sent)) return std::string(*sent);
  return absl::BytesToHexString(RandomBytes(kOwnRequestIdBytes));
}

}  // namespace identity
