#ifndef IDENTITY_TESTS_FUZZ_FUZZ_H_
#define IDENTITY_TESTS_FUZZ_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

// The parts that all fuzz targets share. A target is a function `void Fuzz(absl::string_view input)` in its source, and
// the line `IDENTITY_FUZZ_TARGET(name, Fuzz)` behind it. Each is a program of libFuzzer in the preset `fuzz`, and part
// of corpus_test in the others.
namespace identity {

// Ends the process, so that libFuzzer keeps the input, unless `holds`.
inline void Require(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "the rule is broken: %s\n", rule);
  std::abort();
}

// Removes the part of `input` up to the first `separator`, which is dropped, and returns it. The whole input when it
// has none.
inline absl::string_view TakeUntil(char separator, absl::string_view& input) {
  const size_t end = input.find(separator);
  const absl::string_view part = input.substr(0, end);
  input = end == absl::string_view::npos ? absl::string_view() : input.substr(end + 1);
  return part;
}

// `text` with some bytes replaced: each 3 bytes of `edits` are a place and the new byte.
inline std::string Edited(std::string text, absl::string_view edits) {
  for (; edits.size() >= 3 && !text.empty(); edits.remove_prefix(3)) {
    const size_t place = static_cast<uint8_t>(edits[0]) * size_t{256} + static_cast<uint8_t>(edits[1]);
    text[place % text.size()] = edits[2];
  }
  return text;
}

using FuzzTarget = void (*)(absl::string_view input);
// The targets of this program, by their names. Its static variables fill it.
inline std::map<std::string, FuzzTarget>& FuzzTargets() {
  static auto* const targets = new std::map<std::string, FuzzTarget>();
  return *targets;
}

}  // namespace identity

#ifdef IDENTITY_FUZZ_ENGINE
// libFuzzer calls this function with each input.
#define IDENTITY_FUZZ_TARGET(name, function)                                                      \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {                       \
    function(absl::string_view(reinterpret_cast<const char*>(data), data == nullptr ? 0 : size)); \
    return 0;                                                                                     \
  }
#else
#define IDENTITY_FUZZ_TARGET(name, function) \
  static const bool name##_is_a_target = identity::FuzzTargets().emplace(#name, function).second;
#endif

#endif  // IDENTITY_TESTS_FUZZ_FUZZ_H_
