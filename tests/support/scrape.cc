#include "tests/support/scrape.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace identity {
namespace {

std::string Exchange(int port, const std::string& request, const std::string& source) {
  const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  inet_pton(AF_INET, source.c_str(), &own.sin_addr);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (bind(peer, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0 &&
      connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      send(peer, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t size = 0; (size = recv(peer, buffer, sizeof buffer, 0)) > 0;) {
      answer.append(buffer, static_cast<size_t>(size));
    }
  }
  close(peer);
  return answer;
}

// "# HELP name text" or "# TYPE name text".
void ParseComment(const std::string& line, Scrape& scrape) {
  const std::vector<std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 3));
  const bool known = words.size() == 4 && (words[1] == "HELP" || words[1] == "TYPE");
  if (!known || !(words[1] == "HELP" ? scrape.help : scrape.type).emplace(words[2], words[3]).second) {
    scrape.mistakes.push_back(line);
  }
}

void ParseSample(const std::string& line, Scrape& scrape) {
  const size_t space = line.rfind(' ');
  double value = 0;
  if (space == std::string::npos || !absl::SimpleAtod(line.substr(space + 1), &value) ||
      !scrape.samples.emplace(line.substr(0, space), value).second) {
    scrape.mistakes.push_back(line);
  }
}

}  // namespace

HttpAnswer Fetch(int port, const std::string& path, const std::string& method, const std::string& source) {
  const std::string answer = Exchange(port, absl::StrCat(method, " ", path, " HTTP/1.0\r\n\r\n"), source);
  HttpAnswer result;
  const std::vector<std::string> parts = absl::StrSplit(answer, absl::MaxSplits("\r\n\r\n", 1));
  const std::vector<std::string> words = absl::StrSplit(parts[0], ' ');
  if (parts.size() == 2 && words.size() > 1 && absl::SimpleAtoi(words[1], &result.status)) result.body = parts[1];
  return result;
}

double Scrape::operator[](const std::string& sample) const {
  const auto found = samples.find(sample);
  return found == samples.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

Scrape Parse(const std::string& text) {
  Scrape scrape;
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  for (const std::string& line : lines) {
    if (absl::StartsWith(line, "#")) {
      ParseComment(line, scrape);
    } else {
      ParseSample(line, scrape);
    }
  }
  return scrape;
}

std::string FamilyOf(const std::string& sample, const Scrape& scrape) {
  const std::string name = sample.substr(0, sample.find('{'));
  for (const absl::string_view suffix : {"_bucket", "_sum", "_count"}) {
    const std::string family(absl::StripSuffix(name, suffix));
    const auto type = scrape.type.find(family);
    if (family != name && type != scrape.type.end() && type->second != "counter" && type->second != "gauge") {
      return family;
    }
  }
  return name;
}

}  // namespace identity
