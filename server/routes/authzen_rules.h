#ifndef IDENTITY_ROUTES_AUTHZEN_RULES_H_
#define IDENTITY_ROUTES_AUTHZEN_RULES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/domain/permission.h"
#include "server/domain/resource.h"
#include "server/routes/authzen_template.h"
#include "server/routes/yaml_text.h"

// How questions of AuthZEN 1.0 become permissions and resources. A part of the file of route rules:
//
//   authzen:                                   # at most 1,000 rules
//     - type: record                           # of the resource
//       actions: [read, write]                 # their names; any if absent
//       when: [resource.status=archived]       # properties of the question; at most 64, and all must be equal
//       permission: record:{action}_archived   # a template as in authzen_template.h
//       resource: records/{id}                 # the same
//
// The first rule of the resource's type that has the action and whose properties are equal decides. If none does, the
// answer is a denial. Without `authzen`, each question has one rule: the permission is `{type}:{action}`, or the
// action's name if it has a colon, and the resource is `{type}/{id...}`.
namespace identity {

// The mapping of questions. Immutable, so safe from any thread. Can be moved.
class AuthZenRules {
 public:
  // The usual mapping, of a file without `authzen`.
  AuthZenRules();
  // `document`: the whole file. INVALID_ARGUMENT, with the line in the field, for what is outside the grammar.
  static absl::StatusOr<AuthZenRules> Read(const YamlNode& document);

  struct Check {
    Permission permission;
    Resource resource;
  };
  // What the question asks. nullopt: no rule is for it, or the rule makes no valid permission and resource of it, or
  // needs a property that has no text, number or boolean.
  absl::optional<Check> Map(const AuthZenQuestion& question) const;
  // Whether other rules might decide, for a subject whose properties the question does not have.
  bool DependsOnSubject(const AuthZenQuestion& question) const;

  // For a search for resources: the question has no id of a resource, and a property of the resource that it lacks may
  // have any value.
  struct Search {
    struct Candidate {
      Permission permission;
      const AuthZenTemplate* resource;  // valid as long as the rules
    };
    std::vector<Candidate> candidates;  // of each rule that some resource of the type may meet
    bool complete = true;               // false: a rule's permission depends on a property that the question lacks
  };
  Search MapSearch(const AuthZenQuestion& question) const;

  size_t size() const { return rules_.size(); }

  // The names of the actions that rules have for the type, sorted. nullopt: a rule is for any action, so they cannot be
  // listed.
  absl::optional<std::vector<std::string>> ActionsOf(absl::string_view type) const;

 private:
  struct Condition {
    std::string property;
    std::string value;
  };
  struct Rule {
    std::string type;                  // "": any
    std::vector<std::string> actions;  // empty: any
    std::vector<Condition> conditions;
    absl::optional<AuthZenTemplate> permission;  // unset: the usual one
    AuthZenTemplate resource;

    bool IsFor(const AuthZenQuestion& question) const;
    absl::optional<Permission> PermissionFor(const AuthZenQuestion& question) const;
  };
  // kUnknown: it depends on properties that the question does not have. kMalformed: on one that no rule can use.
  enum class Match { kNo, kUnknown, kMalformed, kYes };
  // `open`: the entity whose properties are unknown where the question has none, such as "resource."; "": none.
  static Match Meets(const Rule& rule, const AuthZenQuestion& question, absl::string_view open = "");
  static absl::StatusOr<Rule> ReadRule(const YamlNode& node);

  std::vector<Rule> rules_;
};

}  // namespace identity

#endif  // IDENTITY_ROUTES_AUTHZEN_RULES_H_
