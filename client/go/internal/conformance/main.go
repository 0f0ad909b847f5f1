// The driver of the Go client: it does what the conformance tests say, one command a line (tests/conformance).
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"

	identity "identity.example/go"
	"identity.example/go/identityv1"
	"identity.example/go/internal/guestbookv1"
)

const maxCommandBytes = 1 << 20

func main() {
	driver := &driver{verifiers: map[identity.VerifierConfig]*identity.Verifier{}}
	commands := bufio.NewScanner(os.Stdin)
	commands.Buffer(nil, maxCommandBytes)
	answers := json.NewEncoder(os.Stdout)
	for commands.Scan() {
		answer, err := driver.do(commands.Bytes())
		if err != nil {
			answer = errorAnswer(err)
		}
		if err := answers.Encode(answer); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := commands.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type driver struct {
	client    *identity.Client
	session   *identity.Session
	ahead     atomic.Int64 // seconds; of the clock of the session
	verifiers map[identity.VerifierConfig]*identity.Verifier
}

type answer map[string]any

var ok = answer{"ok": true}

func errorAnswer(err error) answer {
	var failure *identity.Error
	if !errors.As(err, &failure) {
		return answer{"fault": err.Error()}
	}
	result := answer{"error": code.Code(failure.Code).String(), "reason": failure.Reason}
	if failure.RetryDelay > 0 {
		result["retry"] = true
	}
	return result
}

// The members of all commands.
type command struct {
	Do         string
	Address    string
	Plaintext  bool
	Credential *struct{ Text, File string }
	DeadlineMS int64 `json:"deadline_ms"`
	Subject    struct {
		AccessToken *string `json:"access_token"`
		APIKey      *string `json:"api_key"`
		PrincipalID *string `json:"principal_id"`
		Anonymous   bool
		Self        bool
	}
	Permission, Resource string
	Times                int
	Name                 string
	RequestID            string `json:"request_id"`
	Login, Password      string
	Seconds              int64
	Parallel             int
	JWKS                 string
	Issuer, Audience     string
	Token                string
}

func (d *driver) do(line []byte) (answer, error) {
	var c command
	if err := json.Unmarshal(line, &c); err != nil {
		return nil, err
	}
	ctx := context.Background()
	switch c.Do {
	case "connect":
		return d.connect(c)
	case "check":
		return d.check(ctx, c)
	case "check_many":
		return d.checkMany(ctx, c)
	case "create_role":
		return d.createRole(ctx, c)
	case "log_in":
		return d.logIn(ctx, c)
	case "advance_clock":
		d.ahead.Add(c.Seconds)
		return ok, nil
	case "use_session":
		return d.useSession(ctx, c)
	case "serve":
		return d.serve()
	case "verify":
		return d.verify(ctx, c)
	}
	return nil, fmt.Errorf("unknown command %q", c.Do)
}

func (d *driver) connect(c command) (answer, error) {
	config := identity.Config{
		Address:   c.Address,
		Plaintext: c.Plaintext,
		Timeout:   time.Duration(c.DeadlineMS) * time.Millisecond,
	}
	if c.Credential != nil && c.Credential.File != "" {
		config.Credential = identity.NewTokenFile(c.Credential.File)
	} else if c.Credential != nil {
		config.Credential = identity.NewSecret(c.Credential.Text)
	}
	client, err := identity.NewClient(config)
	if err != nil {
		return nil, err
	}
	if d.client != nil {
		d.client.Close()
	}
	d.client = client
	return ok, nil
}

func (d *driver) checks() identityv1.IdentityServiceClient {
	return identityv1.NewIdentityServiceClient(d.client)
}

func (d *driver) check(ctx context.Context, c command) (answer, error) {
	response, err := d.checks().CheckPermission(ctx, checkOf(c))
	if err != nil {
		return nil, err
	}
	result := answer{
		"decision": decisionName(response),
		"reason":   reasonName(response),
		"username": response.GetPrincipal().GetUsername(),
	}
	if quota := response.GetQuota(); quota != nil && quota.GetRemaining() == 0 {
		result["retry"] = true
	}
	return result, nil
}

func checkOf(c command) *identityv1.CheckPermissionRequest {
	request := &identityv1.CheckPermissionRequest{Permission: c.Permission, Resource: c.Resource}
	switch s := c.Subject; {
	case s.AccessToken != nil:
		request.Subject = &identityv1.CheckPermissionRequest_AccessToken{AccessToken: *s.AccessToken}
	case s.APIKey != nil:
		request.Subject = &identityv1.CheckPermissionRequest_ApiKey{ApiKey: *s.APIKey}
	case s.PrincipalID != nil:
		request.Subject = &identityv1.CheckPermissionRequest_PrincipalId{PrincipalId: *s.PrincipalID}
	case s.Anonymous:
		request.Subject = &identityv1.CheckPermissionRequest_Anonymous{Anonymous: true}
	case s.Self:
		request.Subject = &identityv1.CheckPermissionRequest_Self{Self: true}
	}
	return request
}

func (d *driver) checkMany(ctx context.Context, c command) (answer, error) {
	counts := answer{}
	for range c.Times {
		response, err := d.checks().CheckPermission(ctx, checkOf(c))
		count(counts, kindOf(response, err))
	}
	return counts, nil
}

func (d *driver) createRole(ctx context.Context, c command) (answer, error) {
	admin := identityv1.NewAdminServiceClient(d.client)
	_, err := admin.CreateRole(ctx, &identityv1.CreateRoleRequest{
		Role:      &identityv1.Role{Name: c.Name},
		RequestId: c.RequestID,
	})
	return ok, err
}

func (d *driver) logIn(ctx context.Context, c command) (answer, error) {
	response, err := d.checks().Authenticate(ctx, &identityv1.AuthenticateRequest{
		Credential: &identityv1.AuthenticateRequest_Password{
			Password: &identityv1.PasswordCredential{Login: c.Login, Password: c.Password},
		},
	})
	if err != nil {
		return nil, err
	}
	d.ahead.Store(0)
	d.session, err = identity.NewSession(d.client, response.GetTokens(), identity.WithClock(func() time.Time {
		return time.Now().Add(time.Duration(d.ahead.Load()) * time.Second)
	}))
	if err != nil {
		return nil, err
	}
	return answer{"ok": true, "principal_id": d.session.PrincipalID(), "session_id": d.session.ID()}, nil
}

func (d *driver) useSession(ctx context.Context, c command) (answer, error) {
	type use struct{ kind, token string }
	uses := make(chan use)
	for range c.Parallel {
		go func() {
			token, err := d.session.Token(ctx)
			if err != nil {
				uses <- use{kind: kindOf(nil, err)}
				return
			}
			response, err := d.checks().CheckPermission(ctx, &identityv1.CheckPermissionRequest{
				Subject:    &identityv1.CheckPermissionRequest_AccessToken{AccessToken: token.Reveal()},
				Permission: "posts:read",
				Resource:   "orgs/acme/posts/p1",
			})
			uses <- use{kindOf(response, err), token.Reveal()}
		}()
	}
	kinds, tokens := answer{}, map[string]bool{}
	for range c.Parallel {
		one := <-uses
		count(kinds, one.kind)
		if one.token != "" {
			tokens[one.token] = true
		}
	}
	return answer{"answers": kinds, "tokens": len(tokens)}, nil
}

func (d *driver) serve() (answer, error) {
	guard, err := identity.NewGuard(d.client, identity.Rules{
		guestbookv1.Guestbook_Read_FullMethodName:   {Permission: "posts:read", Resource: "orgs/{org}/posts/{post.id}"},
		guestbookv1.Guestbook_Update_FullMethodName: {Permission: "posts:update", Resource: "orgs/{org}/posts/{post.id}"},
		guestbookv1.Guestbook_Count_FullMethodName:  {Permission: "posts:read", Resource: "orgs/{number}"},
		guestbookv1.Guestbook_Ping_FullMethodName:   {Public: true},
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer(guard.ServerOptions()...)
	guestbookv1.RegisterGuestbookServer(server, guestbook{})
	go func() {
		if err := server.Serve(listener); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	return answer{"port": listener.Addr().(*net.TCPAddr).Port}, nil
}

func (d *driver) verify(ctx context.Context, c command) (answer, error) {
	config := identity.VerifierConfig{KeysURL: c.JWKS, Issuer: c.Issuer, Audience: c.Audience}
	verifier := d.verifiers[config]
	if verifier == nil {
		var err error
		if verifier, err = identity.NewVerifier(config); err != nil {
			return nil, err
		}
		d.verifiers[config] = verifier
	}
	token, err := verifier.Verify(ctx, c.Token)
	if err != nil {
		return answer{"error": "INVALID"}, nil
	}
	return answer{"subject": token.Subject()}, nil
}

func count(counts answer, kind string) {
	before, _ := counts[kind].(int)
	counts[kind] = before + 1
}

// Such as "ALLOWED/GRANTED" or "UNAVAILABLE/".
func kindOf(response *identityv1.CheckPermissionResponse, err error) string {
	if err != nil {
		failed := errorAnswer(err)
		return fmt.Sprint(failed["error"], "/", failed["reason"])
	}
	return decisionName(response) + "/" + reasonName(response)
}

func decisionName(response *identityv1.CheckPermissionResponse) string {
	return strings.TrimPrefix(response.GetDecision().String(), "DECISION_")
}

func reasonName(response *identityv1.CheckPermissionResponse) string {
	return strings.TrimPrefix(response.GetReason().String(), "REASON_")
}
