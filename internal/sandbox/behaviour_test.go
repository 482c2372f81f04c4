package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"understudy/internal/sandbox"
)

func TestAnErrorAnswerIsGivenAsOftenAsAsked(t *testing.T) {
	s := sandbox.New()
	c := client(serve(t, s), exampleKeys())
	s.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: 503, Next: 2}})
	for range 2 {
		_, err := c.AssumeRole(t.Context(), assumeInput())
		wantError(t, err, "ServiceUnavailable", "")
	}
	if _, err := c.AssumeRole(t.Context(), assumeInput()); err != nil {
		t.Errorf("the third call: %v", err)
	}
	s.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: 400, Code: "Throttling", Message: "Rate exceeded", RetryAfter: 1500 * time.Millisecond}})
	for range 3 {
		_, err := c.AssumeRole(t.Context(), assumeInput())
		wantError(t, err, "Throttling", "Rate exceeded")
	}
	calls := s.Calls()
	if last := calls[len(calls)-1]; len(calls) != 6 || last.Status != 400 || last.Code != "Throttling" || last.Op != "AssumeRole" {
		t.Errorf("%d calls, the last %+v", len(calls), last)
	}
	resp := get(t, s)
	if got := resp.Header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %q, want whole seconds, never too few", got)
	}
}

