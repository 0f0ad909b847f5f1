#include "server/http/authzen/authzen_json.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "server/base/encoding/strict_json.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxProperties = 64;  // of an entity

// The member that is the id of an entity.
const char* IdOf(absl::string_view entity) { return entity == "action" ? "name" : "id"; }

// "" when it is absent and need not be there.
absl::StatusOr<std::string> ReadText(const Json& entity, absl::string_view entity_name, const char* name,
                                     bool is_required) {
  const auto invalid = [&](absl::string_view why) { return InvalidField(absl::StrCat(entity_name, ".", name), why); };
  const auto found = entity.find(name);
  if (found == entity.end()) {
    if (is_required) return invalid("is required");
    return std::string();
  }
  if (!found->is_string()) return invalid("must be a string");
  std::string text = found->get<std::string>();
  if (is_required && text.empty()) return invalid("must not be empty");
  return text;
}

absl::Status ReadProperties(const Json& entity, const char* name, AuthZenEntity& read) {
  const auto properties = entity.find("properties");
  if (properties == entity.end()) return absl::OkStatus();
  const std::string field = absl::StrCat(name, ".properties");
  if (!properties->is_object()) return InvalidField(field, "must be an object");
  if (properties->size() > kMaxProperties) return InvalidField(field, absl::StrCat("are more than ", kMaxProperties));
  for (const auto& [key, value] : properties->items()) {
    absl::optional<std::string>& text = read.properties[key];
    if (value.is_string()) text = value.get<std::string>();
    if (value.is_boolean() || value.is_number()) text = value.dump();
  }
  return absl::OkStatus();
}

// `usual`: has the type, the id or the name where `entity` lacks it; may be null.
absl::StatusOr<AuthZenEntity> ReadEntity(const Json& entity, const char* name, bool needs_id, const Json* usual) {
  if (!entity.is_object()) return InvalidField(name, "must be an object");
  const auto source = [&](const char* part) -> const Json& {
    return usual != nullptr && usual->is_object() && !entity.contains(part) ? *usual : entity;
  };
  AuthZenEntity read;
  if (absl::string_view(name) != "action") {
    ASSIGN_OR_RETURN(read.type, ReadText(source("type"), name, "type", true));
  }
  const char* const id = IdOf(name);
  ASSIGN_OR_RETURN(read.id, ReadText(source(id), name, id, needs_id));
  RETURN_IF_ERROR(ReadProperties(entity, name, read));
  return read;
}

// A member of the whole request: read once, however many evaluations share it.
class UsualEntity {
 public:
  UsualEntity(const Json& request, const char* name) : name_(name) {
    const auto found = request.find(name);
    if (found == request.end()) return;
    json_ = &*found;
    whole_ = ReadEntity(*found, name, true, nullptr);
  }
  // That of `evaluation`, or the usual one.
  absl::StatusOr<AuthZenEntity> ReadFrom(const Json& evaluation) const {
    const auto own = evaluation.find(name_);
    if (own != evaluation.end()) return ReadEntity(*own, name_, true, json_);
    if (json_ == nullptr) return InvalidField(name_, "is required");
    return whole_;
  }

 private:
  const char* const name_;
  const Json* json_ = nullptr;  // null: the request has none
  absl::StatusOr<AuthZenEntity> whole_ = AuthZenEntity();
};

absl::Status CheckContext(const Json& request) {
  const auto context = request.find("context");
  if (context == request.end() || context->is_object()) return absl::OkStatus();
  return InvalidField("context", "must be an object");
}

absl::StatusOr<AuthZenBatch::Semantic> ReadSemantic(const Json& request) {
  using Semantic = AuthZenBatch::Semantic;
  const auto options = request.find("options");
  if (options == request.end()) return Semantic::kExecuteAll;
  if (!options->is_object()) return InvalidField("options", "must be an object");
  const auto semantic = options->find("evaluations_semantic");
  if (semantic == options->end() || *semantic == "execute_all") return Semantic::kExecuteAll;
  if (*semantic == "deny_on_first_deny") return Semantic::kDenyOnFirstDeny;
  if (*semantic == "permit_on_first_permit") return Semantic::kPermitOnFirstPermit;
  return InvalidField("options.evaluations_semantic",
                      "must be execute_all, deny_on_first_deny or permit_on_first_permit");
}

}  // namespace

