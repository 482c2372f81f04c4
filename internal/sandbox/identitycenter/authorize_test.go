package identitycenter_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc/types"

	"understudy/internal/sandbox/identitycenter"
)

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // RFC 7636's own

// program is one that waits on loopback for a browser to come back.
type program struct {
	*stand
	client   *ssooidc.RegisterClientOutput
	redirect string
	came     chan url.Values
}

func (s *stand) program(t *testing.T) *program {
	t.Helper()
	p := &program{stand: s, client: s.register(t), came: make(chan url.Values, 1)}
	h := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { p.came <- r.URL.Query() }))
	t.Cleanup(h.Close)
	p.redirect = h.URL + "/oauth/callback"
	return p
}

func (p *program) page(change func(url.Values)) string {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {*p.client.ClientId}, "redirect_uri": {p.redirect}, "state": {"st-1"},
		"code_challenge_method": {"S256"}, "scopes": {"sso:account:access"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}
	if change != nil {
		change(q)
	}
	return p.url + "/authorize?" + q.Encode()
}

func (p *program) redeem(t *testing.T, code, verifier string) (*ssooidc.CreateTokenOutput, error) {
	t.Helper()
	return p.oidc.CreateToken(t.Context(), &ssooidc.CreateTokenInput{
		ClientId: p.client.ClientId, ClientSecret: p.client.ClientSecret, GrantType: aws.String("authorization_code"),
		Code: &code, CodeVerifier: &verifier, RedirectUri: &p.redirect,
	})
}

// wantGrant asks for invalid_grant in these words, which the SDK has in a field
// of their own.
func wantGrant(t *testing.T, err error, words string) {
	t.Helper()
	grant, ok := errors.AsType[*types.InvalidGrantException](err)
	if !ok || aws.ToString(grant.Error_) != "invalid_grant" || aws.ToString(grant.Error_description) != words {
		t.Errorf("got %v, want invalid_grant: %s", err, words)
	}
}

func TestABrowserComesBackWithACodeThatWorksOnceForWhoKnowsTheVerifier(t *testing.T) {
	s := newStand(t)
	p := s.program(t)
	get(t, p.page(nil))
	back := <-p.came
	if back.Get("state") != "st-1" || back.Get("code") == "" || back.Has("error") {
		t.Fatalf("it came back with %v", back)
	}
	token, err := p.redeem(t, back.Get("code"), verifier)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.roleCredentials(t, *token.AccessToken, "123456789012", "Reader"); err != nil {
		t.Error(err)
	}
	_, err = p.redeem(t, back.Get("code"), verifier)
	wantError(t, err, "InvalidGrantException", "")

	get(t, p.page(nil))
	_, err = p.redeem(t, (<-p.came).Get("code"), strings.Repeat("x", 43))
	wantGrant(t, err, "Code verifier does not match")

	get(t, p.page(nil))
	s.Set(identitycenter.Behaviour{Skew: time.Minute})
	_, err = p.redeem(t, (<-p.came).Get("code"), verifier)
	wantGrant(t, err, "Authorization code has expired")
	if s.Count("Authorize") != 3 {
		t.Errorf("%d pages", s.Count("Authorize"))
	}
}

func TestABrowserComesBackWithWhatIsWrong(t *testing.T) {
	s := newStand(t)
	p := s.program(t)
	for _, tt := range []struct {
		name, value, want string
	}{
		{"response_type", "token", "invalid_request"},
		{"code_challenge_method", "plain", "invalid_request"},
		{"code_challenge", "short", "invalid_request"},
		{"scopes", "codewhisperer:completions", "invalid_scope"},
	} {
		get(t, p.page(func(q url.Values) { q.Set(tt.name, tt.value) }))
		if back := <-p.came; back.Get("error") != tt.want || back.Has("code") || back.Get("state") != "st-1" {
			t.Errorf("%s %s: %v, want %s", tt.name, tt.value, back, tt.want)
		}
	}
	for name, value := range map[string]string{"client_id": "nobody", "redirect_uri": "http://127.0.0.1:1/elsewhere"} {
		if resp := get(t, p.page(func(q url.Values) { q.Set(name, value) })); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s %s: status %d", name, value, resp.StatusCode)
		}
	}
	s.Set(identitycenter.Behaviour{Page: identitycenter.Denies})
	get(t, p.page(nil))
	if back := <-p.came; back.Get("error") != "access_denied" || back.Get("error_description") == "" {
		t.Errorf("a refusal: %v", back)
	}
}

func TestThePageWaitsForItsButton(t *testing.T) {
	s := newStand(t)
	p := s.program(t)
	s.Set(identitycenter.Behaviour{Page: identitycenter.Waits})
	for answer, want := range map[string]string{"allow": "code", "deny": "error"} {
		if resp := get(t, p.page(nil)); resp.StatusCode != http.StatusOK || len(p.came) > 0 {
			t.Fatalf("the page: status %d, %d came back", resp.StatusCode, len(p.came))
		}
		resp, err := http.PostForm(p.page(nil), url.Values{"answer": {answer}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if back := <-p.came; !back.Has(want) {
			t.Errorf("%s: %v", answer, back)
		}
	}
}
