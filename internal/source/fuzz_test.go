package source

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
)

const wholeAnswer = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/Admin/x</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser>
<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>s3cr3t</SecretAccessKey>
<SessionToken>t0k3n</SessionToken><Expiration>2030-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

const wholeRefusal = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`

// anyAnswer is a server that answers every request alike.
type anyAnswer struct {
	status int
	header http.Header
	body   string
}

func (a anyAnswer) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.body)), Request: req}, nil
}

// FuzzAnswer holds that whatever is answered becomes a whole session or a
// failure fit for people.
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
		r := &Resolver{Now: func() credential.Moment { return now }}
		r.once.Do(r.init)
		to, err := site{region: "us-east-1"}.resolve(profile{})
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{"Content-Type": {kind}, "Date": {date}, "Retry-After": {retryAfter}}
		r.clients.ways = map[string]*way{"": {transport: &http.Transport{}}}
		r.clients.sites = map[site]*sts.Client{to: newClient(r, to, httpClient(anyAnswer{status, header, body}))}
		arn, _ := splitRoleARN("arn:aws:iam::123456789012:role/Admin")
		c := &call{
			r: r, to: to, what: "assume role", at: "config:1",
			signer: signer{keys: awsconfig.StaticKeys{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: credential.NewSecret("x")}, profile: "base"},
			role:   &request{arn: arn, sessionName: "fuzz", duration: 2 * time.Hour},
		}
		s, err := c.asPlan("x", "x").Fetch(t.Context(), credential.Session{})
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

// FuzzParameters holds that no value makes a parser panic, that what is refused
// is told in one clean line, and that what passes keeps STS's limits.
func FuzzParameters(f *testing.F) {
	for _, seed := range []string{
		"", "arn:aws:iam::123456789012:role/a/b", "arn:aws-us-gov:iam::aws:policy/x", "k=v,k2=v=2", "a,b", "3600", "-1",
		"=", ",", "::::::", "arn:aws-:iam::123456789012:role/", "aws:x=1", "\xff=\x00", "~/x", "{}", "{\"a\":1}", "\u202e=x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v := awsconfig.Value{Text: text, Key: "key", File: "config", Line: 3}
		arn, errARN := parseRoleARN(v)
		if errARN == nil && (len(arn.account) != 12 || arn.text != text || !strings.HasPrefix(arn.partition, "aws")) {
			t.Errorf("%q is read as %+v", text, arn)
		}
		tags, errTags := parseTags(v)
		if errTags == nil && (len(tags) == 0 || len(tags) > maxTags) {
			t.Errorf("%d tags of %q", len(tags), text)
		}
		keys, errKeys := parseTagKeys(v)
		if errKeys == nil && (len(keys) == 0 || len(keys) > maxTags) {
			t.Errorf("%d keys of %q", len(keys), text)
		}
		d, errDuration := parseDuration(v, roleSessionMin, roleSessionMax)
		if errDuration == nil && (d < 15*time.Minute || d > 12*time.Hour) {
			t.Errorf("%q is read as %v", text, d)
		}
		arns, errARNs := parsePolicyARNs(v)
		if errARNs == nil && (len(arns) == 0 || len(arns) > maxPolicyARNs) {
			t.Errorf("%d ARNs of %q", len(arns), text)
		}
		for _, err := range []error{errARN, errTags, errKeys, errDuration, errARNs} {
			if err != nil {
				mustContain(t, oneLine(t, err).Reason, "config:3: key ")
			}
		}
		isRegion(text)
		ourOwn(text)
		if name := cleanName(text); !isName(name, 2, 64) {
			t.Errorf("%q is cleaned to %q", text, name)
		}
		if problem := checkURL(text); problem == "" && !strings.HasPrefix(strings.ToLower(text), "http") {
			t.Errorf("%q passes as an endpoint", text)
		}
	})
}
