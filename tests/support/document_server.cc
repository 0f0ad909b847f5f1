#include "tests/support/document_server.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace identity {

DocumentServer::DocumentServer() {
  std::filesystem::create_directory(scratch_.File("answers"));
  const std::vector<std::string> command = {
      "/usr/bin/python3",     "-B", DOCUMENT_SERVER, scratch_.File("answers"), certificate_.certificate_file(),
      certificate_.key_file()};
  process_ =
      std::make_unique<Process>(command, std::vector<std::string>(),
                                Process::Files{.output = scratch_.File("output"), .errors = scratch_.File("errors")});
  AwaitTrue("the HTTPS server listens", [this] { return absl::EndsWith(ReadWhole(scratch_.File("output")), "\n"); });
  port_ = std::string(absl::StripAsciiWhitespace(ReadWhole(scratch_.File("output"))));
}

std::string DocumentServer::Url(const std::string& path) const {
  return absl::StrCat("https://127.0.0.1:", port_, path);
}

// The server may read the file at any time, so it appears whole.
void DocumentServer::Answer(const std::string& path, const nlohmann::json& answer) const {
  const std::string name = absl::StrReplaceAll(absl::StripPrefix(path, "/"), {{"/", "_"}});
  const std::string written = scratch_.Write("next", answer.dump());
  std::filesystem::rename(written, scratch_.File(absl::StrCat("answers/", name, ".json")));
}

void DocumentServer::Serve(const std::string& path, const std::string& body, int max_age) const {
  Answer(path, {{"headers", {{"Cache-Control", absl::StrCat("public, max-age=", max_age)}}}, {"body", body}});
}

size_t DocumentServer::Requests(const std::string& path) const {
  const std::string log = ReadWhole(scratch_.File("answers/requests"));
  const std::vector<absl::string_view> lines = absl::StrSplit(log, '\n');
  return static_cast<size_t>(std::count(lines.begin(), lines.end(), path));
}

std::string DocumentServer::LastAuthorization(const std::string& path) const {
  const std::string log = ReadWhole(scratch_.File("answers/authorizations"));
  std::string last;
  for (absl::string_view line : absl::StrSplit(log, '\n')) {
    if (absl::ConsumePrefix(&line, absl::StrCat(path, " "))) last = std::string(line);
  }
  return last;
}

}  // namespace identity
