package identitycenter

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

func landed(t *testing.T) *callback {
	t.Helper()
	c, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c
}

// visit goes where the browser is sent, with a change to the request.
func (c *callback) visit(t *testing.T, q url.Values, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.uri+"?"+q.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func TestTheBrowserComesBackToTheMachineItselfAlone(t *testing.T) {
	c := landed(t)
	if !strings.HasPrefix(c.uri, "http://127.0.0.1:") || !strings.HasSuffix(c.uri, "/oauth/callback") {
		t.Errorf("it comes back to %s", c.uri)
	}
}

func TestNobodyButTheAwaitedBrowserIsTakenForIt(t *testing.T) {
	c := landed(t)
	right := url.Values{"state": {c.state}, "code": {"made-up-code"}}
	for name, v := range map[string]struct {
		query  url.Values
		change func(*http.Request)
		status int
	}{
		"without a state":    {url.Values{"code": {"made-up-code"}}, nil, 400},
		"with another state": {url.Values{"state": {random()}, "code": {"made-up-code"}}, nil, 400},
		"without an answer":  {url.Values{"state": {c.state}}, nil, 400},
		"with another path":  {right, func(r *http.Request) { r.URL.Path = "/" }, 404},
		"under another name": {right, func(r *http.Request) { r.Host = "rebound.example" }, 404},
		"with a form":        {right, func(r *http.Request) { r.Method = http.MethodPost }, 405},
	} {
		t.Run(name, func(t *testing.T) {
			resp, text := c.visit(t, v.query, v.change)
			if resp.StatusCode != v.status || !strings.Contains(text, "<h1>") {
				t.Errorf("answered %d:\n%s", resp.StatusCode, text)
			}
			select {
			case <-c.came:
				t.Error("it was taken for the browser")
			default:
			}
		})
	}
}

func TestOneAnswerIsTaken(t *testing.T) {
	c := landed(t)
	q := url.Values{"state": {c.state}, "code": {"made-up-code"}}
	c.outcome <- nil
	resp, text := c.visit(t, q, nil)
	if resp.StatusCode != 200 || !strings.Contains(text, "You are signed in") {
		t.Errorf("answered %d:\n%s", resp.StatusCode, text)
	}
	if got := <-c.came; got.code.Reveal() != "made-up-code" || got.refused != "" {
		t.Errorf("it brought %v", got)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "no-referrer",
		"Cache-Control":           "no-store",
		"X-Content-Type-Options":  "nosniff",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if strings.Contains(text, "made-up-code") || strings.Contains(text, "<script") {
		t.Errorf("the page:\n%s", text)
	}
	if resp, _ := c.visit(t, q, nil); resp.StatusCode != http.StatusGone {
		t.Errorf("the second was answered %d", resp.StatusCode)
	}
}

func TestThePageSaysWhyNothingCameOfIt(t *testing.T) {
	c := landed(t)
	c.outcome <- &credential.Failure{Code: wire.Temporary, Reason: "no answer from <b>oidc</b>"}
	_, text := c.visit(t, url.Values{"state": {c.state}, "code": {"x"}}, nil)
	if !strings.Contains(text, "You are not signed in") || !strings.Contains(text, "no answer from &lt;b&gt;oidc") {
		t.Errorf("the page:\n%s", text)
	}
}

func TestNothingListensAfterTheSignIn(t *testing.T) {
	c := landed(t)
	c.close()
	if resp, err := http.Get(c.uri); err == nil {
		resp.Body.Close()
		t.Error("something still answers")
	}
}
