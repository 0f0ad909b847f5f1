#include "server/app/admin/lookups.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/change_log.h"
#include "db/stores/bindings.h"
#include "db/stores/principals.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/decision.h"
#include "server/view/facts.h"

namespace identity {
namespace {

// The log of changes is kept for longer.
constexpr absl::Duration kLongestWalk = absl::Hours(12);

absl::Status RightsHaveChanged() {
  return Error(ErrorReason::kConflict,
               "page_token: rights have changed since the first page; begin again, perhaps with larger pages");
}

// The resources on which the principal holds the permission, sorted.
absl::StatusOr<std::vector<Lookups::Place>> PlacesIn(StoredFacts& facts, const PrincipalFacts& principal,
                                                     const Permission& permission) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  std::vector<Lookups::Place> places;
  for (const std::string& path : PlacesOf(principal, *roles, permission, now.time)) {
    ASSIGN_OR_RETURN(Resource resource, Resource::Parse(path));
    const absl::optional<Right> right = RightTo(principal, *roles, permission, resource, now.time);
    if (right) places.push_back({std::move(resource), *right});
  }
  return places;
}

// Where a page begins. Its text is the cursor of a page token.
struct Start {
  ConsistencyToken token;             // of the first page
  absl::Time time;                    // of the first page
  absl::optional<std::string> after;  // the last item before the page; nullopt for the first page

  std::string CursorOf(absl::string_view item) const {
    return absl::StrCat(token.ToText(), "\n", absl::ToUnixSeconds(time), "\n", item);
  }
};

absl::StatusOr<Start> Begin(StoredFacts& facts, const std::string& cursor) {
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  if (cursor.empty()) return Start{now.token, now.time, absl::nullopt};
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

}  // namespace

// Reads a page of the items that `read_items` finds after the given one. `text_of` names an item.
template <typename T, typename TextOf, typename ReadItems>
absl::StatusOr<Lookups::List<T>> Lookups::ReadList(const RequestContext& context, const std::string& list,
                                                   const PageRequest& page, const TextOf& text_of,
                                                   const ReadItems& read_items) const {
  using Found = std::pair<Start, std::vector<T>>;
  Start start;
  const auto read = [&](const std::string& cursor) -> absl::StatusOr<std::vector<T>> {
    ASSIGN_OR_RETURN(Found found, database_.Read(context, [&](Transaction& transaction) -> absl::StatusOr<Found> {
      StoredFacts facts(transaction);
      ASSIGN_OR_RETURN(Start from, Begin(facts, cursor));
      ASSIGN_OR_RETURN(std::vector<T> items, read_items(facts, from.after));
      return Found(std::move(from), std::move(items));
    }));
    start = std::move(found.first);
    return std::move(found.second);
  };
  ASSIGN_OR_RETURN(Page<T> items, page_tokens_.ReadPage(list, page, read,
                                                        [&](const T& item) { return start.CursorOf(text_of(item)); }));
  return List<T>{std::move(items), start.token};
}

absl::StatusOr<Lookups::List<Lookups::Holder>> Lookups::Subjects(const RequestContext& context,
                                                                 const Permission& permission, const Resource& resource,
                                                                 const PageRequest& page) const {
  const std::string list = absl::StrCat("ListSubjects\n", permission.text(), "\n", resource.text());
  const auto text_of = [](const Holder& holder) { return holder.principal.id().ToString(); };
  const auto read = [&](StoredFacts& facts,
                        const absl::optional<std::string>& after) -> absl::StatusOr<std::vector<Holder>> {
    ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
    ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
    bindings::Candidates candidates;
    candidates.roles = roles->RolesWith(permission);
    candidates.resources = resource.CoveringTexts();
    if (roles->Match(kSelfRole, permission)) candidates.owner = resource.Owner();
    candidates.after = PrincipalId::Parse(after.value_or("")).value_or(PrincipalId());
    const size_t wanted = static_cast<size_t>(page.read_limit());
    std::vector<Holder> holders;
    while (holders.size() < wanted) {
      ASSIGN_OR_RETURN(const std::vector<PrincipalId> ids,
                       bindings::ListCandidates(facts.transaction(), candidates, page.read_limit()));
      ASSIGN_OR_RETURN(std::vector<PrincipalFacts> found, principals::FindFacts(facts.transaction(), ids));
      std::sort(found.begin(), found.end(),
                [](const PrincipalFacts& a, const PrincipalFacts& b) { return a.id() < b.id(); });
      for (PrincipalFacts& principal : found) {
        const absl::optional<Right> right = RightTo(principal, *roles, permission, resource, now.time);
        if (right && holders.size() < wanted) holders.push_back({std::move(principal), *right});
      }
      if (static_cast<int64_t>(ids.size()) < page.read_limit()) break;
      candidates.after = ids.back();
    }
    return holders;
  };
  return ReadList<Holder>(context, list, page, text_of, read);
}

absl::StatusOr<Lookups::List<Lookups::Place>> Lookups::Resources(const RequestContext& context,
                                                                 const PrincipalId& principal,
                                                                 const Permission& permission,
                                                                 const PageRequest& page) const {
  const std::string list = absl::StrCat("ListResources\n", principal.ToString(), "\n", permission.text());
  const auto text_of = [](const Place& place) { return place.resource.text(); };
  const auto read = [&](StoredFacts& facts,
                        const absl::optional<std::string>& after) -> absl::StatusOr<std::vector<Place>> {
    ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> found, facts.Principal(principal));
    if (!found) return Error(ErrorReason::kNotFound, "principal_id: no such principal");
    ASSIGN_OR_RETURN(std::vector<Place> places, PlacesIn(facts, *found, permission));
    const auto first = std::find_if(places.begin(), places.end(),
                                    [&](const Place& place) { return !after || place.resource.text() > *after; });
    places.erase(places.begin(), first);
    if (places.size() > static_cast<size_t>(page.read_limit())) {
      places.erase(places.begin() + page.read_limit(), places.end());
    }
    return places;
  };
  return ReadList<Place>(context, list, page, text_of, read);
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
