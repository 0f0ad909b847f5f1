#include "server/app/admin/lookups.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "db/change_log.h"
#include "db/stores/bindings.h"
#include "db/stores/principals.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/decision.h"

namespace identity {
namespace {

// The log of changes is kept for longer.
constexpr absl::Duration kLongestWalk = absl::Hours(12);

absl::Status RightsHaveChanged() {
  return Error(ErrorReason::kConflict,
               "page_token: rights have changed since the first page; begin again, perhaps with larger pages");
}

// nullopt: the principal does not hold the permission.
absl::optional<Lookups::Grant> GrantOf(const PrincipalFacts& principal, const RoleGraph& roles,
                                       const Permission& permission, const Resource& resource, absl::Time now) {
  if (principal.disabled()) return absl::nullopt;
  const Scopes any = Scopes::Unlimited();
  const Decision plain = Decide(principal, any, roles, permission, resource, {now});
  if (plain.allowed()) return Lookups::Grant{false, plain.expire_time};
  const Decision stepped_up = Decide(principal, any, roles, permission, resource, {now, now});
  if (stepped_up.allowed()) return Lookups::Grant{true, stepped_up.expire_time};
  return absl::nullopt;
}

// The resources on which the principal holds the permission, sorted.
absl::StatusOr<std::vector<Lookups::Place>> PlacesIn(StoredFacts& facts, const PrincipalFacts& principal,
                                                     const Permission& permission) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  std::vector<Lookups::Place> places;
  for (const std::string& path : PlacesOf(principal, *roles, permission, now.time)) {
    ASSIGN_OR_RETURN(Resource resource, Resource::Parse(path));
    const auto grant = GrantOf(principal, *roles, permission, resource, now.time);
    if (grant) places.push_back({std::move(resource), *grant});
  }
  return places;
}

// The resources whose bindings cover `resource`: everywhere, its parents, and itself.
std::vector<std::string> CoveringPaths(const Resource& resource) {
  const std::string& text = resource.text();
  std::vector<std::string> paths = {""};
  for (size_t end = text.find('/'); end != std::string::npos; end = text.find('/', end + 1)) {
    paths.push_back(text.substr(0, end));
  }
  if (!text.empty()) paths.push_back(text);
  return paths;
}

// The user who holds the built-in role `self` on `resource`.
absl::optional<PrincipalId> OwnerOf(const Resource& resource) {
  const std::vector<std::string> segments = absl::StrSplit(resource.text(), absl::MaxSplits('/', 2));
  if (segments.size() < 2 || segments[0] != "users") return absl::nullopt;
  return PrincipalId::Parse(segments[1]);
}

}  // namespace

// Where a page begins. Its text is the cursor of a page token.
struct Lookups::Start {
  ConsistencyToken token;  // of the first page
  absl::Time time;         // of the first page
  std::string after;       // the last item before the page

  std::string CursorOf(const std::string& item) const {
    return absl::StrCat(token.ToText(), "\n", absl::ToUnixSeconds(time), "\n", item);
  }
};

absl::StatusOr<Lookups::Start> Lookups::Begin(StoredFacts& facts, const std::string& cursor) const {
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  if (cursor.empty()) return Start{now.token, now.time, ""};
  const std::vector<std::string> parts = absl::StrSplit(cursor, absl::MaxSplits('\n', 2));
  const absl::optional<ConsistencyToken> first = ConsistencyToken::Parse(parts[0]);
  int64_t seconds = 0;
  if (parts.size() != 3 || !first || !absl::SimpleAtoi(parts[1], &seconds)) {
    return InvalidField("page_token", "is not one of this list");
  }
  const absl::Time begun = absl::FromUnixSeconds(seconds);
  if (!(first->history == now.token.history) || now.time - begun > kLongestWalk) return RightsHaveChanged();
  ASSIGN_OR_RETURN(const bool changed, change_log::RightsChangedSince(facts.transaction(), first->revision));
  if (changed) return RightsHaveChanged();
  return Start{*first, begun, parts[2]};
}

