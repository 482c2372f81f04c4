package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/ini.v1"

	"understudy/internal/awsconfig"
)

// FuzzOurReaderAgreesWithINI reads credentials files with our reader and with ini.v1,
// which has its own idea of lines and sections. What the two are known to read
// differently, our reader reports as a problem; such files are left to the corpus of
// internal/awsconfig.
func FuzzOurReaderAgreesWithINI(f *testing.F) {
	const corpus = "../internal/awsconfig/testdata/corpus"
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
			if len(b) < 4<<10 {
				f.Add(string(b))
			}
		}
	}
	f.Add("[a]\nregion = x # note\n  \n; no\n[b]\ns3 =\n  addressing_style = path\nregion=y\n[a]\noutput = json\n")
	f.Fuzz(func(t *testing.T, text string) {
		// ini.v1 reads on over lines after a backtick and three quotes.
		if strings.ContainsAny(text, "`\"\x00\r\v\f") {
			return
		}
		ours := awsconfig.Parse(awsconfig.Files{Config: "/config", Credentials: "/credentials"}, "", text)
		if slices.ContainsFunc(ours.Problems(), func(p awsconfig.Problem) bool { return !alike(p) }) || indentedHeader(text) {
			return
		}
		theirs, err := ini.LoadSources(ini.LoadOptions{
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
		want := map[string]map[string]string{}    // by section
		for _, s := range theirs.Sections()[1:] { // the first has the lines above all headers
			if want[s.Name()] == nil {
				want[s.Name()] = map[string]string{}
			}
			maps.Copy(want[s.Name()], lowerKeys(s.KeysHash()))
		}
		for _, name := range ours.Names() {
			p, ok := ours.Profile(name)
			if !ok {
				t.Fatalf("profile %q is named and not there, in %q", name, text)
			}
			got := map[string]string{}
			for _, v := range p.All() {
				got[strings.ToLower(v.Key)] = v.Text
			}
			for _, secret := range []string{"aws_secret_access_key", "aws_session_token"} { // All does not give them
				delete(got, secret)
				delete(want[name], secret)
			}
			if !maps.Equal(got, want[name]) {
				t.Fatalf("profile %q is %q, but ini.v1 finds %q in %q", name, got, want[name], text)
			}
		}
	})
}

// alike reports whether ini.v1 reads the lines of p as our reader does.
func alike(p awsconfig.Problem) bool {
	return strings.Contains(p.Text, "the section stands twice") || strings.Contains(p.Text, "a key with a colon") ||
		strings.Contains(p.Text, "byte order mark")
}

func indentedHeader(text string) bool {
	for line := range strings.Lines(text) {
		if inner := strings.TrimSpace(line); strings.HasPrefix(inner, "[") && line[0] != '[' {
			return true
		}
	}
	return false
}

func lowerKeys(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[strings.ToLower(k)] = v
	}
	return out
}
