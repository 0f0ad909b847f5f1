#include "server/domain/external/jws_algorithm.h"

#include <iterator>

#include "server/base/enum_names.h"

namespace identity {
namespace {

constexpr EnumName<JwsAlgorithm> kNames[] = {{JwsAlgorithm::kRs256, "RS256"}, {JwsAlgorithm::kRs384, "RS384"},
                                             {JwsAlgorithm::kRs512, "RS512"}, {JwsAlgorithm::kPs256, "PS256"},
                                             {JwsAlgorithm::kEs256, "ES256"}, {JwsAlgorithm::kEs384, "ES384"},
                                             {JwsAlgorithm::kEdDsa, "EdDSA"}};
static_assert(NamesEach(kNames, JwsAlgorithm::kEdDsa) && std::size(kNames) == std::size(kJwsAlgorithms));

}  // namespace

absl::string_view NameOf(JwsAlgorithm algorithm) { return NameIn(kNames, algorithm); }

absl::optional<JwsAlgorithm> ParseJwsAlgorithm(absl::string_view name) { return FindByName(kNames, name); }

}  // namespace identity
