package adopt

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"understudy/internal/awsconfig"
)

const (
	madeUpID     = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
	madeUpSecret = "aws_secret_access_key = Canary/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
	plugIn       = "credential_process = " + helper + " base\nunderstudy_keys = keychain\n"
)

func TestImportTakesTheKeysLinesOutAndNoOther(t *testing.T) {
	for name, c := range map[string]struct{ config, credentials, wantConfig, wantCredentials string }{
		"alone in the credentials file": {
			"", "[base]\n" + madeUpID + madeUpSecret + "[other]\nx = y\n",
			"", "[base]\n" + plugIn + "[other]\nx = y\n"},
		"beside a section of the config file": {
			"[profile base]\nregion = r\n", "# mine\n[base]\n" + madeUpID + madeUpSecret + "\n[other]\nx = y\n",
			"[profile base]\n" + plugIn + "region = r\n", "# mine\n[other]\nx = y\n"},
		"with a comment of its own": {
			"[profile base]\n", "[base]\n# alice's\n" + madeUpID + madeUpSecret,
			"[profile base]\n" + plugIn, "[base]\n# alice's\n"},
		"in the config file": {
			"[default]\n" + madeUpID + "region = r\n" + madeUpSecret + "[profile base]\n  " + madeUpID + "  " + madeUpSecret + "  s3 =\n    a = b\n", "",
			"[default]\n" + madeUpID + "region = r\n" + madeUpSecret + "[profile base]\n  " + strings.ReplaceAll(strings.TrimSpace(plugIn), "\n", "\n  ") + "\n  s3 =\n    a = b\n", ""},
		"twice the same": {
			"[profile base]\n" + madeUpID + madeUpSecret, "[base]\n" + madeUpID + madeUpSecret,
			"[profile base]\n" + plugIn, ""},
		"a role that signs with its own": {
			"[profile base]\nrole_arn = arn:aws:iam::123456789012:role/A\nsource_profile = base\n" + madeUpID + madeUpSecret, "",
			"[profile base]\nunderstudy_keys = keychain\nrole_arn = arn:aws:iam::123456789012:role/A\nsource_profile = base\n", ""},
		"another program beside it": {
			"[profile base]\ncredential_process = /opt/x\n", "[base]\n" + madeUpID + madeUpSecret,
			"[profile base]\nunderstudy_keys = keychain\ncredential_process = /opt/x\n", ""},
		"begun before": {
			"[profile base]\n" + plugIn, "[base]\n" + madeUpID + madeUpSecret,
			"[profile base]\n" + plugIn, ""},
		"with carriage returns": {
			"", "[base]\r\n" + strings.ReplaceAll(madeUpID+madeUpSecret, "\n", "\r\n"),
			"", "[base]\r\n" + strings.ReplaceAll(plugIn, "\n", "\r\n")},
	} {
		f := Files{Files: paths, ConfigText: c.config, CredentialsText: c.credentials}
		change, keys := mover().Import(f, []string{"base"})
		config, credentials := change.Texts()
		if o := change.Profiles[0]; o.State != Moved || config != c.wantConfig || credentials != c.wantCredentials {
			t.Errorf("%s: %+v\n%q\n%q, want\n%q\n%q", name, o.Why, config, credentials, c.wantConfig, c.wantCredentials)
		}
		if keys[0].AccessKeyID != "AKIAIOSFODNN7EXAMPLE" || !strings.HasPrefix(keys[0].SecretAccessKey.Reveal(), "Canary") {
			t.Errorf("%s: not the key", name)
		}
		again, _ := mover().Import(Files{Files: paths, ConfigText: config, CredentialsText: credentials}, []string{"base"})
		if again.Profiles[0].State != Already || again.Config.Changed() || again.Credentials.Changed() {
			t.Errorf("%s: once more: %+v", name, again.Profiles[0])
		}
	}
}

