#ifndef IDENTITY_TESTS_SUPPORT_POSTGRES_H_
#define IDENTITY_TESTS_SUPPORT_POSTGRES_H_

#include <sys/types.h>

#include <memory>
#include <string>

#include "db/database.h"
#include "db/postgres.h"

namespace identity {

// A PostgreSQL of this process alone: started at first use, in a directory of its own, reached by a Unix socket there.
// A guard process stops it and removes the directory when this process ends, in whatever way. A failure to start ends
// the process with a message. For one thread at a time.
//
// It has the roles identity_owner, which owns the databases, and identity_server, a member of identity_app.
class TestCluster {
 public:
  static TestCluster& Get();

  // A libpq connection string.
  std::string Url(const std::string& user, const std::string& database) const;
  // Takes the server away from its clients, and brings it back with its data.
  void Stop();
  void Start();
  // Takes it away as a crash does.
  void Kill();
  // Runs `sql` as the superuser, outside of a transaction.
  void Execute(const std::string& sql);

 private:
  friend class TestDatabase;
  friend class TestStandby;
  TestCluster();
  ~TestCluster();
  void StartGuard();
  void MakeTemplate();
  // Runs a shell's command in the directory, as who owns it, with PostgreSQL's programs on the path.
  void Run(const std::string& command);

  std::string binaries_;
  std::string directory_;
  pid_t guard_ = -1;
  int lifeline_ = -1;  // the guard acts when this closes
};

// An asynchronous standby of the test's PostgreSQL, with all of its databases; gone at its end. One at a time, and for
// one thread at a time.
class TestStandby {
 public:
  TestStandby();
  ~TestStandby();
  TestStandby(const TestStandby&) = delete;
  TestStandby& operator=(const TestStandby&) = delete;

  // Where libpq finds it.
  const std::string& host() const { return host_; }
  // Waits until it has all that was committed before the call.
  void CatchUp();
  // From here on it gets nothing more.
  void CutOff();
  // It becomes a primary.
  void Promote();

 private:
  const std::string host_;
};

// A database for one test, gone at its end. For the thread that made it.
class TestDatabase {
 public:
  enum class Schema { kMigrated, kEmpty };
  explicit TestDatabase(Schema schema = Schema::kMigrated);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  std::string owner_url() const;
  std::string server_url() const;
  // The same, wherever its primary is.
  std::string server_url(const TestStandby& standby) const;
  // Works as identity_server. Thread-safe.
  Database& database();
  // Runs `sql` as identity_owner, for what the server may not do, as moving times into the past. Ends the process when
  // the server refuses it.
  Rows Execute(const std::string& sql);
  // Ends the connections of identity_server and waits until they are gone.
  void KillServerConnections();

 private:
  const std::string name_;
  std::unique_ptr<Database> database_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_POSTGRES_H_
