#include "server/routes/route_denial.h"

#include "server/base/enum_names.h"

namespace identity {
namespace {

struct DenialRow {
  RouteDenial value;
  const char* name;
  const char* text;
};

constexpr DenialRow kDenials[] = {
    {RouteDenial::kNoRule, "no_rule", "no rule matches"},
    {RouteDenial::kDenyRule, "deny_rule", "a rule denies it"},
    {RouteDenial::kResourceMalformed, "resource_malformed",
     "the path gives no valid resource: a segment that the resource needs is not [A-Za-z0-9._~@-]{1,128}, or there are "
     "more than 32"},
    {RouteDenial::kMethodMalformed, "method_malformed", "the method is not 1 to 32 of [A-Z-]"},
    {RouteDenial::kHostMalformed, "host_malformed",
     "the host is neither a name nor an address, with or without a port"},
    {RouteDenial::kPathTooLong, "path_too_long", "the path is longer than 2048 bytes"},
    {RouteDenial::kPathNotAbsolute, "path_not_absolute", "the path does not begin with a slash"},
    {RouteDenial::kPathCharacter, "path_character", "the path has a character that must be escaped there"},
    {RouteDenial::kQueryCharacter, "query_character", "the query has a space or a control character"},
    {RouteDenial::kPathFragment, "path_fragment", "the path or the query has a fragment"},
    {RouteDenial::kPathBackslash, "path_backslash", "the path has a backslash"},
    {RouteDenial::kPathParameter, "path_parameter", "the path has a semicolon"},
    {RouteDenial::kPathEscapeMalformed, "path_escape_malformed", "the path has a % without two hexadecimal digits"},
    {RouteDenial::kPathEscape, "path_escape",
     "the path has the escape of a character that programs read differently when it is escaped"},
    {RouteDenial::kPathEmptySegment, "path_empty_segment", "the path has two slashes in a row"},
    {RouteDenial::kPathDotSegment, "path_dot_segment", "the path has a segment '.' or '..'"},
};
static_assert(NamesEach(kDenials, RouteDenial::kPathDotSegment));

}  // namespace

absl::string_view NameOf(RouteDenial denial) { return NameIn(kDenials, denial); }

absl::string_view TextOf(RouteDenial denial) {
  const auto index = static_cast<size_t>(denial);
  return index < sizeof(kDenials) / sizeof(*kDenials) ? kDenials[index].text : "unknown";
}

}  // namespace identity
