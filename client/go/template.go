package identity

import (
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const maxSegments = 32

var segmentPattern = regexp.MustCompile(`^[A-Za-z0-9._~@-]{1,128}$`)

func isSegment(text string) bool {
	return segmentPattern.MatchString(text) && text != "." && text != ".."
}

// A resource with fields of a request, such as `orgs/{org}/posts/{post.id}`. A field is a whole segment.
type template []segment

// Text, or the path to a field of the request.
type segment struct {
	text  string // of a field, its name
	field []protoreflect.FieldDescriptor
}

func parseTemplate(text string, request protoreflect.MessageDescriptor) (template, error) {
	if text == "" {
		return nil, nil
	}
	var result template
	for _, part := range strings.Split(text, "/") {
		one := segment{text: part}
		if name, isField := strings.CutPrefix(part, "{"); isField {
			one.text = strings.TrimSuffix(name, "}")
			if one.text == name {
				return nil, fmt.Errorf("%q: the brace is open", part)
			}
			field, err := fieldOf(request, one.text)
			if err != nil {
				return nil, err
			}
			one.field = field
		} else if !isSegment(part) {
			return nil, fmt.Errorf("%q is not a segment of a resource", part)
		}
		result = append(result, one)
	}
	if len(result) > maxSegments {
		return nil, fmt.Errorf("more than %d segments", maxSegments)
	}
	return result, nil
}

func fieldOf(message protoreflect.MessageDescriptor, name string) ([]protoreflect.FieldDescriptor, error) {
	var result []protoreflect.FieldDescriptor
	for _, part := range strings.Split(name, ".") {
		if message == nil {
			return nil, fmt.Errorf("{%s}: the field before %q is no message", name, part)
		}
		field := message.Fields().ByName(protoreflect.Name(part))
		if field == nil || field.Cardinality() == protoreflect.Repeated {
			return nil, fmt.Errorf("{%s}: %s has no single field %q", name, message.FullName(), part)
		}
		result = append(result, field)
		message = field.Message()
	}
	if !isTextOrInteger(result[len(result)-1].Kind()) {
		return nil, fmt.Errorf("{%s} is neither text nor an integer", name)
	}
	return result, nil
}

func isTextOrInteger(kind protoreflect.Kind) bool {
	switch kind {
	case protoreflect.StringKind,
		protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind,
		protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind,
		protoreflect.Uint32Kind, protoreflect.Fixed32Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return true
	}
	return false
}

func (t template) hasFields() bool {
	for _, one := range t {
		if one.field != nil {
			return true
		}
	}
	return false
}

// Returns the resource of a request. A value that is not a segment is refused: a slash in it would name another
// resource.
func (t template) fill(request any) (string, error) {
	var parts []string
	for _, one := range t {
		value := one.text
		if one.field != nil {
			value = valueOf(request.(proto.Message).ProtoReflect(), one.field)
			if !isSegment(value) {
				return "", refusal(codes.InvalidArgument, "INVALID_FIELD", one.text+" must be 1 to 128 of [A-Za-z0-9._~@-]")
			}
		}
		parts = append(parts, value)
	}
	return strings.Join(parts, "/"), nil
}

func valueOf(message protoreflect.Message, path []protoreflect.FieldDescriptor) string {
	last := len(path) - 1
	for _, field := range path[:last] {
		message = message.Get(field).Message()
	}
	return message.Get(path[last]).String()
}
