package adopt

import (
	"path/filepath"
	"strings"
	"testing"
)

// Each fixture holds what another tool keeps in the two files, what adopt makes
// of it, and what it says.
func TestWhatOtherToolsWroteIsUnderstoodAndGivenBack(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/from/*.txt")
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range fixtures {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			parts := fixture(t, path)
			f := Files{Files: paths, ConfigText: parts["config"], CredentialsText: parts["credentials"]}
			names, _ := Candidates(f)
			m := mover()
			c := m.Adopt(t.Context(), f, names)
			wantConfig, wantCredentials := parts["adopted/config"], parts["credentials"]
			if text, ok := parts["adopted/credentials"]; ok {
				wantCredentials = text
			}
			config, credentials := c.Texts()
			if config != wantConfig || credentials != wantCredentials {
				t.Errorf("adopt makes\n%s\n%s\nof it, not\n%s\n%s", config, credentials, wantConfig, wantCredentials)
			}
			var said, left strings.Builder
			for _, o := range c.Profiles {
				for _, note := range o.Notes {
					said.WriteString(o.Profile + ": " + note + "\n")
				}
				if o.State == Left {
					left.WriteString(o.Profile + ": " + o.Why.Reason + "\n")
				}
			}
			if said.String() != parts["said"] || left.String() != parts["left"] {
				t.Errorf("it says\n%s\nand leaves\n%s", said.String(), left.String())
			}
			to := Files{f.Files, config, credentials}
			config, credentials = Release(to, Plugged(to)).Texts()
			if config != f.ConfigText || credentials != f.CredentialsText {
				t.Errorf("release gives back\n%s\n%s", config, credentials)
			}
			roundTrip(t, m, f)
		})
	}
}

// fixture reads a file of parts, each below a line -- NAME --.
func fixture(t *testing.T, path string) map[string]string {
	t.Helper()
	parts := map[string]string{}
	_, rest, _ := strings.Cut("\n"+read(path), "\n-- ")
	for part := range strings.SplitSeq(rest, "\n-- ") {
		name, text, ok := strings.Cut(part, " --\n")
		if !ok {
			t.Fatalf("%s: no part begins with %q", path, part)
		}
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		parts[name] = text
	}
	return parts
}

// Released one by one, a profile takes along what was changed for it alone.
func TestAProfileOfAWSMFAIsGivenBackWithItsLongLivedKey(t *testing.T) {
	parts := fixture(t, "testdata/from/aws-mfa.txt")
	f := Files{Files: paths, ConfigText: parts["config"], CredentialsText: parts["credentials"]}
	for _, name := range []string{"work", "admin"} {
		c := mover().Adopt(t.Context(), f, []string{name})
		to := Files{Files: paths}
		to.ConfigText, to.CredentialsText = c.Texts()
		if c.Profiles[0].State != Moved || to.CredentialsText == f.CredentialsText {
			t.Fatalf("%s: %+v", name, c.Profiles[0])
		}
		if config, credentials := Release(to, []string{name}).Texts(); config != f.ConfigText || credentials != f.CredentialsText {
			t.Errorf("%s: released to\n%s\n%s", name, config, credentials)
		}
	}
}
