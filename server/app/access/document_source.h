#ifndef IDENTITY_APP_ACCESS_DOCUMENT_SOURCE_H_
#define IDENTITY_APP_ACCESS_DOCUMENT_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/request_context.h"

namespace identity {

// Where documents of other servers come from: the metadata and the keys of issuers.
class DocumentSource {
 public:
  virtual ~DocumentSource() = default;

  struct Document {
    std::string body;
    // How long the server lets others keep it (RFC 9111, section 5.2.2.1). Zero when it does not say so.
    absl::Duration max_age;
  };
  // The document at `url`, by HTTPS. UNAVAILABLE / PROVIDER_UNAVAILABLE for any reason that lies with its server,
  // DEADLINE_EXCEEDED and CANCELLED as the context says. Thread-safe.
  virtual absl::StatusOr<Document> Get(const RequestContext& context, const std::string& url) = 0;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_DOCUMENT_SOURCE_H_
