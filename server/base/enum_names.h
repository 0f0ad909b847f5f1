#ifndef IDENTITY_BASE_ENUM_NAMES_H_
#define IDENTITY_BASE_ENUM_NAMES_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// The name of one value of an enum. An array of these is the one table of an enum's names:
//
//   constexpr EnumName<Color> kColors[] = {{Color::kRed, "red"}, {Color::kBlue, "blue"}};
//   static_assert(NamesEach(kColors, Color::kBlue));
//
// The functions below also take a table with rows of another struct, when that has the fields `value` and `name`.
template <typename Enum>
struct EnumName {
  Enum value;
  const char* name;
};

// True when `names` has one name for each value from 0 to `last`, in order. The other functions require it.
template <typename Row, size_t size>
constexpr bool NamesEach(const Row (&names)[size], decltype(Row::value) last) {
  for (size_t i = 0; i < size; ++i) {
    if (static_cast<size_t>(names[i].value) != i) return false;
  }
  return size == static_cast<size_t>(last) + 1;
}

// "unknown" for a value without a row, which an enum gets when somebody adds a value behind the one that is named in
// the static_assert.
template <typename Row, size_t size>
absl::string_view NameIn(const Row (&names)[size], decltype(Row::value) value) {
  const auto index = static_cast<size_t>(value);
  return index < size ? names[index].name : "unknown";
}

// nullopt when no value has `name`.
template <typename Row, size_t size>
absl::optional<decltype(Row::value)> FindByName(const Row (&names)[size], absl::string_view name) {
  for (const Row& known : names) {
    if (known.name == name) return known.value;
  }
  return absl::nullopt;
}

}  // namespace identity

#endif  // IDENTITY_BASE_ENUM_NAMES_H_
