#include "server/domain/mail_message.h"

#include <utility>

#include "absl/strings/str_split.h"
#include "nlohmann/json.hpp"
#include "server/base/enum_names.h"
#include "server/base/error.h"

namespace identity {
namespace {

using Json = nlohmann::json;

struct KindRow {
  MailKind value;
  const char* name;
  const char* parameters;  // their names, with a space between them
};

constexpr KindRow kKinds[] = {
    {MailKind::kVerifyEmail, "verify_email", "username token link"},
    {MailKind::kResetPassword, "reset_password", "username token link"},
    {MailKind::kAlreadyRegistered, "already_registered", "username"},
    {MailKind::kPasswordChanged, "password_changed", "username"},
    {MailKind::kEmailChanged, "email_changed", "username email"},
    {MailKind::kMfaChanged, "mfa_changed", "username change"},
    {MailKind::kAccountChanged, "account_changed", "username change"},
};
static_assert(NamesEach(kKinds, MailKind::kAccountChanged));

absl::Status Malformed() { return InvalidField("mail", "is not a serialized mail"); }

// nullptr unless `object` has a member `name` of `type`.
const Json* Member(const Json& object, const char* name, Json::value_t type) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found != object.end() && found->type() == type ? &*found : nullptr;
}

}  // namespace

std::vector<MailKind> AllMailKinds() {
  std::vector<MailKind> kinds;
  for (const KindRow& row : kKinds) kinds.push_back(row.value);
  return kinds;
}

absl::string_view MailKindName(MailKind kind) { return NameIn(kKinds, kind); }

absl::optional<MailKind> MailKindOf(absl::string_view name) { return FindByName(kKinds, name); }

std::vector<std::string> MailParameterNames(MailKind kind) {
  return absl::StrSplit(kKinds[static_cast<size_t>(kind)].parameters, ' ');
}

Secret SerializeMail(const MailMessage& message) {
  Json json = {{"to", message.to}, {"parameters", message.parameters}};
  if (!message.traceparent.empty()) json["traceparent"] = message.traceparent;
  return Secret(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

absl::StatusOr<MailMessage> ParseMail(MailKind kind, const Secret& text) {
  const Json json = Json::parse(text.Reveal().begin(), text.Reveal().end(), nullptr, /*allow_exceptions=*/false);
  const Json* const to = Member(json, "to", Json::value_t::string);
  const Json* const parameters = Member(json, "parameters", Json::value_t::object);
  if (to == nullptr || parameters == nullptr) return Malformed();
  MailMessage message;
  message.kind = kind;
  message.to = to->get<std::string>();
  if (const Json* const trace = Member(json, "traceparent", Json::value_t::string)) {
    message.traceparent = trace->get<std::string>();
  }
  for (const auto& [name, value] : parameters->items()) {
    if (!value.is_string()) return Malformed();
    message.parameters.emplace(name, value.get<std::string>());
  }
  return message;
}

}  // namespace identity