absl::StatusOr<Lookups::List<Lookups::Holder>> Lookups::Subjects(const RequestContext& context,
                                                                 const Permission& permission, const Resource& resource,
                                                                 const PageRequest& page) const {
  struct Read {
    Start start;
    std::vector<Holder> holders;
  };
  const auto read_page = [&](Transaction& transaction, const std::string& cursor) -> absl::StatusOr<Read> {
    StoredFacts facts(transaction);
    Read read;
    ASSIGN_OR_RETURN(read.start, Begin(facts, cursor));
    ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
    ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
    bindings::Candidates candidates;
    candidates.roles = roles->RolesWith(permission);
    candidates.resources = CoveringPaths(resource);
    if (roles->Match(kSelfRole, permission)) candidates.owner = OwnerOf(resource);
    candidates.after = PrincipalId::Parse(read.start.after).value_or(PrincipalId());
    const size_t wanted = static_cast<size_t>(page.read_limit());
    while (read.holders.size() < wanted) {
      ASSIGN_OR_RETURN(const std::vector<PrincipalId> ids,
                       bindings::ListCandidates(transaction, candidates, page.read_limit()));
      ASSIGN_OR_RETURN(std::vector<PrincipalFacts> found, principals::FindFacts(transaction, ids));
      std::sort(found.begin(), found.end(),
                [](const PrincipalFacts& a, const PrincipalFacts& b) { return a.id() < b.id(); });
      for (PrincipalFacts& principal : found) {
        const auto grant = GrantOf(principal, *roles, permission, resource, now.time);
        if (grant && read.holders.size() < wanted) read.holders.push_back({std::move(principal), *grant});
      }
      if (static_cast<int64_t>(ids.size()) < page.read_limit()) break;
      candidates.after = ids.back();
    }
    return read;
  };
  Start start;
  const auto read = [&](const std::string& cursor) -> absl::StatusOr<std::vector<Holder>> {
    ASSIGN_OR_RETURN(Read found,
                     database_.Read(context, [&](Transaction& transaction) { return read_page(transaction, cursor); }));
    start = std::move(found.start);
    return std::move(found.holders);
  };
  const std::string list = absl::StrCat("ListSubjects\n", permission.text(), "\n", resource.text());
  ASSIGN_OR_RETURN(Page<Holder> holders, page_tokens_.ReadPage(list, page, read, [&](const Holder& holder) {
    return start.CursorOf(holder.principal.id().ToString());
  }));
  return List<Holder>{std::move(holders), start.token};
}

absl::StatusOr<Lookups::List<Lookups::Place>> Lookups::Resources(const RequestContext& context,
                                                                 const PrincipalId& principal,
                                                                 const Permission& permission,
                                                                 const PageRequest& page) const {
  struct Read {
    Start start;
    std::vector<Place> places;
  };
  const auto read_page = [&](Transaction& transaction, const std::string& cursor) -> absl::StatusOr<Read> {
    StoredFacts facts(transaction);
    Read read;
    ASSIGN_OR_RETURN(read.start, Begin(facts, cursor));
    ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> found, facts.Principal(principal));
    if (!found) return Error(ErrorReason::kNotFound, "principal_id: no such principal");
    ASSIGN_OR_RETURN(std::vector<Place> places, PlacesIn(facts, *found, permission));
    const bool is_first = cursor.empty();
    for (Place& place : places) {
      if (!is_first && place.resource.text() <= read.start.after) continue;
      if (static_cast<int64_t>(read.places.size()) == page.read_limit()) break;
      read.places.push_back(std::move(place));
    }
    return read;
  };
  Start start;
  const auto read = [&](const std::string& cursor) -> absl::StatusOr<std::vector<Place>> {
    ASSIGN_OR_RETURN(Read found,
                     database_.Read(context, [&](Transaction& transaction) { return read_page(transaction, cursor); }));
    start = std::move(found.start);
    return std::move(found.places);
  };
  const std::string list = absl::StrCat("ListResources\n", principal.ToString(), "\n", permission.text());
  ASSIGN_OR_RETURN(Page<Place> places, page_tokens_.ReadPage(list, page, read, [&](const Place& place) {
    return start.CursorOf(place.resource.text());
  }));
  return List<Place>{std::move(places), start.token};
}

absl::StatusOr<Lookups::Places> Lookups::ResourcesOfEach(const RequestContext& context, const PrincipalId& principal,
                                                         const std::vector<Permission>& permissions) const {
  return database_.Read(context, [&](Transaction& transaction) -> absl::StatusOr<Places> {
    StoredFacts facts(transaction);
    Places places;
    ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
    places.token = now.token;
    ASSIGN_OR_RETURN(places.principal, facts.Principal(principal));
    for (const Permission& permission : permissions) {
      places.of_each.emplace_back();
      if (!places.principal) continue;
      ASSIGN_OR_RETURN(places.of_each.back(), PlacesIn(facts, *places.principal, permission));
    }
    return places;
  });
}

}  // namespace identity
