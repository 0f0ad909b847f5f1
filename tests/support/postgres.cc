#include "tests/support/postgres.h"

#include <fcntl.h>
#include <glob.h>
#include <spawn.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "db/migrations.h"

namespace identity {
namespace {

// Creates and starts the cluster, prints its directory, waits until standard input closes, and removes everything.
// Ignores signals from the terminal: they end the test process, and that closes the input.
constexpr char kGuardScript[] = R"(
trap '' INT HUP QUIT
bin=$1 base=$2
[ -w "$base" ] && [ "${#base}" -lt 60 ] || base=/tmp
dir=$(mktemp -d "$base/identity-postgres.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir"
"$bin/initdb" -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >log 2>&1 || { cat log >&2; exit 1; }
cat >>data/postgresql.conf <<END
listen_addresses = ''
unix_socket_directories = '$dir'
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 32MB
max_wal_size = 128MB
min_wal_size = 32MB
END
"$bin/pg_ctl" -D data -w -l log start >/dev/null 2>&1 || { cat log >&2; exit 1; }
echo "$dir"
exec >/dev/null
read -r line
"$bin/pg_ctl" -D data -m immediate stop >/dev/null 2>&1
"$bin/pg_ctl" -D standby -m immediate stop >/dev/null 2>&1
)";

[[noreturn]] void Fail(absl::string_view what) {
  std::fprintf(stderr, "the test's PostgreSQL: %s\n", std::string(what).c_str());
  std::abort();
}

template <typename T>
T ValueOrFail(absl::StatusOr<T> result, absl::string_view what) {
  if (!result.ok()) Fail(absl::StrCat(what, ": ", result.status().ToString()));
  return *std::move(result);
}

// Where the cluster may go. A database is hundreds of small files, and each test makes one and drops it. A file system
// in memory takes a fraction of the time for that.
std::string BaseDirectory() {
  constexpr char kInMemory[] = "/dev/shm";
  constexpr uint64_t kEnoughBytes = uint64_t{2} << 30;
  if (const char* const chosen = std::getenv("TMPDIR")) return chosen;
  struct statvfs room;
  const bool roomy = statvfs(kInMemory, &room) == 0 && uint64_t{room.f_bavail} * room.f_frsize >= kEnoughBytes;
  return roomy ? kInMemory : "/tmp";
}

// The directory of the newest version's server programs.
std::string FindBinaries() {
  glob_t found;
  std::pair<int, std::string> best;
  if (glob("/usr/lib/postgresql/*/bin", 0, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i) {
      const std::vector<std::string> parts = absl::StrSplit(found.gl_pathv[i], '/');
      int version = 0;
      if (absl::SimpleAtoi(parts[4], &version)) best = std::max(best, {version, found.gl_pathv[i]});
    }
    globfree(&found);
  }
  if (best.second.empty()) Fail("not installed under /usr/lib/postgresql");
  return best.second;
}

// PostgreSQL refuses to run as root.
std::vector<std::string> AsServerUser(std::vector<std::string> command) {
  if (geteuid() != 0) return command;
  std::vector<std::string> wrapped = {"runuser", "-u", "postgres", "--"};
  wrapped.insert(wrapped.end(), command.begin(), command.end());
  return wrapped;
}

// Starts `command`; with -1 it inherits our `input` or `output`.
pid_t Spawn(const std::vector<std::string>& command, int input, int output) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (input >= 0) posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  if (output >= 0) posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) Fail(absl::StrCat("cannot start ", command[0]));
  return pid;
}

int WaitFor(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string ReadLine(int file) {
  std::string line;
  char c = 0;
  while (read(file, &c, 1) == 1 && c != '\n') line.push_back(c);
  return line;
}

std::unique_ptr<Connection> Connect(const std::string& url) {
  Connection::Options options;
  options.url = url;
  options.application_name = "test";
  options.statement_timeout = absl::Minutes(1);
  return ValueOrFail(Connection::Open(options), "connecting");
}

// Evaluates `condition`, an expression of SQL, until it is true.
void AwaitTrue(Connection& connection, const std::string& condition) {
  const absl::Time give_up = absl::Now() + absl::Seconds(60);
  while (!ValueOrFail(connection.Run("SELECT " + condition + " AS holds"), condition)[0].Bool("holds")) {
    if (absl::Now() > give_up) Fail(absl::StrCat("it never came to pass: ", condition));
  }
}

std::string SuperuserUrl(const std::string& host) {
  return absl::StrCat("host=", host, " user=postgres dbname=postgres target_session_attrs=any");
}

void SetSynchronousStandby(const std::string& names) {
  TestCluster& cluster = TestCluster::Get();
  cluster.Execute("ALTER SYSTEM SET synchronous_standby_names = " + names);
  cluster.Execute("SELECT pg_reload_conf()");
  AwaitTrue(*Connect(cluster.Url("postgres", "postgres")), "current_setting('synchronous_standby_names') = " + names);
  // Commits wait only when the checkpointer has read the configuration, too. It does so before a checkpoint
  // that a new connection requests.
  cluster.Execute("CHECKPOINT");
}

std::string NewDatabaseName() {
  static int count = 0;
  return absl::StrCat("test_", ++count);
}

}  // namespace

TestCluster& TestCluster::Get() {
  static TestCluster cluster;
  return cluster;
}

TestCluster::TestCluster() : binaries_(FindBinaries()) {
  StartGuard();
  Execute("CREATE ROLE identity_owner LOGIN CREATEROLE");
  Execute("CREATE ROLE identity_server LOGIN");
  Execute("GRANT pg_signal_backend TO identity_owner");
  MakeTemplate();
}

