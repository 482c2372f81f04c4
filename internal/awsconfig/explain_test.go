package awsconfig

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"understudy/internal/wire"
)

func TestTheNearestNamesAreThoseOneMeans(t *testing.T) {
	c := read(t, "[profile prod]\n[profile prod-admin]\n[profile staging]\n[profile dev]\n[default]\n", "[base]\n[Production]\n")
	for name, want := range map[string][]string{
		"prd":        {"prod"},
		"pord":       {"prod"},
		"PROD":       {"prod", "prod-admin", "Production"},
		"prod-admim": {"prod-admin", "prod"},
		"stagin":     {"staging"},
		"defualt":    {"default"},
		"x":          nil,
		"":           nil,
		"unheard-of": nil,
	} {
		if got := c.Nearest(name); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestAnUnknownProfileIsExplained(t *testing.T) {
	broken := "[profile ok]\nregion = a\n[profile half\nregion = b\n[bare]\n[Profile big]\n"
	for _, c := range []struct {
		config, credentials, name string
		code                      wire.Code
		at, hint                  string
	}{
		{broken, "", "ok", "", "", ""},
		{broken, "", "half", wire.BadConfig, "config:3", "write [profile half] there"},
		{broken, "", "bare", wire.BadConfig, "config:5", "write [profile bare] there"},
		{broken, "", "big", wire.BadConfig, "config:6", "write [profile big] there"},
		{broken, "", "okk", wire.UnknownProfile, "", "did you mean ok?"},
		{broken, "", "other", wire.UnknownProfile, "", "understudy list for those there are; or add [profile other] to "},
		{broken, "", "default", wire.UnknownProfile, "", "add [default] to "},
		{"", "", "other", wire.UnknownProfile, "", "nothing stands in "},
		{"", "[profile x]\n", "x", wire.BadConfig, "credentials:1", "write [x] there"},
		{"[default\nregion = a\n", "", "default", wire.BadConfig, "config:1", "write [default] there"},
		{"[\nregion = a\n", "", "x", wire.BadConfig, "config:1", "write [profile x] there"},
		{"profile x]\n", "", "x", wire.BadConfig, "config:1", "write [profile x] there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := read(t, c.config, c.credentials)
			f := cfg.Explain(c.name)
			if c.code == "" {
				if f != nil {
					t.Errorf("a profile that is there: %v", f)
				}
				return
			}
			if f == nil || f.Code != c.code || !strings.Contains(f.Reason, c.at) || !strings.Contains(f.Hint, c.hint) {
				t.Errorf("got %#v", f)
			}
		})
	}
}

func TestProblemsOfOneFileAreBounded(t *testing.T) {
	c := read(t, "[profile x]\n"+strings.Repeat("junk\n", 5*maxProblems), "")
	p := c.Problems()
	if len(p) != maxProblems+1 || p[maxProblems].Text != noteMore {
		t.Errorf("%d problems, the last %v", len(p), p[len(p)-1])
	}
}

func TestProblemsQuoteNoLine(t *testing.T) {
	secret := "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	c := read(t, "[profile x]\n"+secret+"\n"+secret+"=\n"+secret+"=\n"+secret+" # c\n  "+secret+"\n["+"\n"+secret+"\n",
		secret+"\n[x]\naws_secret_access_key = \""+secret+"\"\naws_secret_access_key "+secret+"\n")
	if len(c.Problems()) < 5 {
		t.Fatalf("too few problems to prove it: %v", c.Problems())
	}
	p := profile(t, c, "x")
	keys, _, err := p.Keys()
	all := fmt.Sprintf("%v %+v %v %v %+v %#v %v %+v", c.Problems(), c, c.Explain("y"), p, p, p, err, keys)
	if strings.Contains(all, secret) {
		t.Errorf("a secret is printed: %s", all)
	}
}
