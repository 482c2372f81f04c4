package signin_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/logincreds"
	sdk "github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/sandbox"
	"understudy/internal/sandbox/signin"
	"understudy/internal/sandbox/steer"
)

// stand is the service with a file of `aws login`, and the SDK's provider on it.
type stand struct {
	*signin.Server
	sts  *sandbox.Server
	file string
	logincreds.Provider
	url string
}

// newStand makes one whose session has run out d ago, or runs out in -d.
func newStand(t *testing.T, d time.Duration) *stand {
	t.Helper()
	fake := sandbox.New()
	s := &stand{Server: signin.New(fake), sts: fake}
	h := httptest.NewServer(s.Server)
	t.Cleanup(func() {
		s.Set(signin.Behaviour{}) // lets silent calls go
		h.Close()
	})
	s.url = h.URL
	login := s.SignIn()
	login.Session.Expires = time.Now().Add(-d)
	s.write(t, login)
	client := sdk.New(sdk.Options{Region: "eu-west-1", BaseEndpoint: &h.URL, Retryer: aws.NopRetryer{}})
	s.Provider = *logincreds.New(client, s.file)
	return s
}

func (s *stand) write(t *testing.T, l signin.Login) {
	t.Helper()
	name, content := l.CacheFile(sandbox.Example().ARN())
	if s.file == "" {
		s.file = filepath.Join(t.TempDir(), name)
	}
	if err := os.WriteFile(s.file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheGoSDKRenewsWhatAwsLoginLeft(t *testing.T) {
	s := newStand(t, time.Second)
	want, err := logincreds.StandardCachedTokenFilepath(sandbox.Example().ARN(), "dir")
	if err != nil || filepath.Base(want) != filepath.Base(s.file) {
		t.Errorf("the file is %s, the SDK looks for %s, %v", filepath.Base(s.file), filepath.Base(want), err)
	}
	keys, err := s.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(keys.Expires).Round(time.Minute); left != 15*time.Minute || keys.AccountID != "111111111111" {
		t.Errorf("a session of %v in %s", left, keys.AccountID)
	}
	h := httptest.NewServer(s.sts)
	defer h.Close()
	client := sts.New(sts.Options{Region: "eu-west-1", BaseEndpoint: &h.URL, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })})
	who, err := client.GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != sandbox.Example().ARN() {
		t.Errorf("it speaks for %v, %v", who, err)
	}
	if _, err := s.Retrieve(t.Context()); err != nil || s.Count() != 1 { // from the file
		t.Errorf("%d calls, %v", s.Count(), err)
	}
	if last := s.Calls()[0]; last.Status != 200 || last.Proof == "" || last.Params["grantType"] != "refresh_token" {
		t.Errorf("recorded as %+v", last)
	}
}

func TestALoginThatHasEndedIsNotRenewed(t *testing.T) {
	s := newStand(t, time.Second)
	for _, tt := range []struct {
		b    signin.Behaviour
		want string
	}{
		{signin.Behaviour{Skew: 12 * time.Hour}, "login session has expired"},
		{signin.Behaviour{Changed: true}, "password has changed"},
		{signin.Behaviour{Fault: steer.Fault{Status: 403, Code: "INSUFFICIENT_PERMISSIONS"}}, "insufficient permissions"},
		{signin.Behaviour{Fault: steer.Fault{Status: 429}}, "TooManyRequestsError"},
		{signin.Behaviour{Fault: steer.Fault{Status: 503}}, "InternalServerException"},
		{signin.Behaviour{Skew: 10 * time.Minute}, "DPoP"},
	} {
		s.Set(tt.b)
		if _, err := s.Retrieve(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
	s.Set(signin.Behaviour{})
	if _, err := s.Retrieve(t.Context()); err != nil {
		t.Errorf("well again: %v", err)
	}
}

func TestARefreshTokenIsOfNoUseWithoutItsKeyAndGivesTheSameTwice(t *testing.T) {
	s := newStand(t, time.Second)
	// The token of one login in the file of another: the key is wrong.
	one, other := s.SignIn(), s.SignIn()
	one.Refresh, one.Session.Expires = other.Refresh, time.Now().Add(-time.Second)
	s.write(t, one)
	if _, err := s.Retrieve(t.Context()); err == nil || !strings.Contains(err.Error(), "DPoP") {
		t.Errorf("got %v", err)
	}
	other.Session.Expires = one.Session.Expires
	s.write(t, other)
	first, err := s.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, other) // the old file again
	second, err := s.Retrieve(t.Context())
	if err != nil || first.AccessKeyID != second.AccessKeyID {
		t.Errorf("another session: %v", err)
	}
	if last := s.Calls()[2]; last.Repeats != 2 {
		t.Errorf("recorded as %+v", last)
	}
	var file struct{ AccessToken struct{ AccessKeyID string } }
	if raw, err := os.ReadFile(s.file); err != nil || json.Unmarshal(raw, &file) != nil || file.AccessToken.AccessKeyID != first.AccessKeyID {
		t.Errorf("the file has another session: %v", err)
	}
	for _, proof := range []string{"", "a.b", "e30.e30.e30", "....."} {
		r := httptest.NewRequest("POST", s.url+"/v1/token", strings.NewReader(`{"clientId":"`+signin.ClientID+`","grantType":"refresh_token","refreshToken":"`+other.Refresh.Reveal()+`"}`))
		r.Header.Set("DPoP", proof)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest {
			t.Errorf("proof %q: status %d", proof, w.Code)
		}
	}
}
