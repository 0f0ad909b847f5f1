#ifndef IDENTITY_TESTS_SUPPORT_METHODS_H_
#define IDENTITY_TESTS_SUPPORT_METHODS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

// The contract as the program knows it, for tests that go over all of it.
namespace identity {

// Of all services of identity.v1 that the server has.
std::vector<const google::protobuf::MethodDescriptor*> AllMethods();

// "identity.v1.AdminService/GetRole".
std::string FullName(const google::protobuf::MethodDescriptor& method);

std::unique_ptr<google::protobuf::Message> NewRequest(const google::protobuf::MethodDescriptor& method);
std::unique_ptr<google::protobuf::Message> NewResponse(const google::protobuf::MethodDescriptor& method);

// Fields from a request down to a text of it.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;
// To each text that a message of `type` may hold, in all depths.
std::vector<FieldPath> TextPaths(const google::protobuf::Descriptor& type);
// "binding.resource".
std::string ToString(const FieldPath& path);
// Puts `text` there: into the first element of what is repeated, which is made when there is none.
void SetText(google::protobuf::Message& message, const FieldPath& path, const std::string& text);

// Calls `visit` with each text that `message` holds, and the field that it is in.
void ForEachText(const google::protobuf::Message& message,
                 const std::function<void(const google::protobuf::FieldDescriptor&, const std::string&)>& visit);

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_METHODS_H_
