#include "db/conninfo.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

namespace identity {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kVerified[] = "sslmode='verify-full'";

std::string Completed(const std::string& url) {
  const auto conninfo = conninfo::WithDefaults(url, {{"application_name", "test"}});
  EXPECT_TRUE(conninfo.has_value()) << url;
  return conninfo.value_or("");
}

// An environment variable for the lifetime of this object.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* const name_;
};

TEST(ConninfoTest, DefaultsApplyToWhatIsNotNamed) {
  EXPECT_THAT(Completed("host=/run dbname=identity"), HasSubstr("application_name='test'"));
  EXPECT_THAT(Completed("host=/run application_name=mine"), Not(HasSubstr("'test'")));
  EXPECT_THAT(Completed("host=/run application_name='it\\'s'"), HasSubstr("application_name='it\\'s'"));
}

TEST(ConninfoTest, TheCertificateOfAnotherMachineIsVerified) {
  for (const char* url :
       {"host=db.example.com", "postgresql://ada@db.example.com/identity", "host=192.0.2.1", "hostaddr=192.0.2.1",
        "host=localhost hostaddr=192.0.2.1", "postgresql://[2001:db8::1]/identity", "host=/run,db.example.com",
        "postgresql://127.0.0.1,db.example.com/identity", "host=localhost.example.com", "service=identity",
        "host=::ffff:192.0.2.1"}) {
    EXPECT_THAT(Completed(url), HasSubstr(kVerified)) << url;
  }
}

TEST(ConninfoTest, OnThisMachineNoTlsIsNeeded) {
  for (const char* url :
       {"dbname=identity", "postgresql:///identity", "host=/var/run/postgresql", "postgresql://%2Fvar%2Frun/identity",
        "host=@abstract", "host=localhost", "host=127.0.0.1", "host=127.1.2.3 port=6432", "postgresql://[::1]/identity",
        "host=/run/a,/run/b", "host=db.example.com hostaddr=127.0.0.1", "host=localhost,127.0.0.1"}) {
    EXPECT_THAT(Completed(url), Not(HasSubstr("sslmode"))) << url;
  }
}

TEST(ConninfoTest, ANamedSslmodeStays) {
  for (const char* url : {"host=db.example.com sslmode=require", "postgresql://db.example.com/identity?sslmode=require",
                          "service=identity sslmode=require"}) {
    const std::string conninfo = Completed(url);
    EXPECT_THAT(conninfo, HasSubstr("sslmode='require'")) << url;
    EXPECT_THAT(conninfo, Not(HasSubstr(kVerified))) << url;
  }
}

TEST(ConninfoTest, TheVariablesOfLibpqCount) {
  {
    const Variable host("PGHOST", "db.example.com");
    EXPECT_THAT(Completed("dbname=identity"), HasSubstr(kVerified));
    EXPECT_THAT(Completed("host=localhost"), Not(HasSubstr("sslmode")));
  }
  const Variable mode("PGSSLMODE", "verify-ca");
  EXPECT_THAT(Completed("host=db.example.com"), Not(HasSubstr("sslmode")));
}

TEST(ConninfoTest, SeveralHostsAreCounted) {
  for (const char* url : {"host=a,b", "postgresql://a,b/identity", "hostaddr=192.0.2.1,192.0.2.2", "host=/a,/b"}) {
    EXPECT_TRUE(conninfo::NamesSeveralHosts(url)) << url;
  }
  for (const char* url : {"host=a", "postgresql://a/identity", "dbname=identity", "nonsense"}) {
    EXPECT_FALSE(conninfo::NamesSeveralHosts(url)) << url;
  }
}

TEST(ConninfoTest, OtherTextIsInvalid) {
  for (const char* url : {"nonsense", "host", "host='a", "hots=a", "postgresql://a/identity?hots=b"}) {
    EXPECT_FALSE(conninfo::IsValid(url)) << url;
    EXPECT_FALSE(conninfo::WithDefaults(url, {}).has_value()) << url;
  }
  EXPECT_TRUE(conninfo::IsValid("postgresql://ada@db.example.com/identity"));
}

}  // namespace
}  // namespace identity
