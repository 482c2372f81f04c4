package sandbox_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/sandbox"
)

const identityCall = "Action=GetCallerIdentity&Version=2011-06-15"

// signed makes a call by hand, to be spoilt before it is sent.
func signed(t *testing.T, method, url, params, service string) *http.Request {
	t.Helper()
	body, target := params, url
	if method == http.MethodGet {
		body, target = "", url+"/?"+params
	}
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), exampleKeys(), r, hex.EncodeToString(sum[:]), service, "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	return r
}

// send returns the status and the error code of the answer, "" for none.
func send(t *testing.T, r *http.Request) (int, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var e struct {
		Code string `xml:"Error>Code"`
	}
	if err := xml.Unmarshal(body, &e); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if resp.Header.Get("X-Amzn-Requestid") == "" || resp.Header.Get("Date") == "" {
		t.Errorf("no request id or date in %v", resp.Header)
	}
	return resp.StatusCode, e.Code
}

func TestOnlyTheCallThatWasSignedIsAnswered(t *testing.T) {
	s := sandbox.New()
	url := serve(t, s)
	for _, tt := range []struct {
		name   string
		method string
		spoil  func(*http.Request)
		status int
		code   string
	}{
		{"form as signed", "POST", func(*http.Request) {}, 200, ""},
		{"query as signed", "GET", func(*http.Request) {}, 200, ""},
		{"form changed", "POST", func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(strings.Replace(identityCall, "Action", "Bction", 1)))
		}, 403, "SignatureDoesNotMatch"},
		{"query changed", "GET", func(r *http.Request) { r.URL.RawQuery += "&x=y" }, 403, "SignatureDoesNotMatch"},
		{"signed header changed", "POST", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, 403, "SignatureDoesNotMatch"},
		{"no signature", "POST", func(r *http.Request) { r.Header.Del("Authorization") }, 403, "MissingAuthenticationToken"},
		{"another kind of signature", "POST", func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 400, "IncompleteSignature"},
		{"no date", "POST", func(r *http.Request) { r.Header.Del("X-Amz-Date") }, 400, "IncompleteSignature"},
		{"another day", "POST", func(r *http.Request) {
			r.Header.Set("X-Amz-Date", time.Now().UTC().AddDate(0, 0, 1).Format("20060102T150405Z"))
		}, 403, "SignatureDoesNotMatch"},
		{"unknown key", "POST", func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "AKIA", "AKIB", 1))
		}, 403, "InvalidClientTokenId"},
		{"token on a long-lived key", "POST", func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") }, 403, "InvalidClientTokenId"},
		{"another content type", "POST", func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, 404, "UnknownOperationException"},
		{"another method", "PUT", func(*http.Request) {}, 405, "MalformedHttpRequestException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := signed(t, tt.method, url, identityCall, "sts")
			tt.spoil(r)
			if status, code := send(t, r); status != tt.status || code != tt.code {
				t.Errorf("%d %q, want %d %q", status, code, tt.status, tt.code)
			}
		})
	}
	if _, code := send(t, signed(t, "POST", url, identityCall, "s3")); code != "SignatureDoesNotMatch" {
		t.Errorf("a signature for another service: %q", code)
	}
	if _, code := send(t, signed(t, "POST", url, "Action=Nothing&Version=2011-06-15", "sts")); code != "InvalidAction" {
		t.Errorf("an unknown action: %q", code)
	}
	if status, _ := send(t, signed(t, "POST", url, strings.Repeat("x", 300<<10), "sts")); status != 413 {
		t.Errorf("300 KiB: status %d", status)
	}
}

func TestAClockFarOffIsToldWhichWay(t *testing.T) {
	s := sandbox.New()
	url := serve(t, s)
	for _, tt := range []struct {
		b       sandbox.Behaviour
		code    string
		phrases []string
	}{
		{sandbox.Behaviour{Skew: 16 * time.Minute}, "SignatureDoesNotMatch", []string{"Signature expired: ", " is now earlier than ", " - 15 min.)"}},
		{sandbox.Behaviour{Skew: -16 * time.Minute}, "SignatureDoesNotMatch", []string{"Signature not yet current: ", " is still later than ", " + 15 min.)"}},
		{sandbox.Behaviour{Skew: time.Hour, SkewCode: "RequestTimeTooSkewed"}, "RequestTimeTooSkewed", []string{"too large"}},
	} {
		s.Set(tt.b)
		one := client(url, exampleKeys()) // a client remembers the skew
		_, err := one.GetCallerIdentity(t.Context(), nil)
		wantError(t, err, tt.code, "")
		for _, p := range tt.phrases {
			if !strings.Contains(err.Error(), p) {
				t.Errorf("%q is not in: %v", p, err)
			}
		}
	}
	s.Set(sandbox.Behaviour{Skew: 14 * time.Minute})
	if _, err := client(url, exampleKeys()).GetCallerIdentity(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestTheSDKCorrectsItsClockByTheDateOfTheAnswer(t *testing.T) {
	s := sandbox.New()
	s.Set(sandbox.Behaviour{Skew: -10 * time.Minute, Window: 5 * time.Minute})
	c := client(serve(t, s), exampleKeys())
	out, err := c.AssumeRole(t.Context(), assumeInput(), func(o *sts.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 2 })
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Calls()); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
	if left := time.Until(*out.Credentials.Expiration).Round(time.Minute); left != 50*time.Minute {
		t.Errorf("%v left, want the hour less the skew", left)
	}
}

func TestAWrongSecretIsASignatureThatDoesNotMatch(t *testing.T) {
	keys := exampleKeys()
	keys.SecretAccessKey += "x"
	_, err := client(serve(t, sandbox.New()), keys).GetCallerIdentity(t.Context(), nil)
	wantError(t, err, "SignatureDoesNotMatch", "")
	_, err = client(serve(t, sandbox.New()), aws.Credentials{AccessKeyID: "AKIAUNKNOWNKEY000000", SecretAccessKey: "x"}).GetCallerIdentity(t.Context(), nil)
	wantError(t, err, "InvalidClientTokenId", "The security token included in the request is invalid.")
}