func TestImportLeavesWhatItCouldLose(t *testing.T) {
	for name, c := range map[string]struct{ config, credentials, reason string }{
		"no key":                {"[profile base]\nregion = r\n", "", "has no key in plain text"},
		"no such profile":       {"", "", `no profile "base"`},
		"half a key":            {"", "[base]\n" + madeUpID, "has aws_access_key_id without aws_secret_access_key"},
		"a temporary one":       {"", "[base]\n" + madeUpID + madeUpSecret + "aws_session_token = x\n", "credentials:4: aws_session_token says that the key is temporary"},
		"two keys":              {"[profile base]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n", "[base]\n" + madeUpID + madeUpSecret, "config:2: aws_access_key_id is another than in the key of"},
		"two secrets":           {"", "[base]\naws_secret_access_key = other\n" + madeUpID + madeUpSecret, "credentials:2: aws_secret_access_key is another"},
		"half of another":       {"[profile base]\naws_secret_access_key = other\n", "[base]\n" + madeUpID + madeUpSecret, "config:2: aws_secret_access_key is another"},
		"an empty line of it":   {"[profile base]\naws_secret_access_key =\n", "[base]\n" + madeUpID + madeUpSecret, "config:2: aws_secret_access_key is empty"},
		"more below":            {"", "[base]\n" + madeUpID + madeUpSecret + "  of it\n", "credentials:3: there is more below aws_secret_access_key"},
		"another in its place":  {"[profile base]\nunderstudy_keys = vault\n", "[base]\n", "has no key in plain text"},
		"what comes to be more": {"[profile base]\ns3 =\n" + madeUpID + "  region = r\n" + madeUpSecret, "", "config:4 would be read otherwise"},
	} {
		f := Files{Files: paths, ConfigText: c.config, CredentialsText: c.credentials}
		change, keys := mover().Import(f, []string{"base"})
		o := change.Profiles[0]
		if o.State != Left || !strings.Contains(o.Why.Reason, c.reason) || o.Why.Hint == "" || change.Config.Changed() || change.Credentials.Changed() {
			t.Errorf("%s: %v %+v", name, o.State, o.Why)
		}
		if keys[0].AccessKeyID != "" || o.Why != nil && strings.Contains(o.Why.Reason+o.Why.Hint, "Canary") {
			t.Errorf("%s: the key is shown", name)
		}
	}
}

func TestAProfileIsMarkedWhereItHasNoKeyInAFile(t *testing.T) {
	for name, c := range map[string]struct {
		config, want string
		state        State
		why          string
	}{
		"bare":        {"[profile base]\nregion = r\n", "[profile base]\n" + plugIn + "region = r\n", Moved, ""},
		"a role":      {"[profile base]\nunderstudy_role_arn = x\ncredential_process = " + helper + " base\n", "[profile base]\nunderstudy_keys = keychain\nunderstudy_role_arn = x\ncredential_process = " + helper + " base\n", Moved, ""},
		"already":     {"[profile base]\nunderstudy_keys = keychain\n", "[profile base]\nunderstudy_keys = keychain\n", Already, ""},
		"plain":       {"[profile base]\n" + madeUpID + madeUpSecret, "", Left, "config:2: aws_access_key_id stands here in plain text"},
		"other value": {"[profile base]\nunderstudy_keys = x\n", "", Left, "something else"},
		"none":        {"", "", Left, "no profile"},
	} {
		f := Files{Files: paths, ConfigText: c.config}
		change := mover().Mark(f, "base")
		o := change.Profiles[0]
		config, _ := change.Texts()
		if c.want == "" {
			c.want = c.config
		}
		if o.State != c.state || config != c.want || c.why != "" && !strings.Contains(o.Why.Reason, c.why) {
			t.Errorf("%s: %v %+v\n%q", name, o.State, o.Why, config)
		}
	}
}

// An SDK that took the key before the rest of the profile goes by the rest then.
func TestImportTellsOfAProfileThatSDKsServeAnotherWayFromThenOn(t *testing.T) {
	for rest, want := range map[string]bool{"credential_process = /opt/x\n": true, "role_arn = x\nsource_profile = base\n": true, "region = r\n": false, plugIn: false} {
		f := Files{Files: paths, ConfigText: "[profile base]\n" + rest, CredentialsText: "[base]\n" + madeUpID + madeUpSecret}
		change, _ := mover().Import(f, []string{"base"})
		notes := strings.Join(change.Profiles[0].Notes, "\n")
		if got := strings.Contains(notes, "run: understudy adopt base"); got != want || change.Profiles[0].State != Moved {
			t.Errorf("%q: says %q", rest, notes)
		}
	}
}

func TestReleaseTellsOfAKeyThatNoSDKGetsToAnyMore(t *testing.T) {
	c := Release(Files{Files: paths, ConfigText: "[profile base]\n" + plugIn}, []string{"base"})
	if notes := strings.Join(c.Profiles[0].Notes, "\n"); !strings.Contains(notes, "config:3: the key stays in the keychain") {
		t.Errorf("says %q", notes)
	}
}

func TestPlainKeysAreThoseThatHaveNoEnd(t *testing.T) {
	f := Files{Files: paths, ConfigText: "[profile a]\n" + madeUpID + madeUpSecret + "[profile b]\nregion = r\n",
		CredentialsText: "[c]\n" + madeUpID + madeUpSecret + "aws_session_token = x\n[d]\n" + madeUpID + madeUpSecret + "aws_session_token =\n[e]\n" + madeUpID}
	if got := PlainKeys(f); !slices.Equal(got, []string{"a", "d", "e"}) {
		t.Errorf("%q", got)
	}
}

