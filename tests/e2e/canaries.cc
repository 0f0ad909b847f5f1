#include "tests/e2e/canaries.h"

#include <gtest/gtest.h>
#include <liboath/oath.h>

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

constexpr size_t kCodeDigits = 6;
constexpr size_t kLeastBytes = 8;  // shorter texts appear by chance

bool IsCode(absl::string_view text) {
  return text.size() == kCodeDigits && text.find_first_not_of("0123456789") == absl::string_view::npos;
}

// The part of the base64 text that depends only on `secret`, when `before` bytes (modulo 3) precede it.
std::string Base64Core(absl::string_view secret, size_t before) {
  const std::string text = absl::Base64Escape(absl::StrCat(std::string(before, '\0'), secret));
  const size_t begin = before == 0 ? 0 : before + 1;
  const size_t size = (before + secret.size()) * 8 / 6;
  return text.substr(begin, size - begin);
}

std::string InUrl(absl::string_view text, bool upper, absl::string_view space) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') {
      escaped.append(space.data(), space.size());
    } else if (absl::ascii_isalnum(byte) || absl::StrContains("-._~", std::string(1, c))) {
      escaped.push_back(c);
    } else {
      absl::StrAppend(&escaped, upper ? absl::StrFormat("%%%02X", byte) : absl::StrFormat("%%%02x", byte));
    }
  }
  return escaped;
}

bool HoldsWord(absl::string_view text, absl::string_view word) {
  for (size_t at = text.find(word); at != absl::string_view::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool begins =
        at == 0 || (!absl::ascii_isalnum(static_cast<unsigned char>(text[at - 1])) && text[at - 1] != '.');
    const bool ends = end == text.size() || !absl::ascii_isalnum(static_cast<unsigned char>(text[end]));
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace

std::string Base32SecretOf(absl::string_view otpauth_uri) {
  constexpr absl::string_view kName = "secret=";
  const absl::string_view secret = otpauth_uri.substr(otpauth_uri.find(kName) + kName.size());
  return std::string(secret.substr(0, secret.find('&')));
}

std::string FromBase32(const std::string& text) {
  char* bytes = nullptr;
  size_t size = 0;
  EXPECT_EQ(oath_base32_decode(text.data(), text.size(), &bytes, &size), OATH_OK);
  std::string decoded(bytes, size);
  std::free(bytes);
  return decoded;
}

void Canaries::Keep(const std::string& name, absl::string_view secret) {
  if (secret.empty()) return;
  if (IsCode(secret)) return KeepCode(name, secret);
  if (absl::StartsWith(secret, "otpauth://")) {
    const std::string base32 = Base32SecretOf(secret);
    KeepText(name + ", its seed in base32", base32);
    return KeepText(name + ", its seed", FromBase32(base32));
  }
  if (absl::StartsWith(secret, "eyJ")) {
    const absl::string_view signature = secret.substr(secret.rfind('.') + 1);
    std::string bytes;
    if (absl::WebSafeBase64Unescape(signature, &bytes)) KeepText(name + ", its signature's bytes", bytes);
    return KeepText(name + ", its signature", signature);
  }
  for (const auto kind : {OpaqueToken::Kind::kRefreshToken, OpaqueToken::Kind::kApiKey,
                          OpaqueToken::Kind::kMfaChallenge, OpaqueToken::Kind::kMailedToken}) {
    const auto token = OpaqueToken::Parse(kind, secret);
    if (!token) continue;
    KeepText(name + ", its secret's bytes", token->secret().Reveal());
    const absl::string_view until_crc = secret.substr(0, secret.rfind('_'));
    return KeepText(name + ", its secret", until_crc.substr(until_crc.rfind('_') + 1));
  }
  KeepText(name, secret);
}

void Canaries::KeepText(const std::string& name, absl::string_view secret) {
  ASSERT_GE(secret.size(), kLeastBytes) << name << " is so short that it appears by chance";
  const std::string text(secret);
  texts_.insert({text, {name, "as it is"}});
  texts_.insert({absl::AsciiStrToLower(text), {name, "in lower case"}});
  texts_.insert({absl::StrReplaceAll(text, {{"-", ""}}), {name, "without hyphens"}});
  for (const absl::string_view space : {"%20", "+"}) {
    texts_.insert({InUrl(text, true, space), {name, "in a URL"}});
    texts_.insert({InUrl(text, false, space), {name, "in a URL"}});
  }
  KeepEncoded(name, secret);
}

void Canaries::KeepEncoded(const std::string& name, absl::string_view secret) {
  const std::string hex = absl::BytesToHexString(secret);
  texts_.insert({hex, {name, "in hexadecimal"}});
  texts_.insert({absl::AsciiStrToUpper(hex), {name, "in hexadecimal"}});
  for (size_t before = 0; before < 3; ++before) {
    const std::string base64 = Base64Core(secret, before);
    texts_.insert({base64, {name, "in base64"}});
    texts_.insert({absl::StrReplaceAll(base64, {{"+", "-"}, {"/", "_"}}), {name, "in base64"}});
  }
}

void Canaries::KeepCode(const std::string& name, absl::string_view code) {
  codes_.insert({std::string(code), {name, "as it is"}});
  KeepEncoded(name, code);
}

std::set<std::string> Canaries::FoundIn(absl::string_view text, absl::string_view ignored) const {
  std::set<std::string> found;
  for (const auto& [needle, origin] : texts_) {
    if (origin.name != ignored && absl::StrContains(text, needle)) found.insert(origin.name + ", " + origin.form);
  }
  for (const auto& [code, origin] : codes_) {
    if (origin.name != ignored && HoldsWord(text, code)) found.insert(origin.name + ", " + origin.form);
  }
  return found;
}

}  // namespace identity
