package source

import (
	"strings"
	"testing"
	"time"

	"understudy/internal/awsconfig"
)

// FuzzParameters checks that no value makes a parser panic, that an error is one
// clean line, and that accepted values are within STS's limits.
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
