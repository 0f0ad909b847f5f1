#ifndef IDENTITY_TESTS_SUPPORT_POSTGRES_H_
#define IDENTITY_TESTS_SUPPORT_POSTGRES_H_

#include <sys/types.h>

#include <memory>
#include <string>

#include "db/database.h"
#include "db/postgres.h"

namespace identity {

// The PostgreSQL of this process, started at first use in its own directory, with a Unix socket there. A guard process
// stops it and removes the directory when this process ends for any reason. A failure to start ends the process with a
// message. For one thread at a time.
//
// It has the roles identity_owner, which owns the databases, and identity_server, a member of identity_app.
class TestCluster {
 public:
  static TestCluster& Get();

  // A libpq connection string.
  std::string Url(const std::string& user, const std::string& database) const;
  // Stops the server with its clients still connected, and starts it again with its data.
  void Stop();
  void Start();
  // Stops it as a crash does.
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
  // Runs a shell command in the directory, as its owner, with PostgreSQL's programs on the path.
  void Run(const std::string& command);

  std::string binaries_;
  std::string directory_;
  pid_t guard_ = -1;
  int lifeline_ = -1;  // the guard acts when this closes
};

// An asynchronous standby of the test's PostgreSQL, with all databases. Stops with this object. At most one at a time;
// for one thread at a time.
class TestStandby {
 public:
  TestStandby();
  ~TestStandby();
  TestStandby(const TestStandby&) = delete;
  TestStandby& operator=(const TestStandby&) = delete;

  // Its host in libpq's connection string.
  const std::string& host() const { return host_; }
  // Waits until it has all commits from before the call.
  void CatchUp();
  // Stops the replication.
  void CutOff();
  // Makes it a primary.
  void Promote();

 private:
  const std::string host_;
};

// The test's PostgreSQL has a synchronous standby by name only, for the lifetime of this object. Commits wait for it in
// sessions with synchronous_commit = on, which is not the default here.
class MissingStandby {
 public:
  MissingStandby();
  ~MissingStandby();
  MissingStandby(const MissingStandby&) = delete;
  MissingStandby& operator=(const MissingStandby&) = delete;
};

// A database for one test, deleted with this object. For the thread that made it.
class TestDatabase {
 public:
  enum class Schema { kMigrated, kEmpty };
  explicit TestDatabase(Schema schema = Schema::kMigrated);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  std::string owner_url() const;
  std::string server_url() const;
  // The same, at the primary, wherever that is.
  std::string server_url(const TestStandby& standby) const;
  // Connects as identity_server. Thread-safe.
  Database& database();
  // Runs `sql` as identity_owner, for changes that the server may not make, such as moving times into the past. Ends
  // the process when PostgreSQL refuses it.
  Rows Execute(const std::string& sql);
  // Ends the connections of identity_server and waits until they have ended.
  void KillServerConnections();

 private:
  const std::string name_;
  std::unique_ptr<Database> database_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_POSTGRES_H_
