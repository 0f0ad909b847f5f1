#include "server/domain/totp.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace identity {
namespace {

// RFC 6238 appendix B.
constexpr absl::string_view kKey = "12345678901234567890";
constexpr int64_t kNoStep = -1;

Secret RfcSeed() { return Secret(kKey); }

absl::optional<int64_t> Match(absl::string_view code, int64_t unix_seconds, int64_t last_step = kNoStep) {
  return MatchTotp(RfcSeed(), code, absl::FromUnixSeconds(unix_seconds), last_step);
}

std::string Uri(absl::string_view issuer, absl::string_view account) {
  return std::string(OtpauthUri(RfcSeed(), issuer, account).Reveal());
}

TEST(TotpTest, CodesOfTheRfcMatchAtTheirTime) {
  const struct {
    int64_t unix_seconds;
    const char* code;
  } kVectors[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                  {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
  for (const auto& vector : kVectors) {
    EXPECT_EQ(Match(vector.code, vector.unix_seconds), vector.unix_seconds / 30) << vector.code;
  }
}

TEST(TotpTest, CodeMatchesFromOneStepBeforeToOneAfter) {
  constexpr int64_t kStep = 37037036;
  constexpr absl::string_view kCode = "081804";
  EXPECT_FALSE(Match(kCode, (kStep - 1) * 30 - 1));
  EXPECT_EQ(Match(kCode, (kStep - 1) * 30), kStep);
  EXPECT_EQ(Match(kCode, (kStep + 2) * 30 - 1), kStep);
  EXPECT_FALSE(Match(kCode, (kStep + 2) * 30));
  EXPECT_FALSE(MatchTotp(RfcSeed(), kCode, absl::FromUnixSeconds((kStep - 1) * 30) - absl::Nanoseconds(1), kNoStep));
}

TEST(TotpTest, StepIsAcceptedOnce) {
  EXPECT_EQ(Match("287082", 59, 0), 1);
  EXPECT_FALSE(Match("287082", 59, 1));
  EXPECT_FALSE(Match("287082", 59, 2));
}

TEST(TotpTest, LaterStepIsAcceptedAfterAnEarlierOne) {
  EXPECT_EQ(Match("755224", 59, kNoStep), 0);
  EXPECT_EQ(Match("359152", 59, 1), 2);
  EXPECT_FALSE(Match("755224", 59, 1)) << "a code before the one that was used";
}

TEST(TotpTest, CodeOfAnotherSecretDoesNotMatch) {
  EXPECT_FALSE(
      MatchTotp(Secret(absl::string_view("12345678901234567891")), "287082", absl::FromUnixSeconds(59), kNoStep));
}

TEST(TotpTest, OnlySixDigitsMatch) {
  for (const absl::string_view code : {
           absl::string_view(""), absl::string_view("28708"), absl::string_view("2870820"),
           absl::string_view("94287082"), absl::string_view(" 287082"), absl::string_view("287082\n"),
           absl::string_view("287 082"), absl::string_view("28708a"), absl::string_view("+28708"),
           absl::string_view("28708\0", 6), absl::string_view("287082\0", 7),
           absl::string_view("\xef\xbc\x92\xef\xbc\x98"),                          // two full-width digits, 6 bytes
           absl::string_view("\xd9\xa2\xd9\xa8\xd9\xa7\xd9\xa0\xd9\xa8\xd9\xa2"),  // Arabic-Indic 287082
       }) {
    EXPECT_FALSE(Match(code, 59)) << testing::PrintToString(std::string(code));
  }
}

TEST(TotpTest, ExtremeTimesMatchNothing) {
  for (const absl::Time now : {absl::InfinitePast(), absl::InfiniteFuture(), absl::FromUnixSeconds(-1)}) {
    EXPECT_FALSE(MatchTotp(RfcSeed(), "287082", now, std::numeric_limits<int64_t>::max()));
  }
}

TEST(OtpauthUriTest, ContainsEverythingThatAnAppNeeds) {
  EXPECT_EQ(Uri("Acme", "alice"),
            "otpauth://totp/Acme:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme&algorithm=SHA1&digits=6"
            "&period=30");
}

TEST(OtpauthUriTest, NamesArePercentEncoded) {
  const std::string uri = Uri("A&B: \xc3\xa9", "alice+1@example.com?secret=x");
  EXPECT_EQ(uri.substr(0, uri.find('?')), "otpauth://totp/A%26B%3A%20%C3%A9:alice%2B1%40example.com%3Fsecret%3Dx");
  EXPECT_NE(uri.find("&issuer=A%26B%3A%20%C3%A9&"), std::string::npos);
}

}  // namespace
}  // namespace identity
