package identitycenter_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"understudy/internal/sandbox/identitycenter"
)

// device is a program without a browser, in the middle of its sign-in.
type device struct {
	*stand
	client *ssooidc.RegisterClientOutput
	*ssooidc.StartDeviceAuthorizationOutput
}

func (s *stand) device(t *testing.T) *device {
	t.Helper()
	client := s.register(t)
	out, err := s.oidc.StartDeviceAuthorization(t.Context(), &ssooidc.StartDeviceAuthorizationInput{
		ClientId: client.ClientId, ClientSecret: client.ClientSecret, StartUrl: aws.String(identitycenter.StartURL),
	})
	if err != nil {
		t.Fatal(err)
	}
	return &device{s, client, out}
}

func (d *device) poll(t *testing.T) (*ssooidc.CreateTokenOutput, error) {
	t.Helper()
	return d.oidc.CreateToken(t.Context(), &ssooidc.CreateTokenInput{
		ClientId: d.client.ClientId, ClientSecret: d.client.ClientSecret,
		GrantType: aws.String(identitycenter.DeviceGrant), DeviceCode: d.DeviceCode,
	})
}

func TestADeviceWaitsForAPersonAndThenOpensARole(t *testing.T) {
	s := newStand(t)
	d := s.device(t)
	if d.ExpiresIn != 600 || d.Interval != 1 {
		t.Errorf("%d s, every %d s; want 600 and 1", d.ExpiresIn, d.Interval)
	}
	_, err := d.poll(t)
	wantError(t, err, "AuthorizationPendingException", "")
	_, err = d.poll(t)
	wantError(t, err, "SlowDownException", "")
	if resp := get(t, *d.VerificationUriComplete); resp.StatusCode != http.StatusOK {
		t.Errorf("the page has status %d", resp.StatusCode)
	}
	token, err := d.poll(t)
	if err != nil {
		t.Fatal(err)
	}
	if token.ExpiresIn != 3600 || aws.ToString(token.TokenType) != "Bearer" || token.RefreshToken == nil || len(*token.AccessToken) != 1000 {
		t.Errorf("a token of %d s, type %s, %d characters", token.ExpiresIn, aws.ToString(token.TokenType), len(*token.AccessToken))
	}
	out, err := s.roleCredentials(t, *token.AccessToken, "123456789012", "Admin")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.who(t, out), "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/alice@example.com"; got != want {
		t.Errorf("it speaks for %s, want %s", got, want)
	}
	if left := time.Until(time.UnixMilli(out.RoleCredentials.Expiration)).Round(time.Minute); left != time.Hour {
		t.Errorf("a session of %v", left)
	}
	_, err = d.poll(t)
	wantError(t, err, "InvalidGrantException", "")
	if s.Grants(identitycenter.DeviceGrant) != 4 || s.Count("Device") != 1 {
		t.Errorf("%d polls, %d pages", s.Grants(identitycenter.DeviceGrant), s.Count("Device"))
	}
}

func TestADeviceIsTurnedAwayWhenThePersonSaysNoOrIsLate(t *testing.T) {
	s := newStand(t)
	s.Set(identitycenter.Behaviour{Page: identitycenter.Denies, SlowDown: 1})
	no := s.device(t)
	_, err := no.poll(t)
	wantError(t, err, "SlowDownException", "")
	get(t, *no.VerificationUriComplete)
	_, err = no.poll(t)
	wantError(t, err, "AccessDeniedException", "")

	s.Set(identitycenter.Behaviour{DeviceLife: 90 * time.Second})
	late := s.device(t)
	if late.ExpiresIn != 90 {
		t.Errorf("a code of %d s", late.ExpiresIn)
	}
	s.Set(identitycenter.Behaviour{Skew: 90 * time.Second})
	_, err = late.poll(t)
	wantError(t, err, "ExpiredTokenException", "")
	if resp := get(t, *late.VerificationUriComplete); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a page for a code that has ended: status %d", resp.StatusCode)
	}
	if s.Answer(*late.UserCode, true) {
		t.Error("a code that has ended was answered")
	}
}

func TestThePageOfADeviceWaitsForItsButton(t *testing.T) {
	s := newStand(t)
	s.Set(identitycenter.Behaviour{Page: identitycenter.Waits})
	for answer, code := range map[string]string{"allow": "", "deny": "AccessDeniedException"} {
		d := s.device(t)
		get(t, *d.VerificationUriComplete)
		_, err := d.poll(t)
		wantError(t, err, "AuthorizationPendingException", "")
		resp, err := http.PostForm(*d.VerificationUri, url.Values{"user_code": {*d.UserCode}, "answer": {answer}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if _, err = d.poll(t); code != "" {
			wantError(t, err, code, "")
		} else if err != nil {
			t.Error(err)
		}
	}
	d := s.device(t)
	if !s.Answer(*d.UserCode, true) || s.Answer(*d.UserCode, false) {
		t.Error("a code is answered once")
	}
	if _, err := d.poll(t); err != nil {
		t.Error(err)
	}
}
