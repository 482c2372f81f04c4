package source

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/text"
)

// aliceKeys is the profile of the user that every sandbox knows.
const aliceKeys = `
[base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`

// adminRole is a role's profile that the keys of base sign for.
const adminRole = `
[profile admin]
understudy_role_arn = arn:aws:iam::123456789012:role/Admin
understudy_source_profile = base
`

// stage is a Resolver over two files of a temporary folder.
type stage struct {
	*Resolver
	query credential.Query

	mu    sync.Mutex
	skews []time.Duration
}

// newStage writes the files and makes a Resolver with this URL of STS; an empty
// one means AWS's own endpoints.
func newStage(t testing.TB, url, config, credentials string) *stage {
	t.Helper()
	t.Setenv(EnvCABundle, "")
	dir := t.TempDir()
	s := &stage{query: credential.Query{
		ConfigFile:      filepath.Join(dir, "config"),
		CredentialsFile: filepath.Join(dir, "credentials"),
	}}
	write(t, s.query.ConfigFile, config)
	write(t, s.query.CredentialsFile, credentials)
	s.Resolver = &Resolver{
		Read:        (&awsconfig.Reader{}).Read,
		EndpointURL: url,
		SessionName: "alice@example",
		OnSkew: func(d time.Duration) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.skews = append(s.skews, d)
		},
	}
	t.Cleanup(s.Close)
	return s
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serve puts h on loopback for the test.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

// withSTS is a stage with a sandbox for STS, and alice's keys.
func withSTS(t testing.TB, config string) (*stage, *sandbox.Server) {
	t.Helper()
	sts := sandbox.New()
	return newStage(t, serve(t, sts), config, aliceKeys), sts
}

// plan resolves the profile, and fails the test if that fails.
func (s *stage) plan(t testing.TB, profile string) *credential.Plan {
	t.Helper()
	p, err := s.resolve(t, profile)
	if err != nil {
		t.Fatalf("profile %q: %v", profile, err)
	}
	return p
}

func (s *stage) resolve(t testing.TB, profile string) (*credential.Plan, error) {
	t.Helper()
	q := s.query
	q.Profile = profile
	return s.Resolve(t.Context(), q)
}

// refusal resolves the profile and returns the Failure.
func (s *stage) refusal(t testing.TB, profile string) *credential.Failure {
	t.Helper()
	p, err := s.resolve(t, profile)
	if err == nil {
		t.Fatalf("profile %q: got the plan %q, want a refusal", profile, p.Source)
	}
	return oneLine(t, err)
}

// oneLine checks what is true of every failure.
func oneLine(t testing.TB, err error) *credential.Failure {
	t.Helper()
	f, ok := err.(*credential.Failure)
	if !ok {
		t.Fatalf("the error is a %T, want a *credential.Failure: %v", err, err)
	}
	for _, said := range []string{f.Reason, f.Hint} {
		if said == "" || text.Clean(said) != said || strings.HasSuffix(said, ".") && !strings.HasSuffix(said, "...") {
			t.Errorf("not one clean line without a full stop: %q", said)
		}
	}
	return f
}

// fetch gets the plan's session and those of its bases.
func fetch(ctx context.Context, p *credential.Plan) (credential.Session, error) {
	var base credential.Session
	if p.Base != nil {
		var err error
		if base, err = fetch(ctx, p.Base); err != nil {
			return credential.Session{}, err
		}
	}
	return p.Fetch(ctx, base)
}

// session resolves and fetches, and fails the test if either fails.
func (s *stage) session(t testing.TB, profile string) credential.Session {
	t.Helper()
	got, err := fetch(t.Context(), s.plan(t, profile))
	if err != nil {
		t.Fatalf("profile %q: %v", profile, err)
	}
	return got
}

// failure resolves and fetches, and returns the Failure of the fetch.
func (s *stage) failure(t testing.TB, profile string) *credential.Failure {
	t.Helper()
	got, err := fetch(t.Context(), s.plan(t, profile))
	if err == nil {
		t.Fatalf("profile %q: got a %v, want a failure", profile, got)
	}
	return oneLine(t, err)
}

func mustContain(t testing.TB, text string, all ...string) {
	t.Helper()
	for _, a := range all {
		if !strings.Contains(text, a) {
			t.Errorf("%q does not hold %q", text, a)
		}
	}
}

func filesOf(s *stage) awsconfig.Files {
	return awsconfig.Files{Config: s.query.ConfigFile, Credentials: s.query.CredentialsFile}
}

func sandboxUser(name, keyID, secret string) sandbox.User {
	return sandbox.User{Name: name, AccountID: "111111111111", AccessKeyID: keyID, Secret: credential.NewSecret(secret)}
}

// replace writes a new file and renames it, as many editors do.
func replace(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		t.Error(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Error(err)
	}
}

// briefly is a context that ends after 2 s.
func briefly(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	t.Cleanup(cancel)
	return ctx
}