TestCluster::~TestCluster() {
  close(lifeline_);
  WaitFor(guard_);
}

void TestCluster::StartGuard() {
  int lifeline[2];
  int answer[2];
  if (pipe2(lifeline, O_CLOEXEC) != 0 || pipe2(answer, O_CLOEXEC) != 0) Fail("cannot make a pipe");
  guard_ = Spawn(AsServerUser({"sh", "-c", kGuardScript, "sh", binaries_, BaseDirectory()}), lifeline[0], answer[1]);
  close(lifeline[0]);
  close(answer[1]);
  lifeline_ = lifeline[1];
  directory_ = ReadLine(answer[0]);
  close(answer[0]);
  if (directory_.empty()) Fail("it did not start");
}

// Migrates as the owner, as an operator does; each test copies the result.
void TestCluster::MakeTemplate() {
  Execute("CREATE DATABASE identity_template OWNER identity_owner");
  const auto owner = Connect(Url("identity_owner", "identity_template"));
  ValueOrFail(Migrate(*owner), "migrating");
  ValueOrFail(owner->Run("GRANT identity_app TO identity_server"), "granting identity_app");
}

std::string TestCluster::Url(const std::string& user, const std::string& database) const {
  return absl::StrCat("host=", directory_, " user=", user, " dbname=", database);
}

void TestCluster::Run(const std::string& command) {
  const std::string script = absl::StrCat("cd ", directory_, " && PATH=", binaries_, ":$PATH && ", command);
  const pid_t shell =
      Spawn(AsServerUser({"sh", "-c", absl::StrCat("{ ", script, "; } >/dev/null 2>&1 </dev/null")}), -1, -1);
  if (WaitFor(shell) != 0) Fail(absl::StrCat("it went wrong: ", command));
}

void TestCluster::Stop() { Run("pg_ctl -D data -w -m fast stop"); }

void TestCluster::Start() { Run("pg_ctl -D data -w -l log start"); }

void TestCluster::Kill() { Run("pg_ctl -D data -w -m immediate stop"); }

void TestCluster::Execute(const std::string& sql) { ValueOrFail(Connect(Url("postgres", "postgres"))->Run(sql), sql); }

// Its socket is in its own directory, beside the other's.
TestStandby::TestStandby() : host_(TestCluster::Get().directory_ + "/standby") {
  TestCluster& primary = TestCluster::Get();
  primary.Run(absl::StrCat("pg_basebackup -h ", primary.directory_, " -U postgres -D standby -R -X stream -c fast"));
  primary.Run(absl::StrCat("pg_ctl -D standby -w -l standby.log -o '-k ", host_, "' start"));
}

TestStandby::~TestStandby() { TestCluster::Get().Run("pg_ctl -D standby -w -m immediate stop; rm -r standby"); }

void TestStandby::CatchUp() {
  const auto primary = Connect(SuperuserUrl(TestCluster::Get().directory_));
  const Rows end = ValueOrFail(primary->Run("SELECT pg_current_wal_insert_lsn() AS lsn"), "the log's end");
  AwaitTrue(*Connect(SuperuserUrl(host_)), "pg_last_wal_replay_lsn() >= '" + end[0].Text("lsn") + "'");
}

void TestStandby::CutOff() {
  const auto standby = Connect(SuperuserUrl(host_));
  ValueOrFail(standby->Run("ALTER SYSTEM SET primary_conninfo = ''"), "cutting off");
  ValueOrFail(standby->Run("SELECT pg_reload_conf()"), "cutting off");
  AwaitTrue(*standby, "NOT EXISTS (SELECT FROM pg_stat_wal_receiver)");
}

void TestStandby::Promote() { AwaitTrue(*Connect(SuperuserUrl(host_)), "pg_promote()"); }

MissingStandby::MissingStandby() { SetSynchronousStandby("'nobody'"); }

MissingStandby::~MissingStandby() { SetSynchronousStandby("''"); }

TestDatabase::TestDatabase(Schema schema) : name_(NewDatabaseName()) {
  const char* source = schema == Schema::kMigrated ? "identity_template" : "template0";
  TestCluster::Get().Execute(absl::StrCat("CREATE DATABASE ", name_, " OWNER identity_owner TEMPLATE ", source));
}

TestDatabase::~TestDatabase() {
  database_.reset();
  TestCluster::Get().Execute(absl::StrCat("DROP DATABASE ", name_, " WITH (FORCE)"));
}

std::string TestDatabase::owner_url() const { return TestCluster::Get().Url("identity_owner", name_); }

std::string TestDatabase::server_url() const { return TestCluster::Get().Url("identity_server", name_); }

std::string TestDatabase::server_url(const TestStandby& standby) const {
  const TestCluster& primary = TestCluster::Get();
  return absl::StrCat("host=", primary.directory_, ",", standby.host(), " user=identity_server dbname=", name_);
}

Database& TestDatabase::database() {
  if (database_ == nullptr) {
    Database::Options options;
    options.connection.url = server_url();
    database_ = std::make_unique<Database>(options);
  }
  return *database_;
}

Rows TestDatabase::Execute(const std::string& sql) { return ValueOrFail(Connect(owner_url())->Run(sql), sql); }

void TestDatabase::KillServerConnections() {
  Execute(
      "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"
      " WHERE datname = current_database() AND usename = 'identity_server'");
}

}  // namespace identity
