package aws

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/text"
)

const wholeAnswer = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/Admin/x</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser>
<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>s3cr3t</SecretAccessKey>
<SessionToken>t0k3n</SessionToken><Expiration>2030-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

const wholeRefusal = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`

// anyAnswer is a server that gives every request the same response.
type anyAnswer struct {
	status int
	header http.Header
	body   string
}

func (a anyAnswer) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.body)), Request: req}, nil
}

// FuzzAnswer checks that any response becomes a complete session or a Failure of
// one printable line.
func FuzzAnswer(f *testing.F) {
	const date = "Tue, 01 Jan 2030 00:00:00 GMT"
	f.Add(200, "text/xml", date, "", wholeAnswer)
	f.Add(200, "text/xml", date, "", wholeAnswer[:len(wholeAnswer)/2])
	f.Add(200, "text/xml", date, "", strings.ReplaceAll(wholeAnswer, "2030-01-01T01:00:00Z", "0000-00-00T00:00:00Z"))
	f.Add(200, "text/xml", date, "", strings.ReplaceAll(wholeAnswer, "t0k3n", "t\n"))
	f.Add(200, "text/html", "", "", "<html>")
	f.Add(403, "text/xml", date, "7", wholeRefusal)
	f.Add(400, "text/xml", date, "", strings.ReplaceAll(wholeRefusal, "AccessDenied", "ValidationError"))
	f.Add(403, "text/xml", date, "", strings.ReplaceAll(wholeRefusal, "AccessDenied", "SignatureDoesNotMatch"))
	f.Add(429, "a/b;;", "x", date, "")
	f.Add(302, "\x00", "", "99999999999999999999", "")
	now := credential.Moment{Wall: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), ID: "this boot"}
	f.Fuzz(func(t *testing.T, status int, kind, date, retryAfter, body string) {
		c := New(Config{Now: func() credential.Moment { return now }})
		to, err := Endpoint{Region: "us-east-1"}.ResolveSTS()
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{"Content-Type": {kind}, "Date": {date}, "Retry-After": {retryAfter}}
		s, err := newSTS(c, to, httpClient(anyAnswer{status, header, body})).Session(t.Context(), Request{
			Purpose:  Purpose{What: "assume role", Owner: `profile "base"`, At: "config:1"},
			Auth:     Signed{Keys: Keys{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: credential.NewSecret("x")}},
			Role:     &Role{ARN: "arn:aws:iam::123456789012:role/Admin", SessionName: "fuzz"},
			Duration: 2 * time.Hour,
		})
		if err == nil {
			if bad := s.Check(now); bad != nil {
				t.Errorf("a session that is not whole: %v", bad)
			}
			return
		}
		f := oneLine(t, err)
		if f.RetryAfter < 0 || f.RetryAfter > time.Hour || len([]rune(f.Reason)) > text.MaxReason {
			t.Errorf("retry after %v, %d characters", f.RetryAfter, len(f.Reason))
		}
		if s != (credential.Session{}) {
			t.Error("a session beside a failure")
		}
	})
}

// oneLine checks what is true of every failure.
func oneLine(t testing.TB, err error) *credential.Failure {
	t.Helper()
	f, ok := errors.AsType[*credential.Failure](err)
	if !ok {
		t.Fatalf("the error is a %T, want a *credential.Failure: %v", err, err)
	}
	for _, line := range []string{f.Reason, f.Hint} {
		if line == "" || text.Clean(line) != line || strings.HasSuffix(line, ".") && !strings.HasSuffix(line, "...") {
			t.Errorf("not one clean line without a full stop: %q", line)
		}
	}
	return f
}
