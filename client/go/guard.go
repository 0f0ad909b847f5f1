package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"identity.example/go/identityv1"
)

// Rule says what a caller of a method needs.
type Rule struct {
	// Permission is such as "posts:read".
	Permission string
	// Resource is such as "orgs/{org}/posts/{post.id}": braces name a field of the request, text or an integer. Empty:
	// the caller needs the permission everywhere.
	Resource string
	// Public lets everybody call the method. The guard does not ask, so there is no decision. The rule has nothing else.
	Public bool
}

// Rules are the rules of a server by the full names of its methods, such as
// guestbookv1.Guestbook_Read_FullMethodName. A method without a rule is refused.
type Rules map[string]Rule

// Guard protects a gRPC server: it asks the service whether the caller of each method has the permission. Its errors
// are of type [*Error], and callers may see all of them. Why the service did not decide is in the log of log/slog.
type Guard struct {
	checks  identityv1.IdentityServiceClient
	timeout time.Duration
	rules   map[string]guardedMethod
}

type guardedMethod struct {
	public     bool
	permission string
	resource   template
}

// Decision is what the service knows about a caller that it allowed.
type Decision struct {
	Principal        *identityv1.Principal
	SessionID        string    // UUID; empty without a session
	Scopes           []string  // of the credential
	ConsistencyToken string    // a later check with it is at least as fresh
	ExpireTime       time.Time // of the credential or the binding; zero: never
}

type decisionKey struct{}

// DecisionFromContext returns the decision about the call of a handler. False: the method is public.
func DecisionFromContext(ctx context.Context) (Decision, bool) {
	decision, ok := ctx.Value(decisionKey{}).(Decision)
	return decision, ok
}

// NewGuard checks the rules: the program must have the methods and fields that they name. The rule of a stream cannot
// name fields, since it is decided before the first message.
func NewGuard(client *Client, rules Rules) (*Guard, error) {
	guard := &Guard{identityv1.NewIdentityServiceClient(client), client.timeout, map[string]guardedMethod{}}
	for name, rule := range rules {
		method, err := guardedMethodOf(name, rule)
		if err != nil {
			return nil, fmt.Errorf("identity: rule of %s: %w", name, err)
		}
		guard.rules[name] = method
	}
	return guard, nil
}

var permissionPattern = regexp.MustCompile(`^[a-z0-9_-]{1,64}(:[a-z0-9_-]{1,64}){0,7}$`)

func guardedMethodOf(name string, rule Rule) (guardedMethod, error) {
	method, err := methodNamed(name)
	if err != nil {
		return guardedMethod{}, err
	}
	if rule.Public {
		if rule != (Rule{Public: true}) {
			return guardedMethod{}, errors.New("it is public and has a permission or a resource")
		}
		return guardedMethod{public: true}, nil
	}
	if !permissionPattern.MatchString(rule.Permission) {
		return guardedMethod{}, fmt.Errorf("%q is not a permission", rule.Permission)
	}
	resource, err := parseTemplate(rule.Resource, method.Input())
	if err != nil {
		return guardedMethod{}, fmt.Errorf("resource %q: %w", rule.Resource, err)
	}
	if resource.hasFields() && (method.IsStreamingClient() || method.IsStreamingServer()) {
		return guardedMethod{}, errors.New("the resource of a stream cannot have fields")
	}
	return guardedMethod{permission: rule.Permission, resource: resource}, nil
}

func methodNamed(name string) (protoreflect.MethodDescriptor, error) {
	service, method, _ := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + method))
	if err != nil {
		return nil, err
	}
	result, ok := descriptor.(protoreflect.MethodDescriptor)
	if !ok || name != "/"+service+"/"+method {
		return nil, errors.New("not the full name of a method, such as /guestbook.v1.Guestbook/Read")
	}
	return result, nil
}

// ServerOptions installs the guard, for all methods and streams of a server.
func (g *Guard) ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(g.unary), grpc.ChainStreamInterceptor(g.stream)}
}

func (g *Guard) unary(
	ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
) (any, error) {
	ctx, err := g.admit(ctx, info.FullMethod, request)
	if err != nil {
		return nil, err
	}
	return handle(ctx, request)
}

