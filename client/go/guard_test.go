package identity

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"identity.example/go/identityv1"
	"identity.example/go/internal/guestbookv1"
)

const (
	read  = guestbookv1.Guestbook_Read_FullMethodName
	count = guestbookv1.Guestbook_Count_FullMethodName
	ping  = guestbookv1.Guestbook_Ping_FullMethodName
	watch = grpc_health_v1.Health_Watch_FullMethodName

	// Their requests have other kinds of fields.
	single = identityv1.IdentityService_CheckPermission_FullMethodName
	logIn  = identityv1.IdentityService_Authenticate_FullMethodName
)

var guestbookRules = Rules{
	read:  {Permission: "posts:read", Resource: "orgs/{org}/posts/{post.id}"},
	count: {Permission: "posts:read", Resource: "orgs/{number}"},
	ping:  {Public: true},
}

// Keeps the decision that reached it.
type guestbook struct {
	guestbookv1.UnimplementedGuestbookServer
	decision Decision
	decided  bool
}

func (g *guestbook) keep(ctx context.Context) (*guestbookv1.Seen, error) {
	g.decision, g.decided = DecisionFromContext(ctx)
	return &guestbookv1.Seen{}, nil
}

func (g *guestbook) Read(ctx context.Context, _ *guestbookv1.PostRequest) (*guestbookv1.Seen, error) {
	return g.keep(ctx)
}

func (g *guestbook) Count(ctx context.Context, _ *guestbookv1.CountRequest) (*guestbookv1.Seen, error) {
	return g.keep(ctx)
}

func (g *guestbook) Ping(ctx context.Context, _ *guestbookv1.PostRequest) (*guestbookv1.Seen, error) {
	return g.keep(ctx)
}

func (g *guestbook) Forgotten(ctx context.Context, _ *guestbookv1.PostRequest) (*guestbookv1.Seen, error) {
	return g.keep(ctx)
}

// A guarded guestbook, and the service that its guard asks.
type guardTest struct {
	guestbookv1.GuestbookClient
	health  grpc_health_v1.HealthClient
	book    guestbook
	asked   *checkRequest // the last check
	answer  *checkResponse
	failure *Error
	headers metadata.MD // of the last check
}

func newGuardTest(t *testing.T, rules Rules) *guardTest {
	t.Helper()
	test := &guardTest{answer: allowed()}
	service := &scriptedService{}
	service.check = func(ctx context.Context, _ int, request *checkRequest) (*checkResponse, error) {
		test.asked = request
		test.headers, _ = metadata.FromIncomingContext(ctx)
		if test.failure != nil {
			return nil, test.failure
		}
		return test.answer, nil
	}
	client := connect(t, Config{Address: service.start(t), Plaintext: true, Credential: NewSecret("idk_guard")})
	guard := Must(NewGuard(client, rules))
	options := append([]grpc.ServerOption{grpc.ChainUnaryInterceptor(relay)}, guard.ServerOptions()...)
	conn := dial(t, start(t, func(r grpc.ServiceRegistrar) {
		guestbookv1.RegisterGuestbookServer(r, &test.book)
		grpc_health_v1.RegisterHealthServer(r, health.NewServer())
	}, options...))
	test.GuestbookClient = guestbookv1.NewGuestbookClient(conn)
	test.health = grpc_health_v1.NewHealthClient(conn)
	return test
}

// An interceptor before the guard: it prepares the caller's headers for the calls of the handler, and wraps errors.
func relay(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	headers, _ := metadata.FromIncomingContext(ctx)
	response, err := handle(metadata.NewOutgoingContext(ctx, headers), request)
	if err != nil {
		err = fmt.Errorf("relayed: %w", err)
	}
	return response, err
}

// Reads post p1 of acme with this metadata.
func (g *guardTest) read(headers ...string) error {
	ctx := metadata.AppendToOutgoingContext(context.Background(), headers...)
	_, err := g.Read(ctx, &guestbookv1.PostRequest{Org: "acme", Post: &guestbookv1.Post{Id: "p1"}})
	return err
}

