#include "server/app/operator/refusal_report.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

// How many bytes at the beginning of `file` are complete records about the first `lines` lines.
uintmax_t BytesAbout(const std::string& file, int64_t lines) {
  std::ifstream in(file, std::ios::binary);
  uintmax_t bytes = 0;
  std::string text;
  while (std::getline(in, text) && !in.eof()) {
    const auto record = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!record.is_object() || !record.contains("line") || !record["line"].is_number_integer() ||
        record["line"].get<int64_t>() > lines) {
      break;
    }
    bytes += text.size() + 1;
  }
  return bytes;
}

}  // namespace

absl::Status RefusalReport::Open(int64_t lines) {
  kept_ = lines == 0 ? 0 : BytesAbout(file_, lines);
  return Write({});
}

absl::Status RefusalReport::Write(const std::vector<Refusal>& refusals) {
  std::string text;
  for (const Refusal& refusal : refusals) {
    nlohmann::ordered_json record;
    record["line"] = refusal.line;
    record["username"] = refusal.username;
    record["reason"] = refusal.reason;
    absl::StrAppend(&text, record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "\n");
  }
  std::ofstream out(file_, std::ios::binary | std::ios::app);
  std::error_code failed;
  if (out) std::filesystem::resize_file(file_, kept_, failed);
  out << text << std::flush;
  if (!out || failed) return InvalidField("report", absl::StrCat(file_, " cannot be written (see --report)"));
  written_ = text.size();
  return absl::OkStatus();
}

void RefusalReport::Close() {
  std::error_code ignored;
  if (kept_ == 0) std::filesystem::remove(file_, ignored);
}

}  // namespace identity
