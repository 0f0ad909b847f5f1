#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace identity {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

pid_t Spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment,
            const Process::Files& files) {
  constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, files.input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, files.output.c_str(), kAppend, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, files.errors.c_str(), kAppend, 0600);
  pid_t pid = -1;
  const int error =
      posix_spawnp(&pid, command[0].c_str(), &actions, nullptr, Pointers(command).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  return pid;
}

}  // namespace

ScratchDirectory::ScratchDirectory()
    : path_((std::filesystem::temp_directory_path() / "identity-e2e.XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchDirectory::Write(const std::string& name, const std::string& text) const {
  std::ofstream(File(name)) << text;
  return File(name);
}

std::string ReadWhole(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Process::Process(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                 const Files& files) {
  std::vector<std::string> tied = {"setpriv", "--pdeathsig", "KILL", "--"};
  tied.insert(tied.end(), command.begin(), command.end());
  std::vector<std::string> seen = {std::string("PATH=") + std::getenv("PATH")};
  seen.insert(seen.end(), environment.begin(), environment.end());
  pid_ = Spawn(tied, seen, files);
}

Process::~Process() {
  Signal(SIGKILL);
  Wait();
}

void Process::Signal(int signal) const {
  if (!ended_) kill(pid_, signal);
}

int Process::Wait() {
  if (ended_) return outcome_;
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  ended_ = true;
  outcome_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return outcome_;
}

Outcome RunProgram(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                   const std::string& input) {
  const ScratchDirectory scratch;
  std::vector<std::string> bounded = {"timeout", "30"};
  bounded.insert(bounded.end(), command.begin(), command.end());
  Process process(bounded, environment,
                  {scratch.Write("input", input), scratch.File("output"), scratch.File("errors")});
  const int exit_code = process.Wait();
  return {exit_code, ReadWhole(scratch.File("output")), ReadWhole(scratch.File("errors"))};
}

}  // namespace identity