// imported holds what has to be true of any two files, and returns how many keys
// were taken.
func imported(t *testing.T, f Files) (moved int) {
	t.Helper()
	names := f.Parse().Names()
	change, keys := mover().Import(f, names)
	to := Files{Files: f.Files}
	to.ConfigText, to.CredentialsText = change.Texts()
	before, after := f.Parse(), to.Parse()
	for i, o := range change.Profiles {
		was, _ := before.Profile(o.Profile)
		is, ok := after.Profile(o.Profile)
		if !ok {
			t.Fatalf("%s is gone\n%q\n%q", o.Profile, f.ConfigText, f.CredentialsText)
		}
		old, had, _ := was.Keys()
		now, has, _ := is.Keys()
		if o.State != Moved {
			if had != has || old.AccessKeyID != now.AccessKeyID || !old.SecretAccessKey.Equal(now.SecretAccessKey) {
				t.Fatalf("%s was left, and has another key\n%q\n%q", o.Profile, f.ConfigText, f.CredentialsText)
			}
			continue
		}
		moved++
		if v, _ := is.Get("keys"); has || v.Text != "keychain" || keys[i].AccessKeyID != old.AccessKeyID || !keys[i].SecretAccessKey.Equal(old.SecretAccessKey) {
			t.Fatalf("%s is not moved\n%q\n%q", o.Profile, to.ConfigText, to.CredentialsText)
		}
	}
	onlyKeysGo(t, f.ConfigText, to.ConfigText)
	onlyKeysGo(t, f.CredentialsText, to.CredentialsText)
	return moved
}

// onlyKeysGo holds a text against what Import made of it, line by line: what went
// is a part of a key or of a section that has nothing else, what came is ours.
func onlyKeysGo(t *testing.T, was, is string) {
	t.Helper()
	ours := func(line string) bool {
		line = strings.TrimSpace(line)
		return line == inKeychain || strings.HasPrefix(line, "credential_process = "+helper+" ")
	}
	left := strings.Split(is, "\n")
	for line := range strings.SplitSeq(was, "\n") {
		for len(left) > 0 && ours(left[0]) && strings.TrimRight(left[0], "\r") != strings.TrimRight(line, "\r") {
			left = left[1:]
		}
		if len(left) > 0 && strings.TrimRight(left[0], "\r") == strings.TrimRight(line, "\r") {
			left = left[1:]
			continue
		}
		text := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(line), "\ufeff"))
		if text != "" && !strings.HasPrefix(text, "aws_") && !strings.Contains(text, "]") {
			t.Fatalf("%q went\n%q\n%q", line, was, is)
		}
	}
	for _, line := range left {
		if line != "" && !ours(line) {
			t.Fatalf("%q came\n%q\n%q", line, was, is)
		}
	}
}

func TestImportChangesNothingElseOfAnyFile(t *testing.T) {
	files, moved := 3000, 0
	for seed := range uint64(files) {
		moved += imported(t, odd(rand.New(rand.NewPCG(seed, 7))))
	}
	t.Logf("%d keys of %d pairs of files", moved, files)
	if moved < files/4 {
		t.Errorf("only %d keys were taken: the test sees too little", moved)
	}
}

func FuzzImport(f *testing.F) {
	for seed := range uint64(20) {
		one := odd(rand.New(rand.NewPCG(seed, 8)))
		f.Add(one.ConfigText, one.CredentialsText)
	}
	f.Fuzz(func(t *testing.T, config, credentials string) {
		one := Files{Files: awsconfig.Files(paths), ConfigText: config, CredentialsText: credentials}
		change, _ := mover().Import(one, one.Parse().Names())
		to := Files{Files: one.Files}
		to.ConfigText, to.CredentialsText = change.Texts()
		after := to.Parse()
		for _, o := range change.Profiles {
			p, ok := after.Profile(o.Profile)
			if o.State != Moved {
				continue
			}
			if !ok {
				t.Fatalf("%s is gone", o.Profile)
			}
			if _, has, _ := p.Keys(); has {
				t.Fatalf("%s has a plain key still\n%q\n%q", o.Profile, to.ConfigText, to.CredentialsText)
			}
		}
	})
}

// Twice the profiles must not be four times the work.
func TestImportOfManyKeysIsLinear(t *testing.T) {
	allocations := func(profiles int) float64 {
		var text strings.Builder
		for i := range profiles {
			fmt.Fprintf(&text, "[p%d]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n\n", i)
		}
		f := Files{Files: awsconfig.Files{Config: "/config", Credentials: "/credentials"}, CredentialsText: text.String()}
		names := PlainKeys(f)
		m := &Mover{Helper: "/usr/bin/understudy-credentials"}
		return testing.AllocsPerRun(1, func() {
			if c, _ := m.Import(f, names); len(c.Profiles) != profiles || c.Profiles[0].State != Moved {
				t.Errorf("%d profiles, the first %+v", len(c.Profiles), c.Profiles[0])
			}
		})
	}
	if once, twice := allocations(200), allocations(400); twice > 2.2*once {
		t.Errorf("%.0f allocations for 200 keys, %.0f for 400", once, twice)
	}
}
