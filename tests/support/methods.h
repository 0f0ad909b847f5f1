#ifndef IDENTITY_TESTS_SUPPORT_METHODS_H_
#define IDENTITY_TESTS_SUPPORT_METHODS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

// The contract, read from the program's descriptors, for tests that cover all of it.
namespace identity {

// The methods of all services of identity.v1 that the server has.
std::vector<const google::protobuf::MethodDescriptor*> AllMethods();

// "identity.v1.AdminService/GetRole".
std::string FullName(const google::protobuf::MethodDescriptor& method);

std::unique_ptr<google::protobuf::Message> NewRequest(const google::protobuf::MethodDescriptor& method);
std::unique_ptr<google::protobuf::Message> NewResponse(const google::protobuf::MethodDescriptor& method);

// The path of fields from a request to a text in it.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;
// The paths to all texts that a message of `type` can hold, at any depth.
std::vector<FieldPath> TextPaths(const google::protobuf::Descriptor& type);
// "binding.resource".
std::string ToString(const FieldPath& path);
// Sets the text at `path` to `text`. In a repeated field it sets the first element, and adds one if there is none.
void SetText(google::protobuf::Message& message, const FieldPath& path, const std::string& text);

// Calls `visit` with each text in `message`, and its field.
void ForEachText(const google::protobuf::Message& message,
                 const std::function<void(const google::protobuf::FieldDescriptor&, const std::string&)>& visit);

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_METHODS_H_
