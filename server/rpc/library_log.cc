// The one place where the versions of gRPC and Protobuf differ about logs. gRPC had a log of its own before version
// 1.66, and so had Protobuf before version 22, which gRPC 1.66 requires. Both use Abseil's log since.
#include "server/rpc/library_log.h"

#include <grpcpp/version_info.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/log.h"

#if GRPC_CPP_VERSION_MAJOR > 1 || GRPC_CPP_VERSION_MINOR >= 66
#include "absl/base/log_severity.h"
#include "absl/log/globals.h"
#include "absl/log/initialize.h"
#include "absl/log/log_entry.h"
#include "absl/log/log_sink.h"
#include "absl/log/log_sink_registry.h"
#include "absl/strings/match.h"
#else
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#endif

namespace identity {
namespace {

// Of Protobuf's lines. Any client can cause them with a malformed request, and the call's own line has what matters.
constexpr LogLevel kProtobufLevel = LogLevel::kDebug;

void LogLine(LogLevel level, absl::string_view file, int line, absl::string_view text) {
  if (!LogEnabled(level)) return;
  const absl::string_view name = file.substr(file.rfind('/') + 1);  // npos + 1 is 0
  Log(level, "library", {{"text", std::string(text)}, {"source", absl::StrCat(name, ":", line)}});
}

#if GRPC_CPP_VERSION_MAJOR > 1 || GRPC_CPP_VERSION_MINOR >= 66

class Sink final : public absl::LogSink {
 public:
  void Send(const absl::LogEntry& entry) override {
    const bool protobuf = absl::StrContains(entry.source_filename(), "google/protobuf/");
    LogLine(protobuf ? kProtobufLevel : LevelOf(entry.log_severity()), entry.source_filename(), entry.source_line(),
            entry.text_message());
  }

 private:
  static LogLevel LevelOf(absl::LogSeverity severity) {
    if (severity == absl::LogSeverity::kFatal) return LogLevel::kError;
    return severity == absl::LogSeverity::kInfo ? LogLevel::kInfo : LogLevel::kWarning;
  }
};

#else

LogLevel LevelOf(gpr_log_severity severity) {
  if (severity == GPR_LOG_SEVERITY_ERROR) return LogLevel::kWarning;
  return severity == GPR_LOG_SEVERITY_INFO ? LogLevel::kInfo : LogLevel::kDebug;
}

void LogOfGrpc(gpr_log_func_args* line) { LogLine(LevelOf(line->severity), line->file, line->line, line->message); }

void LogOfProtobuf(google::protobuf::LogLevel, const char* file, int line, const std::string& text) {
  LogLine(kProtobufLevel, file, line, text);
}

#endif

}  // namespace

#if GRPC_CPP_VERSION_MAJOR > 1 || GRPC_CPP_VERSION_MINOR >= 66

void RouteLibraryLogs() {
  static Sink* const sink = new Sink();
  absl::AddLogSink(sink);
  absl::SetStderrThreshold(absl::LogSeverityAtLeast::kInfinity);
  absl::InitializeLog();  // before it, Abseil ignores the threshold
}

#else

void RouteLibraryLogs() {
  gpr_set_log_function(LogOfGrpc);
  google::protobuf::SetLogHandler(LogOfProtobuf);
}

#endif

}  // namespace identity
