package text

import (
	"os/exec"
	"strings"
	"testing"
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
		got := Quote(s)
		if got != want {
			t.Errorf("Quote(%q) = %s, want %s", s, got, want)
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
		got := Quote(s)
		if got == s {
			if strings.ContainsAny(s, " \t\n'\"\\$`;|&<>()*?[]#~!{}") || s == "" {
				t.Errorf("Quote(%q) leaves it bare", s)
			}
			return
		}
		inner := strings.TrimSuffix(strings.TrimPrefix(got, "'"), "'")
		if len(got) < 2 || strings.Contains(strings.ReplaceAll(inner, `'\''`, ""), "'") {
			t.Errorf("Quote(%q) = %s ends its quotes early", s, got)
		}
		if strings.ReplaceAll(inner, `'\''`, "'") != s {
			t.Errorf("Quote(%q) = %s holds another text", s, got)
		}
	})
}
