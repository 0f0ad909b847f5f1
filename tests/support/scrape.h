#ifndef IDENTITY_TESTS_SUPPORT_SCRAPE_H_
#define IDENTITY_TESTS_SUPPORT_SCRAPE_H_

#include <map>
#include <string>
#include <vector>

namespace identity {

struct HttpAnswer {
  int status = 0;  // 0: no answer
  std::string body;
};

// Makes one request to 127.0.0.1:`port` over its own connection, from the local address `source`.
HttpAnswer Fetch(int port, const std::string& path, const std::string& method = "GET",
                 const std::string& source = "127.0.0.1");

// Prometheus' text format, line by line.
struct Scrape {
  std::map<std::string, std::string> help;  // by family
  std::map<std::string, std::string> type;
  std::map<std::string, double> samples;  // by the text before the value, such as name{label="value"}
  std::vector<std::string> mistakes;      // malformed lines, and duplicates

  // NaN when there is no such sample.
  double operator[](const std::string& sample) const;
};
Scrape Parse(const std::string& text);

// The family that a sample belongs to: its name without labels and without a histogram's or summary's suffix.
std::string FamilyOf(const std::string& sample, const Scrape& scrape);

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_SCRAPE_H_