func wantRefusal(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()
	if got := errorOf(err); err == nil || got.Code != code || got.Reason != reason {
		t.Errorf("got %v, want %v (%s)", err, code, reason)
	}
}

func TestTheGuardAsksForTheResourceOfTheRequest(t *testing.T) {
	test := newGuardTest(t, guestbookRules)
	if err := test.read("authorization", "Bearer token"); err != nil {
		t.Fatal(err)
	}
	want := &checkRequest{
		Subject:    &identityv1.CheckPermissionRequest_AccessToken{AccessToken: "token"},
		Permission: "posts:read",
		Resource:   "orgs/acme/posts/p1",
	}
	if !proto.Equal(test.asked, want) {
		t.Errorf("asked %v", test.asked)
	}
	if _, err := test.Count(context.Background(), &guestbookv1.CountRequest{Number: -7}); err != nil {
		t.Fatal(err)
	}
	if test.asked.GetResource() != "orgs/-7" || !test.asked.GetAnonymous() {
		t.Errorf("asked %v", test.asked)
	}
}

func TestTheGuardAsksWithItsOwnHeadersAlone(t *testing.T) {
	test := newGuardTest(t, guestbookRules)
	if err := test.read("authorization", "Bearer token", "x-api-key", "idk_1", "trace", "1"); err != nil {
		t.Fatal(err)
	}
	if got := test.headers.Get("authorization"); !reflect.DeepEqual(got, []string{"Bearer idk_guard"}) {
		t.Errorf("got %q", got)
	}
	if test.headers.Get("x-api-key") != nil || test.headers.Get("trace") != nil {
		t.Error(test.headers)
	}
}

