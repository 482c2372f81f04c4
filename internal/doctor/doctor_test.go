package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/source"
	"understudy/internal/status"
	"understudy/internal/wire"
)

const base = "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"

// good is a profile as docs tell people to write it; its last line is 5.
const good = `[profile prod]
region = eu-west-1
credential_process = /opt/understudy-credentials prod
understudy_role_arn = arn:aws:iam::123456789012:role/Admin
understudy_source_profile = base
`

// patient is the facts of two files in a machine where all is well but for the
// plain keys.
type patient struct {
	Facts
	files map[string]File
	env   map[string]string
}

func newPatient(t *testing.T, config, credentials string) *patient {
	t.Helper()
	dir := t.TempDir()
	p := &patient{env: map[string]string{}}
	p.Facts.Files = awsconfig.Files{Config: filepath.Join(dir, "config"), Credentials: filepath.Join(dir, "credentials")}
	for path, text := range map[string]string{p.Facts.Files.Config: config, p.Facts.Files.Credentials: credentials} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.files = map[string]File{
		dir:                           {Mode: fs.ModeDir | 0o700, Mine: true, Modes: true},
		p.Facts.Files.Config:          {Mode: 0o600, Mine: true, Modes: true},
		p.Facts.Files.Credentials:     {Mode: 0o600, Mine: true, Modes: true},
		"/opt/understudy-credentials": {Mode: 0o755, Mine: true, Modes: true},
		"/state":                      {Mode: fs.ModeDir | 0o700, Mine: true, Modes: true},
		"/run/socket":                 {Mode: fs.ModeSocket | 0o600, Mine: true, Modes: true},
	}
	read := (&awsconfig.Reader{}).Read
	var err error
	if p.Config, err = read(t.Context(), p.Facts.Files); err != nil {
		t.Fatal(err)
	}
	p.Profiles, p.Version = p.Config.Names(), "1"
	p.Getenv = func(name string) string { return p.env[name] }
	p.Stat = func(path string) (File, error) {
		if st, ok := p.files[path]; ok {
			return st, nil
		}
		return File{}, fs.ErrNotExist
	}
	p.LookPath = func(name string) (string, error) { return "", errors.New("not there") }
	p.HelperVersion = func(string) (string, error) { return "1", nil }
	resolver := &source.Resolver{Read: read}
	p.Plan = func(name string) (*credential.Plan, error) {
		return resolver.Resolve(context.Background(), credential.Query{
			Profile: name, ConfigFile: p.Facts.Files.Config, CredentialsFile: p.Facts.Files.Credentials,
		})
	}
	p.Machine = &Machine{
		Socket: "/run/socket", State: "/state",
		Daemon:   &status.Daemon{Version: "1", Store: "keychain"},
		Keychain: Keychain{Mode: "auto", Reading: 5 * time.Millisecond},
		STS:      []source.Clock{{Host: "sts.eu-west-1.amazonaws.com"}},
	}
	return p
}

// found is what is found, each in one line, but for the plain keys of base.
func (p *patient) found() []string {
	var all []string
	for _, f := range Examine(&p.Facts) {
		if f.Check == "plain-keys" && f.Profile == "base" {
			continue
		}
		where := ""
		if f.File != "" {
			where = fmt.Sprintf(" %s:%d", filepath.Base(f.File), f.Line)
		}
		run := ""
		if f.Run {
			run = " run " + f.Mend
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Severity, f.Check, f.Profile))+where+run)
	}
	return all
}

func (p *patient) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := p.found(); !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestNothingIsFoundWhereNothingIsWrong(t *testing.T) {
	p := newPatient(t, good, base)
	p.expect(t)
	p.Machine = nil
	p.expect(t)
}

func TestAPlainKeyInAFileIsAWarningWithItsLine(t *testing.T) {
	p := newPatient(t, good, base)
	found := Examine(&p.Facts)
	if len(found) != 1 || found[0].Check != "plain-keys" || found[0].Severity != Warning || found[0].Line != 2 || found[0].Mend != "understudy keys import base" || !Sick(found) {
		t.Errorf("found %+v", found)
	}
	if text, err := json.Marshal(found); err != nil || strings.Contains(string(text), "wJalr") {
		t.Errorf("%s, %v", text, err)
	}
	session := newPatient(t, good, base+"aws_session_token = made-up\n")
	if found := Examine(&session.Facts); len(found) != 0 {
		t.Errorf("of a session: %+v", found)
	}
}

func TestANoteAloneIsNoSickness(t *testing.T) {
	if Sick([]Finding{{Severity: Note}}) || !Sick([]Finding{{Severity: Note}, {Severity: Warning}}) || !Sick([]Finding{{Severity: Error}}) {
		t.Error("notes count, or the others do not")
	}
}

func TestTheWorstOfAProfileComesFirstAndProfilesInTheirOrder(t *testing.T) {
	p := newPatient(t, "stray\n"+good+"external_id = xx\nrole_arn = x\n[profile a]\nrole_arn = arn:aws:iam::123456789012:role/A\nsource_profile = base\n", base)
	p.Machine.Daemon = nil
	p.expect(t,
		"error line config:1",
		"note daemon run understudy daemon start",
		"error role-beside prod config:8",
		"note not-plugged-in a config:9 run understudy adopt a",
	)
}

func TestAProfileThatIsAskedForIsNotBotheredWithOthers(t *testing.T) {
	p := newPatient(t, good+"[profile other]\noutput = x # y\n[profile twice]\nregion = a\nregion = b\n[profile none]\nregion = x\n", base)
	p.Asked, p.Profiles = "prod", []string{"prod", "base"}
	p.expect(t, "error line twice config:10")
	p.Asked, p.Profiles = "none", []string{"none"}
	p.expect(t, "error line twice config:10", "error config none config:11")
}

func TestAFailureOfOursIsTakenApart(t *testing.T) {
	for reason, want := range map[string]string{
		"/a/config:12: role_arn x": "/a/config 12 role_arn x",
		"no profile: x":            " 0 no profile: x",
		"/a/config:0: x":           " 0 /a/config:0: x",
		"/a/config:x: y":           " 0 /a/config:x: y",
		"a:1: x":                   " 0 a:1: x",
	} {
		file, line, rest := place(reason)
		if got := fmt.Sprintf("%s %d %s", file, line, rest); got != want {
			t.Errorf("%q is %q, want %q", reason, got, want)
		}
	}
	for hint, want := range map[string]mend{
		"to see why, run: understudy daemon run":        {"understudy daemon run", true},
		"if it is yours: understudy trust /x y":         {"understudy trust /x y", true},
		"put them there: understudy keys add x":         {"understudy keys add x", true},
		"see: understudy daemon logs; please report it": {"see: understudy daemon logs; please report it", false},
		"did you mean a?":                               {"did you mean a?", false},
		"or run: aws configure":                         {"or run: aws configure", false},
	} {
		if got := hinted(hint); got != want {
			t.Errorf("%q is %+v", hint, got)
		}
	}
	if got := run("understudy", "adopt", "my x"); got.text != "understudy adopt 'my x'" {
		t.Errorf("a name with a blank: %s", got.text)
	}
}

func TestARefusalIsAFindingWithItsPlace(t *testing.T) {
	p := newPatient(t, "", "")
	p.Broken = &credential.Failure{Code: wire.BadConfig, Reason: "/x/config may not be read", Hint: "chmod"}
	p.expect(t, "error unreadable")
}
