// Package ini compares our reader of the configuration files with ini.v1. Unlike the
// rest of e2e it needs no programs, so that make fuzz-input can fuzz it.
package ini

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/ini.v1"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// FuzzOurReaderAgreesWithINI reads each text as a config file and as a credentials
// file, with our reader and with ini.v1, an independent parser. Where the two are
// known to differ, our reader reports a problem; such texts are skipped, and tested by
// the corpus of internal/awsconfig.
func FuzzOurReaderAgreesWithINI(f *testing.F) {
	alike := alikeProblems(f)
	const corpus = "../../internal/awsconfig/testdata/corpus"
	for _, pattern := range []string{"*.config", "*.credentials"} {
		paths, err := filepath.Glob(filepath.Join(corpus, pattern))
		if err != nil || len(paths) == 0 {
			f.Fatalf("no corpus: %v", err)
		}
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				f.Fatal(err)
			}
			if len(b) < 1<<10 {
				f.Add(string(b))
			} else { // the fuzzer would spend all its time minimizing a long seed
				compareAll(f, string(b), alike)
			}
		}
	}
	f.Add("[a]\nregion = x # note\n  \n; no\n[b]\ns3 =\n  addressing_style = path\nregion=y\n[a]\noutput = json\n")
	f.Add("[profile a]\ns3 =\n  addressing_style = path\n  # no\n\n  use = x=y\nregion: z\n[sso-session a]\nsso_region = b\n")
	f.Fuzz(func(t *testing.T, text string) { compareAll(t, text, alike) })
}

func compareAll(t testing.TB, text string, alike map[string]bool) {
	t.Helper()
	// After a backtick or three quotes, a value of ini.v1 continues over lines.
	if strings.ContainsAny(text, "`\"\x00\r\v\f") || indentedHeader(text) {
		return
	}
	compare(t, text, true, alike)
	compare(t, text, false, alike)
	// Our reader returns nested blocks only for services sections.
	compare(t, strings.ReplaceAll(text, "[profile ", "[services "), false, alike)
}

// alikeProblems returns the texts of the problems that our reader reports
// although ini.v1 reads the line alike.
func alikeProblems(f *testing.F) map[string]bool {
	alike := map[string]bool{}
	for _, sample := range []struct {
		text        string
		credentials bool
	}{
		{"[a]\nk = v\n[a]\nl = v\n", true}, // the same section again
		{"[a]\nk: v\n", true},              // a colon
		{"\ufeff[a]\nk = v\n", true},       // a byte order mark
		{"[profile a]\nk = v\n", true},     // a prefix where none belongs
		{"[a]\nk = v\n", false},            // no prefix where one belongs
		{"[Profile a]\nk = v\n", false},    // a prefix in the wrong case
		{"[default]\nk = v\n[profile default]\nl = v\n", false},
	} {
		problems := parse(sample.text, sample.credentials).Problems()
		if len(problems) != 1 {
			f.Fatalf("%q has %d problems, want 1", sample.text, len(problems))
		}
		alike[problems[0].Text] = true
	}
	return alike
}

func parse(text string, credentials bool) *awsconfig.Config {
	files := awsconfig.Files{Config: "/config", Credentials: "/credentials"}
	if credentials {
		return awsconfig.Parse(files, "", text)
	}
	return awsconfig.Parse(files, text, "")
}

func compare(t testing.TB, text string, credentials bool, alike map[string]bool) {
	t.Helper()
	ours := parse(text, credentials)
	if slices.ContainsFunc(ours.Problems(), func(p awsconfig.Problem) bool { return !alike[p.Text] }) {
		return
	}
	want := read(t, text, credentials)
	if names := ours.Names(); len(names) != len(want["profile"]) {
		t.Fatalf("the profiles are %q, but ini.v1 finds %q in %q", names, slices.Sorted(maps.Keys(want["profile"])), text)
	}
	for name, section := range want["profile"] {
		p, ok := ours.Profile(name)
		if !ok {
			t.Fatalf("profile %q is missing, but ini.v1 finds it in %q", name, text)
		}
		if got := keysOf(p, section.keys); !maps.Equal(got, section.keys) {
			t.Fatalf("profile %q is %q, but ini.v1 finds %q in %q", name, got, section.keys, text)
		}
	}
	if names := ours.SSOSessions(); len(names) != len(want["sso-session"]) {
		t.Fatalf("the sign-in sessions are %q, but ini.v1 finds %d in %q", names, len(want["sso-session"]), text)
	}
	everywhere := allKeys(want)
	for kind, find := range map[string]func(string) (*awsconfig.Section, bool){"sso-session": ours.SSOSession, "services": ours.Services} {
		for name, section := range want[kind] {
			s, ok := find(name)
			if !ok {
				t.Fatalf("%s %q is missing, but ini.v1 finds it in %q", kind, name, text)
			}
			if err := section.differs(s, everywhere); err != nil {
				t.Fatalf("%s %q: %v in %q", kind, name, err, text)
			}
		}
	}
}

// section is what ini.v1 finds below the headers of one name; keys are in lower case.
type section struct {
	keys   map[string]string
	blocks map[string]map[string]string
}

