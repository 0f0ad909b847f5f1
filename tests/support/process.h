#ifndef IDENTITY_TESTS_SUPPORT_PROCESS_H_
#define IDENTITY_TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace identity {

// A directory that is deleted with its contents by the destructor.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  std::string File(const std::string& name) const { return path_ + "/" + name; }
  // Returns its path.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

// "" when there is none.
std::string ReadWhole(const std::string& file);

// A program that runs until it ends, is killed, or this process ends for any reason. For the thread that made it.
class Process {
 public:
  struct Files {
    std::string input = "/dev/null";
    std::string output = "/dev/null";
    std::string errors = "/dev/null";  // appended to, like `output`
  };
  // `environment`: its whole environment except PATH, in the form "NAME=value".
  Process(const std::vector<std::string>& command, const std::vector<std::string>& environment, const Files& files);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal) const;
  // Its exit code, or minus the signal that ended it.
  int Wait();

 private:
  pid_t pid_ = -1;
  bool ended_ = false;
  int outcome_ = 0;
};

struct Outcome {
  int exit_code = 0;  // 124 when it was still running after 30 seconds
  std::string output;
  std::string errors;
};
// Runs a program to its end.
Outcome RunProgram(const std::vector<std::string>& command, const std::vector<std::string>& environment = {},
                   const std::string& input = "");

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_PROCESS_H_
