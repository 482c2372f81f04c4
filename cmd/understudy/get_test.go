package main

import (
	"os/exec"
	"strings"
	"testing"

	"understudy/internal/wire"
)

func TestQuoteMakesOneWordThatAShellReadsBack(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell to ask")
	}
	for s, want := range map[string]string{
		"":                     "''",
		"ASIAIOSFODNN7EXAMPLE": "ASIAIOSFODNN7EXAMPLE",
		"a/b+c==":              "a/b+c==",
		"two words":            "'two words'",
		"it's":                 `'it'\''s'`,
		"$HOME `id` \\ \"":     "'$HOME `id` \\ \"'",
		"~":                    "'~'",
		"a;b|c&d\n#e*?[x]":     "'a;b|c&d\n#e*?[x]'",
		"grün":                 "'grün'",
	} {
		got := quote(s)
		if got != want {
			t.Errorf("quote(%q) = %s, want %s", s, got, want)
		}
		back, err := exec.Command(sh, "-c", "printf %s "+got).Output()
		if err != nil || string(back) != s {
			t.Errorf("a shell reads %s as %q (%v), want %q", got, back, err, s)
		}
	}
}

func FuzzQuoteNeverLetsACommandOut(f *testing.F) {
	f.Add("'; id #")
	f.Add("a'b''c")
	f.Add("$(id)")
	f.Fuzz(func(t *testing.T, s string) {
		got := quote(s)
		if got == s {
			if strings.ContainsAny(s, " \t\n'\"\\$`;|&<>()*?[]#~!{}") || s == "" {
				t.Errorf("quote(%q) leaves it bare", s)
			}
			return
		}
		inner := strings.TrimSuffix(strings.TrimPrefix(got, "'"), "'")
		if len(got) < 2 || strings.Contains(strings.ReplaceAll(inner, `'\''`, ""), "'") {
			t.Errorf("quote(%q) = %s ends its quotes early", s, got)
		}
		if strings.ReplaceAll(inner, `'\''`, "'") != s {
			t.Errorf("quote(%q) = %s holds another text", s, got)
		}
	})
}

// What the decoder says about broken JSON quotes it, so it is not passed on.
func TestCredentialsThatMakeNoSenseAreRefusedWithoutShowingThem(t *testing.T) {
	for _, format := range []string{"env", "json"} {
		_, err := credentialsAs(format, []byte(`{"SecretAccessKey":"wJalrEXAMPLEKEY" CANARY`))
		if err == nil || strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), "wJalr") {
			t.Errorf("%s: %v", format, err)
		}
		if e, ok := err.(*wire.Error); !ok || e.Hint == "" {
			t.Errorf("%s: no hint in %v", format, err)
		}
	}
	if _, err := credentialsAs("env", []byte(`{"AccessKeyId":"ASIAEXAMPLE"}`)); err == nil {
		t.Error("half of the credentials were exported")
	}
}
