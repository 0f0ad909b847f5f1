#include "server/domain/mail_message.h"

#include <utility>

#include "nlohmann/json.hpp"
#include "server/base/error.h"

namespace identity {
namespace {

using Json = nlohmann::json;

absl::Status Malformed() { return InvalidField("mail", "is not a serialized mail"); }

// nullptr unless `object` has a member `name` of `type`.
const Json* Member(const Json& object, const char* name, Json::value_t type) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found != object.end() && found->type() == type ? &*found : nullptr;
}

}  // namespace

absl::string_view MailKindName(MailKind kind) {
  switch (kind) {
    case MailKind::kVerifyEmail:
      return "verify_email";
    case MailKind::kResetPassword:
      return "reset_password";
    case MailKind::kAlreadyRegistered:
      return "already_registered";
    case MailKind::kPasswordChanged:
      return "password_changed";
    case MailKind::kEmailChanged:
      return "email_changed";
    case MailKind::kMfaChanged:
      return "mfa_changed";
  }
  return "";
}

absl::optional<MailKind> MailKindOf(absl::string_view name) {
  for (const MailKind kind : kMailKinds) {
    if (MailKindName(kind) == name) return kind;
  }
  return absl::nullopt;
}

const std::vector<std::string>& MailParameterNames(MailKind kind) {
  static const std::vector<std::string> with_token = {"username", "token", "link"};
  static const std::vector<std::string> plain = {"username"};
  static const std::vector<std::string> with_email = {"username", "email"};
  static const std::vector<std::string> with_change = {"username", "change"};
  switch (kind) {
    case MailKind::kVerifyEmail:
    case MailKind::kResetPassword:
      return with_token;
    case MailKind::kEmailChanged:
      return with_email;
    case MailKind::kMfaChanged:
      return with_change;
    case MailKind::kAlreadyRegistered:
    case MailKind::kPasswordChanged:
      break;
  }
  return plain;
}

Secret SerializeMail(const MailMessage& message) {
  const Json json = {{"to", message.to}, {"parameters", message.parameters}};
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
  for (const auto& [name, value] : parameters->items()) {
    if (!value.is_string()) return Malformed();
    message.parameters.emplace(name, value.get<std::string>());
  }
  return message;
}

}  // namespace identity
