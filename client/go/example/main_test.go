package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	identity "identity.example/go"
	"identity.example/go/identityv1"
	"identity.example/go/internal/guestbookv1"
)

// The lines of the README are those of the program.
func TestTheREADMEProtectsAnEndpointInFiveLines(t *testing.T) {
	_, rest, _ := strings.Cut(read(t, "../README.md"), "\n## Protect an endpoint\n")
	_, rest, _ = strings.Cut(rest, "```go\n")
	block, _, _ := strings.Cut(rest, "```")
	lines := strings.Split(strings.TrimSuffix(block, "\n"), "\n")
	if len(lines) != 5 {
		t.Fatalf("%d lines", len(lines))
	}
	if !strings.Contains(read(t, "main.go"), "\t"+strings.Join(lines, "\n\t")+"\n") {
		t.Errorf("main.go does not have\n%s", block)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheExampleLetsOnlyReadersIn(t *testing.T) {
	if os.Getenv("IDENTITY_ADDRESS") == "" {
		t.Skip("IDENTITY_ADDRESS is not set: start a service (README.md)")
	}
	address := start(t)
	key := reader(t, "orgs/acme")
	for _, c := range []struct {
		name, org  string
		credential identity.TokenSource
		code       codes.Code
		reason     string
	}{
		{"a reader", "acme", key, codes.OK, ""},
		{"a reader of another organization", "other", key, codes.PermissionDenied, "NO_BINDING"},
		{"nobody", "acme", nil, codes.Unauthenticated, "CREDENTIAL_REQUIRED"},
		{"a stranger", "acme", identity.NewSecret("forged"), codes.Unauthenticated, "CREDENTIAL_INVALID"},
	} {
		client := connect(t, identity.Config{Address: address, Plaintext: true, Credential: c.credential})
		seen, err := guestbookv1.NewGuestbookClient(client).Read(context.Background(),
			&guestbookv1.PostRequest{Org: c.org, Post: &guestbookv1.Post{Id: "p1"}})
		var failure *identity.Error
		if errors.As(err, &failure) && failure.Reason != c.reason || status.Code(err) != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil && !strings.HasPrefix(seen.GetUsername(), "reader-") {
			t.Errorf("%s: %v", c.name, seen)
		}
	}
}

// Builds and runs the program, and returns its address.
func start(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "example")
	if output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	program := exec.Command(binary, "-plaintext")
	program.Stderr = os.Stderr
	output, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		program.Process.Kill()
		program.Wait()
	})
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address)
}

func connect(t *testing.T, config identity.Config) *identity.Client {
	t.Helper()
	client, err := identity.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// Makes a service account that may read posts below the resource, and returns its API key.
func reader(t *testing.T, resource string) identity.TokenSource {
	t.Helper()
	ctx, name := context.Background(), "reader-"+strings.ToLower(rand.Text())
	client := connect(t, identity.Config{Address: os.Getenv("IDENTITY_ADDRESS"), Plaintext: true})
	login, err := identityv1.NewIdentityServiceClient(client).Authenticate(ctx, &identityv1.AuthenticateRequest{
		Credential: &identityv1.AuthenticateRequest_Password{Password: &identityv1.PasswordCredential{
			Login: os.Getenv("IDENTITY_ADMIN_LOGIN"), Password: os.Getenv("IDENTITY_ADMIN_PASSWORD"),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	client = client.As(identity.Must(identity.NewSession(client, login.GetTokens())))
	admin := identityv1.NewAdminServiceClient(client)
	account, err := admin.CreateServiceAccount(ctx, &identityv1.CreateServiceAccountRequest{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	owner := account.GetServiceAccount().GetId()
	if _, err := admin.CreateRole(ctx, &identityv1.CreateRoleRequest{
		Role: &identityv1.Role{Name: name, Permissions: []string{"posts:read"}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.CreateBinding(ctx, &identityv1.CreateBindingRequest{
		Binding: &identityv1.Binding{PrincipalId: owner, Role: name, Resource: resource},
	}); err != nil {
		t.Fatal(err)
	}
	key, err := identityv1.NewIdentityServiceClient(client).IssueApiKey(ctx, &identityv1.IssueApiKeyRequest{OwnerId: owner})
	if err != nil {
		t.Fatal(err)
	}
	return identity.NewSecret(key.GetSecret())
}
