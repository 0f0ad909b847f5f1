#include "server/app/access/client_info.h"

#include "absl/strings/string_view.h"
#include "server/app/access/own_permissions.h"
#include "server/app/access/require_permission.h"
#include "server/base/client_address.h"
#include "server/base/error.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

// Cut to whole characters; empty when it holds a character that labels must not hold.
std::string Label(absl::string_view text, size_t max_bytes) {
  if (text.size() > max_bytes) {
    text = text.substr(0, max_bytes);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0) text.remove_suffix(1);
  }
  return CheckLabel("client_info", text, max_bytes).ok() ? std::string(text) : std::string();
}

ClientInfo WithPeerAddress(const Caller& caller, const ClientInfo& claimed) {
  ClientInfo trusted;
  trusted.user_agent = claimed.user_agent.empty() ? caller.user_agent : CleanUserAgent(claimed.user_agent);
  trusted.device_name = Label(claimed.device_name, kMaxDeviceNameBytes);
  trusted.ip_address = caller.client_address;
  return trusted;
}

// Whether it matters that the caller may vouch.
bool ClaimsAnAddress(const Caller& caller, const ClientInfo& claimed) {
  return caller.subject && IsIpAddress(claimed.ip_address);
}

}  // namespace

std::string CleanUserAgent(absl::string_view text) { return Label(text, kMaxUserAgentBytes); }

absl::StatusOr<ClientInfo> TrustedClientInfo(Facts& facts, const Caller& caller, const ClientInfo& claimed) {
  ClientInfo trusted = WithPeerAddress(caller, claimed);
  if (!ClaimsAnAddress(caller, claimed)) return trusted;
  const absl::Status may_vouch =
      RequirePermission(facts, caller.subject, LiteralPermission(own_permissions::kClientInfoVouch), Resource());
  if (may_vouch.ok()) trusted.ip_address = claimed.ip_address;
  const absl::optional<ErrorReason> reason = ReasonOf(may_vouch);
  const bool denied = reason == ErrorReason::kPermissionDenied || reason == ErrorReason::kStepUpRequired;
  if (!may_vouch.ok() && !denied) return may_vouch;
  return trusted;
}

absl::StatusOr<ClientInfo> TrustedClientInfo(const RequestContext& context, View& view, const Caller& caller,
                                             const ClientInfo& claimed) {
  if (!ClaimsAnAddress(caller, claimed)) return WithPeerAddress(caller, claimed);
  return view.Read(context, Freshness(), [&](Facts& facts) { return TrustedClientInfo(facts, caller, claimed); });
}

}  // namespace identity