// get makes an unsigned call, which is enough for answers that do not look at
// the request.
func get(t *testing.T, s *sandbox.Server) *http.Response {
	t.Helper()
	resp, err := http.Get(serve(t, s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func TestARawBodyIsSentAsItIs(t *testing.T) {
	s := sandbox.New()
	for _, tt := range []struct {
		body   sandbox.Body
		status int
		size   int
	}{
		{sandbox.Body{Text: "<html>log in</html>"}, 200, 19},
		{sandbox.Body{}, 200, 0},
		{sandbox.Body{Text: strings.Repeat("x", 1<<20), Repeat: 100}, 200, 100 << 20},
		{sandbox.Body{Text: "gateway", Type: "text/plain"}, 502, 7},
	} {
		s.Set(sandbox.Behaviour{Fault: sandbox.Fault{Body: &tt.body, Status: tt.status}})
		resp := get(t, s)
		n, err := io.Copy(io.Discard, resp.Body)
		if err != nil || int(n) != tt.size || resp.StatusCode != tt.status {
			t.Errorf("%d bytes, status %d, %v; want %d, %d", n, resp.StatusCode, err, tt.size, tt.status)
		}
	}
}

func TestASpoiltAnswerLacksJustThat(t *testing.T) {
	s := sandbox.New()
	url := serve(t, s)
	for _, m := range []sandbox.Mutation{
		sandbox.ExpirationPast, sandbox.Expiration2099, sandbox.NoExpiration, sandbox.NoAccessKeyID,
		sandbox.NoSecret, sandbox.NoToken, sandbox.NoCredentials,
	} {
		s.Set(sandbox.Behaviour{Mutate: m})
		out, err := client(url, exampleKeys()).AssumeRole(t.Context(), assumeInput())
		if err != nil {
			t.Fatalf("%s: %v", m, err)
		}
		c := out.Credentials
		var ok bool
		switch m {
		case sandbox.ExpirationPast:
			ok = c.Expiration.Before(time.Now())
		case sandbox.Expiration2099:
			ok = c.Expiration.Year() == 2099
		case sandbox.NoExpiration:
			ok = c.Expiration == nil && c.SessionToken != nil
		case sandbox.NoAccessKeyID:
			ok = c.AccessKeyId == nil && c.SessionToken != nil
		case sandbox.NoSecret:
			ok = c.SecretAccessKey == nil && c.SessionToken != nil
		case sandbox.NoToken:
			ok = c.SessionToken == nil && c.SecretAccessKey != nil
		case sandbox.NoCredentials:
			ok = c == nil
		}
		if !ok {
			t.Errorf("%s: %+v", m, c)
		}
	}
	for _, m := range []sandbox.Mutation{sandbox.ExpirationMalformed, sandbox.CutXML, sandbox.CutBody} {
		s.Set(sandbox.Behaviour{Mutate: m})
		if _, err := client(url, exampleKeys()).AssumeRole(t.Context(), assumeInput()); err == nil {
			t.Errorf("%s: the SDK took the answer", m)
		}
	}
	if s.Calls()[len(s.Calls())-1].Status != 200 {
		t.Error("a spoilt answer is not an error answer")
	}
}

func TestASilentServerHoldsTheCallUntilItIsToldOtherwise(t *testing.T) {
	s := sandbox.New()
	url := serve(t, s)
	s.Set(sandbox.Behaviour{Fault: sandbox.Fault{Silent: true}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client(url, exampleKeys()).AssumeRole(ctx, assumeInput()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller got %v", err)
	}
	done := make(chan error)
	go func() {
		_, err := client(url, exampleKeys()).AssumeRole(t.Context(), assumeInput())
		done <- err
	}()
	for len(s.Calls()) < 2 {
		select {
		case err := <-done:
			t.Fatalf("answered while silent: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	s.Set(sandbox.Behaviour{})
	if err := <-done; err == nil {
		t.Error("a call taken while silent was answered later")
	}
	if s.Calls()[0].Status != 0 {
		t.Errorf("an unanswered call has status %d", s.Calls()[0].Status)
	}
}

func TestDelayAndDripTakeTheirTime(t *testing.T) {
	s := sandbox.New()
	s.Set(sandbox.Behaviour{Drip: 10 * time.Millisecond, Fault: sandbox.Fault{Delay: 40 * time.Millisecond, Body: &sandbox.Body{Text: "12345"}}})
	start := time.Now()
	resp := get(t, s)
	body, err := io.ReadAll(resp.Body)
	if took := time.Since(start); took < 80*time.Millisecond || string(body) != "12345" || err != nil {
		t.Errorf("%q, %v after %v, want at least 80 ms", body, err, took)
	}
}

func TestSessionsAreIssuedAsTheBehaviourSays(t *testing.T) {
	s := sandbox.New()
	url := serve(t, s)
	s.Set(sandbox.Behaviour{Lifetime: 20*time.Minute + 10*time.Second, Skew: -4 * time.Minute, TokenSize: 16 << 10, SecretMark: "CANARY"})
	out, err := client(url, exampleKeys()).AssumeRole(t.Context(), assumeInput())
	if err != nil {
		t.Fatal(err)
	}
	c := out.Credentials
	if left := time.Until(*c.Expiration); left < 16*time.Minute || left > 16*time.Minute+11*time.Second {
		t.Errorf("%v left, want 16m10s", left)
	}
	if len(*c.SessionToken) != 16<<10 || !strings.Contains(*c.SessionToken, "CANARY") || !strings.Contains(*c.SecretAccessKey, "CANARY") || len(*c.SecretAccessKey) != 40 {
		t.Errorf("a token of %d and a secret of %d characters, marked %v and %v", len(*c.SessionToken), len(*c.SecretAccessKey),
			strings.Contains(*c.SessionToken, "CANARY"), strings.Contains(*c.SecretAccessKey, "CANARY"))
	}
	if _, err := client(url, sessionKeys(c)).GetCallerIdentity(t.Context(), nil); err != nil {
		t.Errorf("a long token does not sign: %v", err)
	}
}

func TestOneActionHasALifetimeOfItsOwn(t *testing.T) {
	s := sandbox.New()
	c := client(serve(t, s), exampleKeys())
	s.Set(sandbox.Behaviour{Lifetime: 20 * time.Minute, Lifetimes: map[string]time.Duration{"GetSessionToken": 12 * time.Hour}})
	role, err := c.AssumeRole(t.Context(), assumeInput())
	if err != nil {
		t.Fatal(err)
	}
	base, err := c.GetSessionToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := time.Until(*role.Credentials.Expiration).Round(time.Minute), 20*time.Minute; got != want {
		t.Errorf("a role for %v, want %v", got, want)
	}
	if got, want := time.Until(*base.Credentials.Expiration).Round(time.Minute), 12*time.Hour; got != want {
		t.Errorf("a base for %v, want %v", got, want)
	}
}
