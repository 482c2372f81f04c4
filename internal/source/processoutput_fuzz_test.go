package source

import (
	"strings"
	"testing"
	"time"

	"understudy/internal/aws"
	"understudy/internal/credential"
	"understudy/internal/text"
)

// FuzzPrinted checks that any output of a program becomes credentials that can be
// part of a request, or an error that repeats none of it.
func FuzzPrinted(f *testing.F) {
	f.Add(`{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"s3cr3t","SessionToken":"t0k3n","Expiration":"2030-01-01T01:00:00Z","AccountId":"123456789012"}`)
	f.Add(`{"Version":1.0,"AccessKeyId":"A","SecretAccessKey":"s"}`)
	f.Add(`{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s\u0000"}`)
	f.Add(`{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":null,"Expiration":"2030-01-01T01:00:00.5+02:00"}`)
	f.Add(`{"Version":1,"AccessKeyId":["A"],"SecretAccessKey":{}}`)
	f.Add(`null`)
	f.Add(`[]`)
	f.Add("{\"Version\":1,\xff")
	f.Add(strings.Repeat("[", 1000))
	now := credential.Moment{Wall: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), ID: "this boot"}
	f.Fuzz(func(t *testing.T, output string) {
		got, err := parseOutput([]byte(output))
		if err != nil {
			if got != (aws.Credentials{}) {
				t.Error("credentials beside an error")
			}
			if text.Clean(err.Error()) != err.Error() || len(err.Error()) > 100 {
				t.Errorf("the reason is not short and clean: %q", err)
			}
			return
		}
		if problem := got.Keys.Invalid(); problem != "" {
			t.Errorf("taken, though %s", problem)
		}
		if got.Account != "" && !aws.IsAccountID(got.Account) {
			t.Errorf("account %q", got.Account)
		}
		if got.Expires.IsZero() {
			return
		}
		if s := got.Session(now); s.Lifetime > keySessionMax || s.Expiration.Sub(now.Wall) != s.Lifetime {
			t.Errorf("a session of %v until %v", s.Lifetime, s.Expiration)
		}
	})
}
