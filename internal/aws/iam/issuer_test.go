package iam

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"understudy/internal/aws"
	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/text"
	"understudy/internal/wire"
)

func exampleKey() aws.Keys {
	alice := sandbox.Example()
	return aws.Keys{AccessKeyID: alice.AccessKeyID, SecretAccessKey: alice.Secret}
}

// issuerAt is the issuer of a profile with this endpoint for everything.
func issuerAt(t *testing.T, url string) *Issuer {
	t.Helper()
	clients := aws.New(aws.Config{})
	t.Cleanup(clients.Close)
	at, err := aws.Endpoint{Region: "us-east-1", URL: url}.ResolveSTS()
	if err != nil {
		t.Fatal(err)
	}
	return &Issuer{Clients: clients, Profile: "base", At: "config:1", STS: at, IAM: at}
}

// serve puts h on loopback for the test.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

// oneLine checks what is true of every failure.
func oneLine(t testing.TB, f *credential.Failure) *credential.Failure {
	t.Helper()
	for _, line := range []string{f.Reason, f.Hint} {
		if line == "" || text.Clean(line) != line || strings.HasSuffix(line, ".") && !strings.HasSuffix(line, "...") {
			t.Errorf("not one clean line without a full stop: %q", line)
		}
	}
	return f
}

func TestAKeyIsCreatedUsedAndDeleted(t *testing.T) {
	sts := sandbox.New()
	sts.Set(sandbox.Behaviour{NewKeysUnknown: 1})
	i, ctx := issuerAt(t, serve(t, sts)), t.Context()
	who, err := i.Who(ctx, exampleKey())
	if err != nil || who.Account != "111111111111" || who.ARN != sandbox.Example().ARN() {
		t.Fatalf("%+v, %v", who, err)
	}
	next, created, err := i.Create(ctx, exampleKey(), "alice")
	if err != nil || time.Since(created) > time.Minute {
		t.Fatalf("made at %v, %v", created, err)
	}
	if _, err := i.Who(ctx, next); err == nil || !credential.AsFailure(err).BaseRefused {
		t.Errorf("a key not known yet: %v", err)
	}
	if who, err := i.Who(ctx, next); err != nil || who.ARN != sandbox.Example().ARN() {
		t.Errorf("the new key: %+v, %v", who, err)
	}
	if _, _, err := i.Create(ctx, next, "alice"); !errors.Is(err, ErrTwoKeys) || credential.AsFailure(err).Code != wire.Denied {
		t.Errorf("a third key: %v", err)
	}
	all, now, err := i.Keys(ctx, next, "alice")
	if err != nil || len(all) != 2 || !all[0].Active || time.Since(now).Abs() > time.Minute {
		t.Errorf("%+v at %v, %v", all, now, err)
	}
	old := exampleKey().AccessKeyID
	if at, err := i.LastUsed(ctx, next, old); err != nil || at.IsZero() {
		t.Errorf("last used %v, %v", at, err)
	}
	for _, err := range []error{i.Deactivate(ctx, next, "alice", old), i.Delete(ctx, next, "alice", old)} {
		if err != nil {
			t.Error(err)
		}
	}
	if err := i.Delete(ctx, next, "alice", old); !errors.Is(err, ErrNoSuchKey) || credential.AsFailure(err).Code != wire.Denied {
		t.Errorf("what is gone: %v", err)
	}
	if left := sts.Keys(sandbox.Example().ARN()); len(left) != 1 || left[0].ID != next.AccessKeyID {
		t.Errorf("left: %+v", left)
	}
}

func TestErrorsOfIAMAreClassifiedAndRepeatNoSecret(t *testing.T) {
	secret := exampleKey().SecretAccessKey.Reveal()
	for name, c := range map[string]struct {
		does   sandbox.Behaviour
		code   wire.Code
		reason string
		hint   string
	}{
		"no policy":     {sandbox.Behaviour{DenyKeys: sandbox.DenyKeys{Action: "*"}}, wire.Denied, "AccessDenied: User: arn", "allow the user iam:ListAccessKeys on itself"},
		"throttled":     {sandbox.Behaviour{Fault: sandbox.Fault{Status: 400, Code: "Throttling"}}, wire.Temporary, "Throttling", "try again"},
		"down":          {sandbox.Behaviour{Fault: sandbox.Fault{Status: 503}}, wire.Temporary, "ServiceUnavailable", "try again"},
		"unknown":       {sandbox.Behaviour{Fault: sandbox.Fault{Status: 403, Code: "InvalidClientTokenId"}}, wire.Denied, "InvalidClientTokenId", "deleted, inactive"},
		"another word":  {sandbox.Behaviour{Fault: sandbox.Fault{Status: 400, Code: "EntityTemporarilyUnmodifiable"}}, wire.Denied, "EntityTemporarilyUnmodifiable", "look at the user"},
		"repeats a key": {sandbox.Behaviour{Fault: sandbox.Fault{Status: 403, Code: "AccessDenied", Message: "no " + secret}}, wire.Denied, "no [key]", "on itself"},
		"a login page":  {sandbox.Behaviour{Fault: sandbox.Fault{Body: &sandbox.Body{Text: "<html>" + secret}, Status: 200}}, wire.Temporary, "is not IAM", "login page"},
		"clock":         {sandbox.Behaviour{Fault: sandbox.Fault{Status: 403, Code: "RequestExpired"}}, wire.Temporary, "RequestExpired", "clock"},
		"cut":           {sandbox.Behaviour{Fault: sandbox.Fault{Body: &sandbox.Body{Text: "<html>", Type: "text/html"}, Status: 502}}, wire.Temporary, "502 Bad Gateway", "login page"},
	} {
		sts := sandbox.New()
		sts.Set(c.does)
		_, _, err := issuerAt(t, serve(t, sts)).Keys(t.Context(), exampleKey(), "alice")
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		f := oneLine(t, credential.AsFailure(err))
		if f.Code != c.code || !strings.Contains(f.Reason, c.reason) || !strings.Contains(f.Hint, c.hint) || strings.Contains(f.Reason, secret) {
			t.Errorf("%s: %s, %q, hint %q", name, f.Code, f.Reason, f.Hint)
		}
	}
	_, _, err := issuerAt(t, "http://127.0.0.1:1").Keys(t.Context(), exampleKey(), "alice")
	if f := oneLine(t, credential.AsFailure(err)); f.Code != wire.Temporary || !strings.Contains(f.Reason, "IAM refused the connection") {
		t.Errorf("nobody there: %q", f.Reason)
	}
}

func TestAnIdentityWithoutAnAccountIsRejected(t *testing.T) {
	for name, h := range map[string]http.Handler{
		"a login page": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) }),
		"no ARN": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			w.Write([]byte(`<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`))
		}),
	} {
		if who, err := issuerAt(t, serve(t, h)).Who(t.Context(), exampleKey()); err == nil || credential.AsFailure(err).Code != wire.Temporary {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
}