func TestTheHandlerGetsTheDecision(t *testing.T) {
	test := newGuardTest(t, guestbookRules)
	expires := time.Unix(1_000_000, 0).UTC()
	test.answer = &checkResponse{
		Decision:         identityv1.Decision_DECISION_ALLOWED,
		Principal:        &identityv1.Principal{Id: "id", Username: "ada"},
		SessionId:        "session",
		Scopes:           []string{"posts:*"},
		ConsistencyToken: "consistency",
		ExpireTime:       timestamppb.New(expires),
	}
	if err := test.read(); err != nil {
		t.Fatal(err)
	}
	got := test.book.decision
	if !test.book.decided || !proto.Equal(got.Principal, test.answer.Principal) {
		t.Error(got)
	}
	got.Principal = nil
	want := Decision{SessionID: "session", Scopes: []string{"posts:*"}, ConsistencyToken: "consistency", ExpireTime: expires}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestAMethodWithoutARuleIsRefused(t *testing.T) {
	test := newGuardTest(t, guestbookRules)
	_, err := test.Forgotten(context.Background(), &guestbookv1.PostRequest{})
	wantRefusal(t, err, codes.PermissionDenied, "METHOD_WITHOUT_RULE")
	_, err = test.health.Check(context.Background(), &grpc_health_v1.HealthCheckRequest{})
	wantRefusal(t, err, codes.PermissionDenied, "METHOD_WITHOUT_RULE")
	if test.asked != nil {
		t.Error("the guard asked")
	}
}

func TestAPublicMethodNeedsNoDecision(t *testing.T) {
	test := newGuardTest(t, guestbookRules)
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Basic x")
	if _, err := test.Ping(ctx, &guestbookv1.PostRequest{}); err != nil || test.book.decided || test.asked != nil {
		t.Error(err, test.asked)
	}
}

func TestWhichCredentialTheGuardTakes(t *testing.T) {
	token := func(text string) *checkRequest {
		return &checkRequest{Subject: &identityv1.CheckPermissionRequest_AccessToken{AccessToken: text}}
	}
	key := func(text string) *checkRequest {
		return &checkRequest{Subject: &identityv1.CheckPermissionRequest_ApiKey{ApiKey: text}}
	}
	anonymous := &checkRequest{Subject: &identityv1.CheckPermissionRequest_Anonymous{Anonymous: true}}
	test := newGuardTest(t, guestbookRules)
	for _, c := range []struct {
		headers []string
		want    *checkRequest // nil: refused without a call
	}{
		{nil, anonymous},
		{[]string{"authorization", "Bearer token"}, token("token")},
		{[]string{"authorization", "bearer  token"}, token("token")},
		{[]string{"authorization", "Bearer idk_1"}, key("idk_1")},
		{[]string{"x-api-key", "idk_1"}, key("idk_1")},
		{[]string{"x-api-key", "token"}, key("token")},
		{[]string{"authorization", "Bearer token", "x-api-key", "idk_1"}, token("token")},
		{[]string{"authorization", "Bearer token", "authorization", "Bearer token"}, nil},
		{[]string{"x-api-key", "idk_1", "x-api-key", "idk_1"}, nil},
		{[]string{"authorization", "Basic token"}, nil},
		{[]string{"authorization", "Bearer"}, nil},
		{[]string{"authorization", "Bearer "}, nil},
		{[]string{"authorization", ""}, nil},
		{[]string{"authorization", "token", "x-api-key", "idk_1"}, nil},
		{[]string{"authorization", "Bearer one two"}, nil},
		{[]string{"x-api-key", ""}, nil},
	} {
		test.asked = nil
		err := test.read(c.headers...)
		if c.want == nil {
			wantRefusal(t, err, codes.Unauthenticated, "CREDENTIAL_INVALID")
			if test.asked != nil {
				t.Errorf("%q: asked %v", c.headers, test.asked)
			}
		} else if err != nil || !reflect.DeepEqual(test.asked.GetSubject(), c.want.GetSubject()) {
			t.Errorf("%q: asked %v, %v", c.headers, test.asked, err)
		}
	}
}

func TestACredentialThatIsNotASCIIIsRefused(t *testing.T) {
	for _, credential := range []string{"Bearer \xff", "Bearer \u00fc", "Bearer a\x00"} {
		ctx := metadata.NewIncomingContext(context.Background(), metadata.Pairs("authorization", credential))
		_, err := subjectOf(ctx)
		wantRefusal(t, err, codes.Unauthenticated, "CREDENTIAL_INVALID")
	}
}

func TestHowTheGuardAnswersADenial(t *testing.T) {
	const denied = identityv1.Decision_DECISION_DENIED
	for _, c := range []struct {
		decision   identityv1.Decision
		reason     identityv1.Reason
		credential bool
		code       codes.Code
		want       string
	}{
		{denied, identityv1.Reason_REASON_CREDENTIAL_INVALID, true, codes.Unauthenticated, "CREDENTIAL_INVALID"},
		{denied, identityv1.Reason_REASON_CREDENTIAL_EXPIRED, true, codes.Unauthenticated, "CREDENTIAL_EXPIRED"},
		{denied, identityv1.Reason_REASON_CREDENTIAL_REVOKED, true, codes.Unauthenticated, "CREDENTIAL_REVOKED"},
		{denied, identityv1.Reason_REASON_PRINCIPAL_DISABLED, true, codes.Unauthenticated, "PRINCIPAL_DISABLED"},
		{denied, identityv1.Reason_REASON_STEP_UP_REQUIRED, true, codes.Unauthenticated, "STEP_UP_REQUIRED"},
		{denied, identityv1.Reason_REASON_NO_BINDING, true, codes.PermissionDenied, "NO_BINDING"},
		{denied, identityv1.Reason_REASON_NO_BINDING, false, codes.Unauthenticated, "CREDENTIAL_REQUIRED"},
		{denied, identityv1.Reason_REASON_SCOPE_INSUFFICIENT, true, codes.PermissionDenied, "SCOPE_INSUFFICIENT"},
		{denied, identityv1.Reason_REASON_QUOTA_EXCEEDED, true, codes.ResourceExhausted, "QUOTA_EXCEEDED"},
		{denied, identityv1.Reason_REASON_GRANTED, true, codes.PermissionDenied, "UNDECIDED"},
		{denied, 99, true, codes.PermissionDenied, "UNDECIDED"},
		{99, identityv1.Reason_REASON_GRANTED, true, codes.PermissionDenied, "UNDECIDED"},
		{99, identityv1.Reason_REASON_NO_BINDING, false, codes.PermissionDenied, "UNDECIDED"},
		{0, 0, true, codes.PermissionDenied, "UNDECIDED"},
	} {
		test := newGuardTest(t, guestbookRules)
		test.answer = &checkResponse{Decision: c.decision, Reason: c.reason}
		var headers []string
		if c.credential {
			headers = []string{"authorization", "Bearer token"}
		}
		err := test.read(headers...)
		wantRefusal(t, err, c.code, c.want)
		if asksForRetry := errorOf(err).RetryDelay > 0; asksForRetry != (c.code == codes.ResourceExhausted) {
			t.Errorf("%s: a retry delay: %v", c.want, asksForRetry)
		}
	}
}

func TestAQuotaSaysWhenItIsFullAgain(t *testing.T) {
	test := newGuardTest(t, guestbookRules)
	test.answer = &checkResponse{
		Decision: identityv1.Decision_DECISION_DENIED,
		Reason:   identityv1.Reason_REASON_QUOTA_EXCEEDED,
		Quota:    &identityv1.Quota{Reset_: durationpb.New(7 * time.Second)},
	}
	if got := errorOf(test.read()).RetryDelay; got != 7*time.Second {
		t.Error(got)
	}
}

// A stranger learns nothing about the guard's own trouble; its operator does.
func TestAnErrorOfTheServiceIsUndecided(t *testing.T) {
	for _, failure := range []*Error{
		{Code: codes.Unauthenticated, Reason: "CALLER_INVALID", Message: "the guard's key has expired"},
		{Code: codes.PermissionDenied, Reason: "PERMISSION_DENIED", Message: "the guard may not check"},
		{Code: codes.Internal, Reason: "INTERNAL", Message: "a fault", RetryDelay: 3 * time.Second},
	} {
		test := newGuardTest(t, guestbookRules)
		test.failure = failure
		log := logOf(t)
		err := test.read("authorization", "Bearer token")
		wantRefusal(t, err, codes.Unavailable, "UNDECIDED")
		if strings.Contains(err.Error(), failure.Message) {
			t.Errorf("a stranger sees %v", err)
		}
		if got, want := errorOf(err).RetryDelay, max(failure.RetryDelay, time.Second); got != want {
			t.Errorf("retry after %v, want %v", got, want)
		}
		if text := log.String(); !strings.Contains(text, failure.Message) || strings.Contains(text, "token") {
			t.Errorf("the operator sees %s", text)
		}
	}
}

// Returns the log of the rest of the test.
func logOf(t *testing.T) *bytes.Buffer {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &log
}

func TestAValueThatIsNotASegmentIsRefusedWithoutACall(t *testing.T) {
	test := newGuardTest(t, guestbookRules)
	for _, post := range []*guestbookv1.Post{
		nil, {}, {Id: "."}, {Id: ".."}, {Id: "p1/../p2"}, {Id: "p1/comments"}, {Id: "p 1"}, {Id: "p1\n"}, {Id: "ü"},
		{Id: "{org}"}, {Id: "%2e%2e"}, {Id: strings.Repeat("p", 129)},
	} {
		_, err := test.Read(context.Background(), &guestbookv1.PostRequest{Org: "acme", Post: post})
		wantRefusal(t, err, codes.InvalidArgument, "INVALID_FIELD")
	}
	if test.asked != nil {
		t.Errorf("asked %v", test.asked)
	}
	for _, id := range []string{"...", "a.b", "A_b~c@d-9", strings.Repeat("p", 128)} {
		_, err := test.Read(context.Background(), &guestbookv1.PostRequest{Org: "acme", Post: &guestbookv1.Post{Id: id}})
		if err != nil || test.asked.GetResource() != "orgs/acme/posts/"+id {
			t.Error(err, test.asked)
		}
	}
}

func TestStreamsAreGuarded(t *testing.T) {
	for _, c := range []struct {
		name  string
		rules Rules
		deny  bool
		want  codes.Code
	}{
		{"no rule", nil, false, codes.PermissionDenied},
		{"public", Rules{watch: {Public: true}}, true, codes.OK},
		{"allowed", Rules{watch: {Permission: "health:watch", Resource: "health"}}, false, codes.OK},
		{"denied", Rules{watch: {Permission: "health:watch"}}, true, codes.PermissionDenied},
	} {
		test := newGuardTest(t, c.rules)
		if c.deny {
			test.answer = &checkResponse{
				Decision: identityv1.Decision_DECISION_DENIED, Reason: identityv1.Reason_REASON_NO_BINDING}
		}
		ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(context.Background(), "x-api-key", "idk_1"))
		stream, err := test.health.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
		if err == nil {
			_, err = stream.Recv()
		}
		cancel()
		if status.Code(err) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

type fakeStream struct{ grpc.ServerStream }

func (fakeStream) Context() context.Context { return context.Background() }

func TestTheHandlerOfAStreamGetsTheDecision(t *testing.T) {
	client := connect(t, Config{Address: allowing().start(t), Plaintext: true})
	guard := Must(NewGuard(client, Rules{watch: {Permission: "health:watch"}}))
	decided := false
	err := guard.stream(nil, fakeStream{}, &grpc.StreamServerInfo{FullMethod: watch}, func(_ any, stream grpc.ServerStream) error {
		_, decided = DecisionFromContext(stream.Context())
		return nil
	})
	if err != nil || !decided {
		t.Error(err, decided)
	}
}

func TestUnusableRulesAreErrors(t *testing.T) {
	client := connect(t, Config{Address: "localhost:1", Plaintext: true})
	longest := strings.TrimSuffix(strings.Repeat("a/", 32), "/")
	good := Rules{
		read:  {Permission: "a:b:c:d:e:f:g:h", Resource: longest},
		count: {Permission: "posts:read"},
		watch: {Permission: "health:watch", Resource: "health"},
	}
	if _, err := NewGuard(client, good); err != nil {
		t.Error(err)
	}
	for name, rules := range map[string]Rules{
		"unknown method":        {"/guestbook.v1.Guestbook/Write": {Public: true}},
		"unknown service":       {"/guestbook.v2.Guestbook/Read": {Public: true}},
		"no slash":              {"guestbook.v1.Guestbook/Read": {Public: true}},
		"a message":             {"/guestbook.v1/PostRequest": {Public: true}},
		"empty rule":            {read: {}},
		"public and not":        {read: {Public: true, Permission: "posts:read"}},
		"wildcard":              {read: {Permission: "posts:*"}},
		"nine segments":         {read: {Permission: "a:b:c:d:e:f:g:h:i"}},
		"unknown field":         {read: {Permission: "a", Resource: "orgs/{name}"}},
		"unknown nested field":  {read: {Permission: "a", Resource: "posts/{post.name}"}},
		"message field":         {read: {Permission: "a", Resource: "posts/{post}"}},
		"field of text":         {read: {Permission: "a", Resource: "posts/{org.id}"}},
		"repeated field":        {logIn: {Permission: "a", Resource: "{scopes}"}},
		"bool field":            {single: {Permission: "a", Resource: "{self}"}},
		"open brace":            {read: {Permission: "a", Resource: "orgs/{org"}},
		"part of a segment":     {read: {Permission: "a", Resource: "orgs/org-{org}"}},
		"two in a segment":      {read: {Permission: "a", Resource: "{org}{org}"}},
		"empty segment":         {read: {Permission: "a", Resource: "orgs//{org}"}},
		"slash at the end":      {read: {Permission: "a", Resource: "orgs/{org}/"}},
		"dots":                  {read: {Permission: "a", Resource: "orgs/../{org}"}},
		"too many segments":     {read: {Permission: "a", Resource: longest + "/a"}},
		"stream with a field":   {watch: {Permission: "a", Resource: "{service}"}},
		"stream, unknown field": {watch: {Permission: "a", Resource: "{name}"}},
	} {
		if _, err := NewGuard(client, rules); err == nil {
			t.Error(name)
		}
	}
}
