#include "server/domain/signatures/signing_algorithm.h"

#include <algorithm>
#include <iterator>

#include "server/base/enum_names.h"

namespace identity {
namespace {

constexpr EnumName<SigningAlgorithm> kAlgorithms[] = {
    {SigningAlgorithm::kEdDsa, "EdDSA"}, {SigningAlgorithm::kEs256, "ES256"}, {SigningAlgorithm::kRs256, "RS256"}};
static_assert(NamesEach(kAlgorithms, SigningAlgorithm::kRs256) &&
              std::size(kAlgorithms) == std::size(kSigningAlgorithms));

}  // namespace

absl::string_view NameOf(SigningAlgorithm algorithm) { return NameIn(kAlgorithms, algorithm); }

absl::optional<SigningAlgorithm> ParseSigningAlgorithm(absl::string_view name) { return FindByName(kAlgorithms, name); }

std::vector<std::string> SigningAlgorithmNames() {
  std::vector<std::string> names;
  for (const auto& row : kAlgorithms) names.emplace_back(row.name);
  return names;
}

SigningAlgorithm SigningChoice::For(absl::string_view audience) const {
  const auto found = by_audience.find(audience);
  return found == by_audience.end() ? usual : found->second;
}

bool SigningChoice::Includes(SigningAlgorithm algorithm) const {
  return usual == algorithm || std::any_of(by_audience.begin(), by_audience.end(),
                                           [&](const auto& choice) { return choice.second == algorithm; });
}

}  // namespace identity