absl::StatusOr<Json> ReadAuthZenBody(const HttpRequest& request) {
  const std::vector<absl::string_view> type =
      absl::StrSplit(request.Header("content-type").value_or(""), absl::MaxSplits(';', 1));
  if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(type[0]), "application/json")) {
    return InvalidField("request", "must have the Content-Type application/json");
  }
  Json body = ParseStrictJson(request.body);
  if (!body.is_object()) {
    return InvalidField("request", absl::StrCat("must be a JSON object without a member twice, at most ", kMaxJsonDepth,
                                                " levels deep, with integers of at most 64 bits"));
  }
  return body;
}

absl::StatusOr<AuthZenQuestion> ReadAuthZenQuestion(const Json& request, const AuthZenNeeds& needs) {
  const auto read = [&](const char* name, bool needs_id) -> absl::StatusOr<AuthZenEntity> {
    const auto found = request.find(name);
    if (found == request.end()) return InvalidField(name, "is required");
    return ReadEntity(*found, name, needs_id, nullptr);
  };
  AuthZenQuestion question;
  ASSIGN_OR_RETURN(question.subject, read("subject", needs.subject_id));
  if (needs.action) {
    ASSIGN_OR_RETURN(question.action, read("action", true));
  }
  ASSIGN_OR_RETURN(question.resource, read("resource", needs.resource_id));
  RETURN_IF_ERROR(CheckContext(request));
  return question;
}

absl::StatusOr<AuthZenBatch> ReadAuthZenBatch(const Json& request) {
  AuthZenBatch batch;
  ASSIGN_OR_RETURN(batch.semantic, ReadSemantic(request));
  const auto evaluations = request.find("evaluations");
  if (evaluations == request.end()) return batch;
  if (!evaluations->is_array()) return InvalidField("evaluations", "must be a list");
  if (evaluations->size() > AuthZenBatch::kMaxEvaluations) {
    return InvalidField("evaluations", absl::StrCat("are more than ", AuthZenBatch::kMaxEvaluations));
  }
  const UsualEntity subject(request, "subject");
  const UsualEntity action(request, "action");
  const UsualEntity resource(request, "resource");
  const auto read = [&](const Json& evaluation) -> absl::StatusOr<AuthZenQuestion> {
    if (!evaluation.is_object()) return InvalidField("evaluations", "must be objects");
    AuthZenQuestion question;
    ASSIGN_OR_RETURN(question.subject, subject.ReadFrom(evaluation));
    ASSIGN_OR_RETURN(question.action, action.ReadFrom(evaluation));
    ASSIGN_OR_RETURN(question.resource, resource.ReadFrom(evaluation));
    RETURN_IF_ERROR(CheckContext(evaluation));
    return question;
  };
  for (const Json& evaluation : *evaluations) batch.questions.push_back(read(evaluation));
  return batch;
}

absl::StatusOr<PageRequest> ReadAuthZenPage(const Json& request) {
  PageRequest page;
  const auto found = request.find("page");
  if (found == request.end()) return page;
  if (!found->is_object()) return InvalidField("page", "must be an object");
  ASSIGN_OR_RETURN(page.token, ReadText(*found, "page", "token", false));
  if (const auto limit = found->find("limit"); limit != found->end()) {
    if (!limit->is_number_unsigned()) return InvalidField("page.limit", "must be a whole number, 0 or more");
    page.size = static_cast<int64_t>(std::min<uint64_t>(limit->get<uint64_t>(), 1000));
  }
  return page;
}

}  // namespace identity