// read returns the sections by kind and name.
func read(t testing.TB, text string, credentials bool) map[string]map[string]section {
	t.Helper()
	file, err := ini.LoadSources(ini.LoadOptions{
		AllowNonUniqueSections:   true,
		AllowNestedValues:        true,
		InsensitiveKeys:          true,
		IgnoreContinuation:       true,
		SpaceBeforeInlineComment: true,
		SkipUnrecognizableLines:  true,
		PreserveSurroundedQuote:  true,
		ChildSectionDelimiter:    "\x00",
	}, []byte(text))
	if err != nil {
		t.Fatalf("ini.v1 refuses %q: %v", text, err)
	}
	all := map[string]map[string]section{"profile": {}, "sso-session": {}, "services": {}}
	prefixedDefault := false                // it replaces [default], wherever the two stand
	for _, s := range file.Sections()[1:] { // the first has the lines above all headers
		kind, name := "profile", strings.TrimSpace(s.Name())
		i := strings.IndexAny(name, " \t")
		prefixed := i > 0 && all[name[:i]] != nil
		switch {
		case credentials == prefixed && name != "default":
			continue // no reader takes it for a profile
		case prefixed:
			kind, name = name[:i], strings.TrimLeft(name[i:], " \t")
		}
		if kind == "profile" && name == "default" && !credentials && prefixed != prefixedDefault {
			if !prefixed {
				continue
			}
			prefixedDefault = true
			delete(all[kind], name)
		}
		if _, again := all[kind][name]; !again {
			all[kind][name] = section{map[string]string{}, map[string]map[string]string{}}
		}
		for _, k := range s.Keys() {
			key := strings.ToLower(k.Name())
			all[kind][name].keys[key] = k.Value()
			all[kind][name].blocks[key] = block(k.NestedValues())
		}
	}
	return all
}

// block returns the keys of a block's lines.
func block(lines []string) map[string]string {
	keys := map[string]string{}
	for _, line := range lines {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		keys[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
	}
	return keys
}

// keysOf returns the keys of a profile. Our reader does not return the secrets of an
// incomplete access key; these are copied from want.
func keysOf(p *awsconfig.Profile, want map[string]string) map[string]string {
	keys := map[string]string{}
	for _, v := range p.All() {
		keys[strings.ToLower(v.Key)] = v.Text
	}
	static, whole, _ := p.Keys()
	for key, secret := range map[string]credential.Secret{"aws_secret_access_key": static.SecretAccessKey, "aws_session_token": static.SessionToken} {
		if _, ok := keys[key]; !ok {
			continue
		}
		keys[key] = want[key]
		if whole {
			keys[key] = secret.Reveal()
		}
	}
	return keys
}

// allKeys are the keys of all sections and blocks. A reader that takes a line into the
// wrong section has one of these where ini.v1 has none.
func allKeys(kinds map[string]map[string]section) map[string]bool {
	all := map[string]bool{}
	for _, sections := range kinds {
		for _, s := range sections {
			for key := range s.keys {
				all[key] = true
				for nested := range s.blocks[key] {
					all[nested] = true
				}
			}
		}
	}
	return all
}

// differs reports what our reader reads differently, or finds and ini.v1 does not.
func (s section) differs(ours *awsconfig.Section, everywhere map[string]bool) error {
	for key := range everywhere {
		if got, ok := ours.Get(key); ok && !has(s.keys, key) {
			return fmt.Errorf("%s is %q, but ini.v1 finds none", key, got.Text)
		}
		for block := range s.blocks {
			if got, ok := ours.Nested(block, key); ok && !has(s.blocks[block], key) {
				return fmt.Errorf("%s of block %s is %q, but ini.v1 finds none", key, block, got.Text)
			}
		}
	}
	for key := range s.keys {
		if got, _ := ours.Get(key); got.Text != preferred(s.keys, key) {
			return fmt.Errorf("%s is %q, but ini.v1 finds %q", key, got.Text, preferred(s.keys, key))
		}
		for nested := range s.blocks[key] {
			if got, _ := ours.Nested(key, nested); got.Text != preferred(s.blocks[key], nested) {
				return fmt.Errorf("%s of block %s is %q, but ini.v1 finds %q", nested, key, got.Text, preferred(s.blocks[key], nested))
			}
		}
	}
	return nil
}

func has(keys map[string]string, key string) bool {
	key = strings.TrimPrefix(key, awsconfig.Prefix)
	_, plain := keys[key]
	_, prefixed := keys[awsconfig.Prefix+key]
	return plain || prefixed
}

// preferred is the value of a key, or of the one with our prefix, which overrides it.
func preferred(keys map[string]string, key string) string {
	key = strings.TrimPrefix(key, awsconfig.Prefix)
	if value, ok := keys[awsconfig.Prefix+key]; ok {
		return value
	}
	return keys[key]
}

func indentedHeader(text string) bool {
	for line := range strings.Lines(text) {
		if inner := strings.TrimSpace(line); strings.HasPrefix(inner, "[") && line[0] != '[' {
			return true
		}
	}
	return false
}
