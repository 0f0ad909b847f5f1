package identity

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"identity.example/go/identityv1"
)

var (
	unavailable = &Error{Code: codes.Unavailable}
	conflict    = &Error{Code: codes.Aborted, Reason: "CONFLICT"}
	overloaded  = &Error{Code: codes.ResourceExhausted, Reason: "OVERLOADED"}
	inDoubt     = &Error{Code: codes.Unknown, Reason: "COMMIT_IN_DOUBT"}
	shutdown    = &Error{Code: codes.Canceled, Message: "CANCELLED"}
)

// The RPCs of the contract that may be repeated so when their request is empty.
func methodsThatRepeat(t *testing.T, want repeat) []string {
	var methods []string
	for _, name := range []protoreflect.FullName{"IdentityService", "AccountService", "AdminService"} {
		descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName("identity.v1." + name)
		if err != nil {
			t.Fatal(err)
		}
		all := descriptor.(protoreflect.ServiceDescriptor).Methods()
		for i := range all.Len() {
			request, err := protoregistry.GlobalTypes.FindMessageByName(all.Get(i).Input().FullName())
			if err != nil {
				t.Fatal(err)
			}
			method := string("/identity.v1." + name + "/" + protoreflect.FullName(all.Get(i).Name()))
			if repeatOf(method, request.New().Interface()) == want {
				methods = append(methods, string(all.Get(i).Name()))
			}
		}
	}
	slices.Sort(methods)
	return methods
}

func TestReadsChecksAndRevocationsAreSafeToRepeat(t *testing.T) {
	// Add a new RPC to this list if it may be repeated. No other RPC may appear in it.
	want := []string{
		"BatchCheckPermissions", "CheckPermission", "GetAccount", "GetIdentityProvider", "GetRole", "GetStatistics",
		"GetUser", "ListApiKeys", "ListAuditEvents", "ListBindings", "ListEffectivePermissions",
		"ListExternalIdentities", "ListIdentityProviders", "ListPrincipalApiKeys", "ListPrincipalSessions",
		"ListResources", "ListRoles", "ListServiceAccounts", "ListSessions", "ListSigningKeys", "ListSubjects",
		"ListUsers", "Revoke",
	}
	if got := methodsThatRepeat(t, always); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOnlyRefreshIsRepeatedOnlyWhenUnavailable(t *testing.T) {
	if got := methodsThatRepeat(t, whenUnavailable); !slices.Equal(got, []string{"Refresh"}) {
		t.Error(got)
	}
}

func TestOtherCallsAreRepeatedByTheirRequest(t *testing.T) {
	const (
		authenticate  = identityv1.IdentityService_Authenticate_FullMethodName
		createRole    = identityv1.AdminService_CreateRole_FullMethodName
		revokeForeign = identityv1.AdminService_RevokeExternal_FullMethodName
	)
	cases := []struct {
		name    string
		method  string
		request proto.Message
		want    repeat
	}{
		{"a password", authenticate, &identityv1.AuthenticateRequest{
			Credential: &identityv1.AuthenticateRequest_Password{Password: &identityv1.PasswordCredential{}},
		}, never},
		{"a second factor", authenticate, &identityv1.AuthenticateRequest{
			Credential: &identityv1.AuthenticateRequest_Mfa{Mfa: &identityv1.MfaCredential{}},
		}, never},
		{"an ID token", authenticate, &identityv1.AuthenticateRequest{
			Credential: &identityv1.AuthenticateRequest_IdToken{IdToken: &identityv1.IdTokenCredential{}},
		}, never},
		{"an API key", authenticate, &identityv1.AuthenticateRequest{
			Credential: &identityv1.AuthenticateRequest_ApiKey{ApiKey: &identityv1.ApiKeyCredential{}},
		}, always},
		{"no request id", createRole, &identityv1.CreateRoleRequest{}, never},
		{"a request id", createRole, &identityv1.CreateRoleRequest{RequestId: "0190b1f0-0000-7000-8000-000000000000"}, always},
		{"a name that only begins like a safe one", revokeForeign, &identityv1.RevokeExternalRequest{}, never},
	}
	for _, c := range cases {
		if got := repeatOf(c.method, c.request); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhichErrorsAreRepeated(t *testing.T) {
	cases := []struct {
		repeat  repeat
		failure *Error
		want    bool
	}{
		{always, unavailable, true},
		{always, conflict, true},
		{always, overloaded, true},
		{always, inDoubt, true},
		{always, &Error{Code: codes.ResourceExhausted, Reason: "REQUEST_TOO_LARGE"}, false},
		{always, &Error{Code: codes.ResourceExhausted, Reason: "RATE_LIMITED"}, false},
		{always, &Error{Code: codes.Unknown}, false},
		{always, &Error{Code: codes.DeadlineExceeded}, false},
		{always, &Error{Code: codes.Unauthenticated}, false},
		{whenUnavailable, unavailable, true},
		{whenUnavailable, conflict, false},
		{whenUnavailable, overloaded, false},
		{whenUnavailable, inDoubt, false},
		{never, unavailable, false},
		{never, conflict, false},
		{never, overloaded, false},
		{never, inDoubt, false},
		{never, shutdown, true},
		{whenUnavailable, shutdown, true},
		{always, shutdown, true},
		{always, &Error{Code: codes.Canceled, Message: "context canceled"}, false},
	}
	for _, c := range cases {
		if got := c.repeat.allows(c.failure, 1); got != c.want {
			t.Errorf("%v after %v: got %v", c.repeat, c.failure, got)
		}
	}
}

func TestAtMostFiveCalls(t *testing.T) {
	for _, failure := range []*Error{unavailable, shutdown} {
		if !always.allows(failure, 4) || always.allows(failure, 5) {
			t.Error(failure)
		}
	}
}

func TestThePauseDoublesUpToASecond(t *testing.T) {
	for made, want := range map[int]time.Duration{
		1: 20 * time.Millisecond, 2: 40 * time.Millisecond, 3: 80 * time.Millisecond, 6: 640 * time.Millisecond,
		7: time.Second, 1000: time.Second,
	} {
		if got := delay(unavailable, made, 0); got != want {
			t.Errorf("after %d calls: got %v, want %v", made, got, want)
		}
	}
}

func TestARandomPartShortensThePauseByUpToAHalf(t *testing.T) {
	if got := delay(unavailable, 1, 1); got != 10*time.Millisecond {
		t.Error(got)
	}
}

func TestThePauseIsNeverShorterThanTheServiceAsks(t *testing.T) {
	failure := &Error{Code: codes.ResourceExhausted, Reason: "OVERLOADED", RetryDelay: 3 * time.Second}
	for _, random := range []float64{0, 0.5, 1} {
		if got := delay(failure, 1, random); got < failure.RetryDelay {
			t.Error(got)
		}
	}
}