func (g *Guard) stream(
	server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler,
) error {
	ctx, err := g.admit(stream.Context(), info.FullMethod, nil)
	if err != nil {
		return err
	}
	return handle(server, admittedStream{stream, ctx})
}

type admittedStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s admittedStream) Context() context.Context { return s.ctx }

// Returns the context for the handler, with the decision in it.
func (g *Guard) admit(ctx context.Context, name string, request any) (context.Context, error) {
	method, known := g.rules[name]
	if !known {
		return nil, refusal(codes.PermissionDenied, "METHOD_WITHOUT_RULE", "the method has no rule")
	}
	if method.public {
		return ctx, nil
	}
	subject, err := subjectOf(ctx)
	if err != nil {
		return nil, err
	}
	resource, err := method.resource.fill(request)
	if err != nil {
		return nil, err
	}
	check := &identityv1.CheckPermissionRequest{Permission: method.permission, Resource: resource}
	subject.set(check)
	answer, err := g.ask(ctx, check)
	if err != nil {
		return nil, err
	}
	return context.WithValue(ctx, decisionKey{}, decisionOf(answer)), nil
}

// What a token may be made of. The service would refuse other texts, too, but gRPC cannot send all of them.
var credentialPattern = regexp.MustCompile(`^[!-~]+$`)

// The credential of an incoming call; empty: it has none.
type subject struct {
	credential string
	isKey      bool
}

func subjectOf(ctx context.Context) (subject, error) {
	authorizations := metadata.ValueFromIncomingContext(ctx, "authorization")
	keys := metadata.ValueFromIncomingContext(ctx, "x-api-key")
	if len(authorizations) == 0 && len(keys) == 0 {
		return subject{}, nil
	}
	invalid := refusal(codes.Unauthenticated, "CREDENTIAL_INVALID", "the credential is not valid")
	values, credential := authorizations, ""
	if len(authorizations) == 0 {
		values, credential = keys, keys[0]
	} else if scheme, token, _ := strings.Cut(authorizations[0], " "); strings.EqualFold(scheme, "Bearer") {
		credential = strings.TrimLeft(token, " ")
	}
	if len(values) != 1 || !credentialPattern.MatchString(credential) {
		return subject{}, invalid
	}
	return subject{credential, len(authorizations) == 0 || strings.HasPrefix(credential, "idk_")}, nil
}

func (s subject) set(check *identityv1.CheckPermissionRequest) {
	switch {
	case s.credential == "":
		check.Subject = &identityv1.CheckPermissionRequest_Anonymous{Anonymous: true}
	case s.isKey:
		check.Subject = &identityv1.CheckPermissionRequest_ApiKey{ApiKey: s.credential}
	default:
		check.Subject = &identityv1.CheckPermissionRequest_AccessToken{AccessToken: s.credential}
	}
}

// Returns the answer if it allows the call.
func (g *Guard) ask(
	ctx context.Context, check *identityv1.CheckPermissionRequest,
) (*identityv1.CheckPermissionResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	// An interceptor may have prepared headers for the calls of the handler. They are not for this call.
	ctx = metadata.NewOutgoingContext(ctx, metadata.MD{})
	answer, err := g.checks.CheckPermission(ctx, check)
	if err != nil {
		// Callers learn nothing of the error, so the operator needs the log.
		slog.WarnContext(ctx, "identity: no decision", "error", err)
		return nil, undecided(err)
	}
	if answer.GetDecision() != identityv1.Decision_DECISION_ALLOWED {
		return nil, denialOf(answer, check.GetAnonymous())
	}
	return answer, nil
}

func decisionOf(answer *identityv1.CheckPermissionResponse) Decision {
	decision := Decision{
		Principal:        answer.GetPrincipal(),
		SessionID:        answer.GetSessionId(),
		Scopes:           answer.GetScopes(),
		ConsistencyToken: answer.GetConsistencyToken(),
	}
	if expires := answer.GetExpireTime(); expires != nil {
		decision.ExpireTime = expires.AsTime()
	}
	return decision
}
