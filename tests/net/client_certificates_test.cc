#include "server/net/client_certificates.h"

#include <gmock/gmock.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/base/error.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr char kBilling[] = "spiffe://example.org/sa/billing";

template <typename T>
using OpenSsl = std::unique_ptr<T, void (*)(T*)>;

// An alternative name of a certificate: its kind (GEN_URI, GEN_DNS, ...) and its text.
using AlternativeName = std::pair<int, std::string>;
using AlternativeNames = std::vector<AlternativeName>;

// What `write` puts into a BIO.
std::string Written(const std::function<int(BIO*)>& write) {
  const OpenSsl<BIO> out(BIO_new(BIO_s_mem()), [](BIO* bio) { BIO_free(bio); });
  EXPECT_EQ(write(out.get()), 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

OpenSsl<ASN1_TIME> Asn1Time(absl::Time time) {
  return {ASN1_TIME_set(nullptr, absl::ToTimeT(time)), [](ASN1_TIME* each) { ASN1_TIME_free(each); }};
}

// A CA for clients.
class ClientCa {
 public:
  explicit ClientCa(const std::string& name) : name_(name) {
    const OpenSsl<X509> certificate = New(1, Name(MBSTRING_UTF8).get());
    pem_ = Signed(certificate.get());
  }

  // Its own certificate, in PEM.
  const std::string& pem() const { return pem_; }

  // A certificate, in PEM. `extensions`: the names in each extension for alternative names.
  std::string Issue(uint64_t serial, const std::vector<AlternativeNames>& extensions,
                    absl::Time end = absl::Now() + absl::Hours(1)) const {
    const OpenSsl<X509_NAME> subject(X509_NAME_new(), [](X509_NAME* each) { X509_NAME_free(each); });
    const OpenSsl<X509> certificate = New(serial, subject.get());
    X509_set1_notAfter(certificate.get(), Asn1Time(end).get());
    for (const AlternativeNames& names : extensions) AddNames(certificate.get(), names);
    return Signed(certificate.get());
  }
  std::string IssueTo(const std::string& uri, uint64_t serial = 7) const { return Issue(serial, {{{GEN_URI, uri}}}); }

  // A list of revoked certificates, in PEM. `text_type` is the type of the issuer's name.
  std::string Revoke(const std::vector<uint64_t>& serials, absl::Time next_update = absl::Now() + absl::Hours(1),
                     int text_type = MBSTRING_UTF8) const {
    const OpenSsl<X509_CRL> list(X509_CRL_new(), [](X509_CRL* each) { X509_CRL_free(each); });
    X509_CRL_set_version(list.get(), 1);
    X509_CRL_set_issuer_name(list.get(), Name(text_type).get());
    const OpenSsl<ASN1_TIME> now = Asn1Time(absl::Now() - absl::Hours(48));
    X509_CRL_set1_lastUpdate(list.get(), now.get());
    X509_CRL_set1_nextUpdate(list.get(), Asn1Time(next_update).get());
    for (const uint64_t serial : serials) {
      const OpenSsl<ASN1_INTEGER> number(ASN1_INTEGER_new(), [](ASN1_INTEGER* each) { ASN1_INTEGER_free(each); });
      ASN1_INTEGER_set_uint64(number.get(), serial);
      X509_REVOKED* const entry = X509_REVOKED_new();
      X509_REVOKED_set_serialNumber(entry, number.get());
      X509_REVOKED_set_revocationDate(entry, now.get());
      EXPECT_EQ(X509_CRL_add0_revoked(list.get(), entry), 1);
    }
    EXPECT_GT(X509_CRL_sign(list.get(), key_.get(), EVP_sha256()), 0);
    return Written([&list](BIO* out) { return PEM_write_bio_X509_CRL(out, list.get()); });
  }

 private:
  // `text_type`: such as MBSTRING_UTF8 or V_ASN1_PRINTABLESTRING.
  OpenSsl<X509_NAME> Name(int text_type) const {
    OpenSsl<X509_NAME> name(X509_NAME_new(), [](X509_NAME* each) { X509_NAME_free(each); });
    EXPECT_EQ(X509_NAME_add_entry_by_txt(name.get(), "CN", text_type,
                                         reinterpret_cast<const unsigned char*>(name_.c_str()), -1, -1, 0),
              1);
    return name;
  }

  OpenSsl<X509> New(uint64_t serial, const X509_NAME* subject) const {
    OpenSsl<X509> certificate(X509_new(), [](X509* each) { X509_free(each); });
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
    X509_set_subject_name(certificate.get(), subject);
    X509_set_issuer_name(certificate.get(), Name(MBSTRING_UTF8).get());
    X509_set1_notBefore(certificate.get(), Asn1Time(absl::Now() - absl::Hours(48)).get());
    X509_set1_notAfter(certificate.get(), Asn1Time(absl::Now() + absl::Hours(48)).get());
    X509_set_pubkey(certificate.get(), key_.get());
    return certificate;
  }

  static void AddNames(X509* certificate, const AlternativeNames& names) {
    const OpenSsl<GENERAL_NAMES> all(GENERAL_NAMES_new(), [](GENERAL_NAMES* each) { GENERAL_NAMES_free(each); });
    for (const auto& [kind, text] : names) {
      ASN1_IA5STRING* const value = ASN1_IA5STRING_new();
      ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
      GENERAL_NAME* const name = GENERAL_NAME_new();
      GENERAL_NAME_set0_value(name, kind, value);
      sk_GENERAL_NAME_push(all.get(), name);
    }
    EXPECT_EQ(X509_add1_ext_i2d(certificate, NID_subject_alt_name, all.get(), 0, X509V3_ADD_APPEND), 1);
  }

  std::string Signed(X509* certificate) const {
    EXPECT_GT(X509_sign(certificate, key_.get(), EVP_sha256()), 0);
    return Written([certificate](BIO* out) { return PEM_write_bio_X509(out, certificate); });
  }

  const std::string name_;
  const OpenSsl<EVP_PKEY> key_{EVP_EC_gen("P-256"), [](EVP_PKEY* key) { EVP_PKEY_free(key); }};
  std::string pem_;
};

class ClientCertificatesTest : public testing::Test {
 protected:
  absl::Status Load(const std::string& lists) { return LoadFor(ca_.pem(), lists); }
  absl::Status LoadFor(const std::string& cas, const std::string& lists) {
    return certificates_.Load(scratch_.Write("revoked.crl", lists), scratch_.Write("ca.pem", cas));
  }
  // Of a certificate that can be read.
  bool IsRevoked(const std::string& pem) const { return certificates_.IsRevoked(*certificates_.Read(pem)); }
  std::string UriOf(const std::vector<AlternativeNames>& extensions) const {
    return certificates_.Read(ca_.Issue(7, extensions))->uri;
  }

  const ScratchDirectory scratch_;
  const ClientCa ca_{"clients"};
  const std::string seven_ = ca_.IssueTo(kBilling, 7);
  const std::string eight_ = ca_.IssueTo(kBilling, 8);
  ClientCertificates certificates_;
};

TEST_F(ClientCertificatesTest, TheOnlyUriCounts) {
  EXPECT_EQ(UriOf({{{GEN_URI, kBilling}}}), kBilling);
  EXPECT_EQ(UriOf({{{GEN_DNS, "billing.example.org"}, {GEN_URI, kBilling}, {GEN_EMAIL, "billing@example.org"}}}),
            kBilling);
  EXPECT_EQ(UriOf({{{GEN_URI, std::string("spiffe://a\0b", 12)}}}), std::string("spiffe://a\0b", 12));
}

TEST_F(ClientCertificatesTest, WithoutExactlyOneUriThereIsNone) {
  EXPECT_EQ(UriOf({}), "");
  EXPECT_EQ(UriOf({{{GEN_DNS, kBilling}, {GEN_EMAIL, kBilling}}}), "");
  EXPECT_EQ(UriOf({{{GEN_URI, ""}}}), "");
  EXPECT_EQ(UriOf({{{GEN_URI, kBilling}, {GEN_URI, "spiffe://example.org/sa/orders"}}}), "");
  EXPECT_EQ(UriOf({{{GEN_URI, kBilling}, {GEN_URI, kBilling}}}), "");
  EXPECT_EQ(UriOf({{{GEN_URI, kBilling}, {GEN_DNS, "billing"}, {GEN_URI, ""}}}), "");
}

TEST_F(ClientCertificatesTest, AnEmptyUriIsAUriToo) { EXPECT_EQ(UriOf({{{GEN_URI, ""}, {GEN_URI, kBilling}}}), ""); }

// RFC 5280, section 4.2: a certificate must not include more than one instance of an extension.
TEST_F(ClientCertificatesTest, ARepeatedExtensionDoesNotCount) {
  EXPECT_EQ(UriOf({{{GEN_URI, kBilling}}, {{GEN_DNS, "billing"}}}), "");
  EXPECT_EQ(UriOf({{{GEN_DNS, "billing"}}, {{GEN_URI, kBilling}}}), "");
}

TEST_F(ClientCertificatesTest, ReadsWhenItExpires) {
  const absl::Time end = absl::FromCivil(absl::CivilSecond(2051, 2, 3, 4, 5, 6), absl::UTCTimeZone());
  for (const absl::Time time : {end, end - absl::Hours(24 * 365 * 40)}) {
    EXPECT_EQ(certificates_.Read(ca_.Issue(7, {{{GEN_URI, kBilling}}}, time))->expire_time, time);
  }
}

TEST_F(ClientCertificatesTest, WhatIsNoCertificateIsUnreadable) {
  for (const std::string& text : {std::string(), std::string("garbage"), std::string(1000, '\0'), ca_.Revoke({7}),
                                  seven_.substr(0, seven_.size() / 2),
                                  std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}) {
    EXPECT_EQ(certificates_.Read(text), nullptr) << text;
    EXPECT_EQ(certificates_.Read(text), nullptr) << "again: " << text;
  }
}

TEST_F(ClientCertificatesTest, AHugeCertificateIsUnreadable) {
  const std::string prefix = "spiffe://example.org/";
  const std::string long_uri = absl::StrCat(prefix, std::string(40'000, 'a'));
  EXPECT_EQ(UriOf({{{GEN_URI, long_uri}}}), long_uri);
  EXPECT_EQ(certificates_.Read(ca_.IssueTo(absl::StrCat(prefix, std::string(60'000, 'a')))), nullptr);
}

TEST_F(ClientCertificatesTest, ManyCertificatesAreReadAlike) {
  for (int i = 0; i < 2500; ++i) {
    const auto read = certificates_.Read(absl::StrCat(seven_, i));
    ASSERT_NE(read, nullptr) << i;
    ASSERT_EQ(read->uri, kBilling) << i;
  }
}

TEST_F(ClientCertificatesTest, WithoutAListNothingIsRevoked) { EXPECT_FALSE(IsRevoked(seven_)); }

TEST_F(ClientCertificatesTest, AListRevokesTheCertificatesThatItNames) {
  ASSERT_THAT(Load(ca_.Revoke({7})), IsOk());
  EXPECT_TRUE(IsRevoked(seven_));
  EXPECT_FALSE(IsRevoked(eight_));
}

TEST_F(ClientCertificatesTest, TheWholeSerialNumberCounts) {
  constexpr uint64_t kLong = 0x8102030405060708;
  ASSERT_THAT(Load(ca_.Revoke({kLong})), IsOk());
  EXPECT_TRUE(IsRevoked(ca_.IssueTo(kBilling, kLong)));
  for (const uint64_t serial : {kLong + 1, kLong >> 8, kLong & 0xff, kLong - (uint64_t{1} << 63)}) {
    EXPECT_FALSE(IsRevoked(ca_.IssueTo(kBilling, serial))) << serial;
  }
}

TEST_F(ClientCertificatesTest, TheSameNumberOfAnotherCaIsNotRevoked) {
  const ClientCa other("others");
  ASSERT_THAT(LoadFor(ca_.pem() + other.pem(), ca_.Revoke({7})), IsOk());
  EXPECT_TRUE(IsRevoked(seven_));
  EXPECT_FALSE(IsRevoked(other.IssueTo(kBilling, 7)));
}

TEST_F(ClientCertificatesTest, AFileMayHaveTheListsOfSeveralCas) {
  const ClientCa other("others");
  ASSERT_THAT(LoadFor(ca_.pem() + other.pem(), ca_.Revoke({7}) + other.Revoke({8, 9})), IsOk());
  EXPECT_TRUE(IsRevoked(seven_));
  EXPECT_FALSE(IsRevoked(eight_));
  EXPECT_FALSE(IsRevoked(other.IssueTo(kBilling, 7)));
  EXPECT_TRUE(IsRevoked(other.IssueTo(kBilling, 8)));
  EXPECT_TRUE(IsRevoked(other.IssueTo(kBilling, 9)));
}

// RFC 5280, section 7.1: the type of a text does not matter. Some CAs write their name in a list in another type.
TEST_F(ClientCertificatesTest, TheTypeOfTheTextInTheIssuersNameDoesNotMatter) {
  ASSERT_THAT(Load(ca_.Revoke({7}, absl::Now() + absl::Hours(1), V_ASN1_PRINTABLESTRING)), IsOk());
  EXPECT_TRUE(IsRevoked(seven_));
  EXPECT_FALSE(IsRevoked(eight_));
}

TEST_F(ClientCertificatesTest, AListThatIsDueForAnUpdateStillCounts) {
  ASSERT_THAT(Load(ca_.Revoke({7}, absl::Now() - absl::Hours(24))), IsOk());
  EXPECT_TRUE(IsRevoked(seven_));
}

TEST_F(ClientCertificatesTest, AnEmptyListIsAList) {
  ASSERT_THAT(Load(ca_.Revoke({})), IsOk());
  EXPECT_FALSE(IsRevoked(seven_));
}

TEST_F(ClientCertificatesTest, AChangedFileReplacesWhatWasRevoked) {
  ASSERT_THAT(Load(ca_.Revoke({7})), IsOk());
  const auto known = certificates_.Read(seven_);
  ASSERT_THAT(Load(ca_.Revoke({8})), IsOk());
  EXPECT_FALSE(certificates_.IsRevoked(*known)) << "a suspended certificate is good again";
  EXPECT_TRUE(IsRevoked(eight_));
  ASSERT_THAT(Load(ca_.Revoke({7, 8})), IsOk());
  EXPECT_TRUE(certificates_.IsRevoked(*known));
  EXPECT_TRUE(IsRevoked(eight_));
}

TEST_F(ClientCertificatesTest, ABadFileIsRefusedAndTheOldListsStay) {
  const ClientCa other("others");
  const ClientCa impostor("clients");  // has the CA's name, and another key
  const std::string good = ca_.Revoke({8});
  ASSERT_THAT(Load(ca_.Revoke({7})), IsOk());
  for (const std::string& bad :
       {std::string(), std::string("garbage"), ca_.pem(), good.substr(0, good.size() / 2), good.substr(0, 27),
        good + good.substr(0, good.size() / 2), std::string("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
        other.Revoke({8}), impostor.Revoke({8}), good + other.Revoke({8}), other.Revoke({8}) + good}) {
    const absl::Status refused = Load(bad);
    EXPECT_THAT(refused, HasReason(ErrorReason::kInvalidField)) << bad;
    EXPECT_THAT(std::string(refused.message()),
                AllOf(HasSubstr("tls-client-crl-file"), HasSubstr(scratch_.File("revoked.crl"))))
        << bad;
    EXPECT_TRUE(IsRevoked(seven_)) << bad;
    EXPECT_FALSE(IsRevoked(eight_)) << bad;
  }
  ASSERT_THAT(Load(good), IsOk());
  EXPECT_FALSE(IsRevoked(seven_));
  EXPECT_TRUE(IsRevoked(eight_));
}

TEST_F(ClientCertificatesTest, AMissingFileIsRefusedAndTheOldListsStay) {
  ASSERT_THAT(Load(ca_.Revoke({7})), IsOk());
  const absl::Status refused = certificates_.Load(scratch_.File("missing"), scratch_.File("ca.pem"));
  EXPECT_THAT(refused, HasReason(ErrorReason::kInvalidField));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("tls-client-crl-file"));
  EXPECT_TRUE(IsRevoked(seven_));
}

TEST_F(ClientCertificatesTest, ARefusedListIsAcceptedOnceItsCaIsKnown) {
  const ClientCa other("others");
  const std::string list = other.Revoke({7});
  EXPECT_THAT(Load(list), HasReason(ErrorReason::kInvalidField));
  ASSERT_THAT(LoadFor(ca_.pem() + other.pem(), list), IsOk());
  EXPECT_TRUE(IsRevoked(other.IssueTo(kBilling, 7)));
}

}  // namespace
}  // namespace identity
