#include "tests/support/methods.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace identity {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

std::unique_ptr<Message> New(const Descriptor* type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

}  // namespace

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const char* name : {"identity.v1.IdentityService", "identity.v1.AccountService", "identity.v1.AdminService"}) {
    const auto* service = DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

std::string FullName(const MethodDescriptor& method) {
  return absl::StrCat(method.service()->full_name(), "/", method.name());
}

std::unique_ptr<Message> NewRequest(const MethodDescriptor& method) { return New(method.input_type()); }

std::unique_ptr<Message> NewResponse(const MethodDescriptor& method) { return New(method.output_type()); }

std::vector<FieldPath> TextPaths(const Descriptor& type) {
  std::vector<FieldPath> paths;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->type() == FieldDescriptor::TYPE_STRING) paths.push_back({field});
    if (field->type() != FieldDescriptor::TYPE_MESSAGE) continue;
    for (FieldPath& below : TextPaths(*field->message_type())) {
      below.insert(below.begin(), field);
      paths.push_back(std::move(below));
    }
  }
  return paths;
}

std::string ToString(const FieldPath& path) {
  return absl::StrJoin(path, ".",
                       [](std::string* out, const FieldDescriptor* field) { absl::StrAppend(out, field->name()); });
}

void SetText(Message& message, const FieldPath& path, const std::string& text) {
  Message* at = &message;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    const auto* reflection = at->GetReflection();
    if (!path[i]->is_repeated()) {
      at = reflection->MutableMessage(at, path[i]);
    } else if (reflection->FieldSize(*at, path[i]) > 0) {
      at = reflection->MutableRepeatedMessage(at, path[i], 0);
    } else {
      at = reflection->AddMessage(at, path[i]);
    }
  }
  const auto* reflection = at->GetReflection();
  const FieldDescriptor* field = path.back();
  if (!field->is_repeated()) {
    reflection->SetString(at, field, text);
  } else if (reflection->FieldSize(*at, field) > 0) {
    reflection->SetRepeatedString(at, field, 0, text);
  } else {
    reflection->AddString(at, field, text);
  }
}

void ForEachText(const Message& message, const std::function<void(const FieldDescriptor&, const std::string&)>& visit) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->type() == FieldDescriptor::TYPE_STRING) {
        visit(*field, field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                           : reflection->GetString(message, field));
      } else if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
        ForEachText(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                         : reflection->GetMessage(message, field),
                    visit);
      }
    }
  }
}

}  // namespace identity
