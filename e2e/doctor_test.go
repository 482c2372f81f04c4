//go:build linux

package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"understudy/internal/keychain/keyringtest"
	"understudy/internal/sandbox"
	"understudy/internal/testbed"
)

// What an SDK makes of a profile that names the helper.
const (
	served  = "served"  // it asks the helper and signs with what that gave
	passes  = "passes"  // it does not ask, and goes on with other credentials
	refuses = "refuses" // it does not ask, and does not go on
	spoils  = "spoils"  // it asks, and does something else than sign with the answer
)

// shadow is something that keeps a profile from reaching understudy, which
// doctor finds, and what the SDKs do with it: the AWS CLI, boto3, Go and
// JavaScript, in this order.
type shadow struct {
	name                string
	check               string // of doctor's
	config, credentials string // beside the profile; %s is the helper
	line                string // in place of "%s actor"
	plain               bool   // nothing is said to understudy: the helper was put beside what was there
	vars                map[string]string
	sees                [4]string
}

const (
	other     = "role_arn = arn:aws:iam::123456789012:role/Other\n"
	token     = "web_identity_token_file = /nonexistent\n"
	static    = "aws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = made-up\n"
	inlineSSO = "sso_start_url = https://portal.invalid/start\nsso_region = us-east-1\n"
)

var shadows = []shadow{
	{name: "a helper beside a role", check: "role-beside", plain: true, config: "role_arn = " + standRole + "\nsource_profile = base\n", sees: [4]string{passes, passes, refuses, passes}},
	{name: "a role and its source", check: "role-beside", config: other + "source_profile = base\n", sees: [4]string{passes, passes, refuses, passes}},
	{name: "a role alone", check: "role-beside", config: other, sees: [4]string{refuses, refuses, spoils, served}},
	{name: "a role and a place", check: "role-beside", config: other + "credential_source = Environment\n", sees: [4]string{refuses, refuses, refuses, served}},
	{name: "a role and a token", check: "role-beside", config: other + token, sees: [4]string{refuses, refuses, refuses, refuses}},
	{name: "a source alone", check: "signer-beside", config: "source_profile = base\n", sees: [4]string{served, served, refuses, served}},
	{name: "a token alone", check: "web-identity-beside", config: token, sees: [4]string{refuses, refuses, refuses, spoils}},
	{name: "Identity Center", check: "sso-beside", config: inlineSSO + "sso_account_id = 123456789012\nsso_role_name = Other\n", sees: [4]string{refuses, refuses, refuses, served}},
	{name: "a part of Identity Center", check: "sso-beside", config: "sso_account_id = 123456789012\n", sees: [4]string{refuses, refuses, refuses, served}},
	{name: "a session of Identity Center", check: "sso-beside", config: "sso_session = one\n[sso-session one]\n" + inlineSSO, sees: [4]string{served, served, refuses, served}},
	{name: "aws login", check: "login-beside", config: "login_session = arn:aws:iam::123456789012:user/x\n", sees: [4]string{refuses, refuses, refuses, served}},
	{name: "keys in the credentials file", check: "keys-beside", credentials: "[actor]\n" + static, sees: [4]string{passes, passes, passes, passes}},
	{name: "keys in the config file", check: "keys-beside", config: static, sees: [4]string{served, served, passes, passes}},
	{name: "half a key", check: "keys-beside", credentials: "[actor]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\n", sees: [4]string{refuses, refuses, refuses, served}},
	{name: "another program", check: "process-beside", credentials: "[actor]\ncredential_process = /bin/false\n", sees: [4]string{refuses, refuses, refuses, refuses}},
	{name: "keys in the environment", check: "env-keys", vars: map[string]string{"AWS_ACCESS_KEY_ID": "AKIAI44QH8DHBEXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up"},
		sees: [4]string{passes, passes, passes, served}},
	{name: "half a key in the environment", check: "env-keys", vars: map[string]string{"AWS_ACCESS_KEY_ID": "AKIAI44QH8DHBEXAMPLE"}, sees: [4]string{refuses, refuses, served, served}},
	{name: "a token in the environment", check: "env-web-identity", vars: map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/Other"},
		sees: [4]string{refuses, refuses, refuses, served}},
	{name: "two profiles in the environment", check: "env-profile", vars: map[string]string{"AWS_DEFAULT_PROFILE": "base"}, sees: [4]string{passes, passes, served, served}},
	{name: "a home as ~", check: "command-line", line: "~/bin/understudy-credentials actor", sees: [4]string{refuses, refuses, served, served}},
	{name: "a home as a variable", check: "command-line", line: "$HOME/bin/understudy-credentials actor", sees: [4]string{refuses, refuses, served, served}},
	{name: "a semicolon", check: "command-line", line: "%s actor;", sees: [4]string{spoils, spoils, served, served}},
	{name: "quotes round it all", check: "command-line", line: `"%s actor"`, sees: [4]string{refuses, refuses, served, refuses}},
	{name: "a comment behind it", check: "line", line: "%s actor # mine", sees: [4]string{spoils, spoils, served, served}},
	{name: "two names", check: "helper-profile", line: "%s actor base", sees: [4]string{spoils, spoils, spoils, spoils}},
	{name: "a name that there is not", check: "helper-profile", line: "%s acter", sees: [4]string{spoils, spoils, spoils, spoils}},
}

// tell writes the profile actor with the shadow over it.
func (c shadow) tell(w *world, url, helper string) {
	line := c.line
	if line == "" {
		line = "%s actor"
	}
	if strings.Contains(line, "%s") {
		line = fmt.Sprintf(line, helper)
	}
	w.Write(".aws/credentials", testbed.UserKeys("base")+c.credentials)
	ours := "understudy_role_arn = " + standRole + "\nunderstudy_source_profile = base\n"
	if c.plain {
		ours = ""
	}
	w.Write(".aws/config", fmt.Sprintf(`[profile base]
region = us-east-1
endpoint_url = %[1]s
[profile actor]
region = us-east-1
endpoint_url = %[1]s
credential_process = %[2]s
`, url, line)+ours+c.config)
}

// finding is one of `understudy doctor --json`.
type finding struct {
	Severity, Check, Profile, File, What, Why, Mend string
	Line                                            int
	Run                                             bool
}

// doctor returns what it finds, of the checks named alone where some are.
func (w *world) doctor(checks ...string) (found []finding) {
	w.t.Helper()
	o := w.Understudy("doctor", "actor", "--json")
	var all struct{ Findings []finding }
	if err := json.Unmarshal([]byte(o.Stdout), &all); err != nil || o.Status > 1 || o.Stderr != "" {
		w.t.Fatalf("%v: %v", o, err)
	}
	for _, f := range all.Findings {
		if len(checks) == 0 || strings.Contains(" "+strings.Join(checks, " ")+" ", " "+f.Check+" ") {
			found = append(found, f)
		}
	}
	return found
}

// Every finding that says which SDK passes understudy by is held against those
// SDKs: that they do, and that they do not once it is mended.
func TestWhatTheDoctorSaysOfAnSDKIsWhatItDoes(t *testing.T) {
	all := sdks(t)
	for n, c := range shadows {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, m := newWorld(t), newMirror(t)
			helper, runs := w.counted()
			w.Vars["AWS_EC2_METADATA_DISABLED"] = "true"
			w.Vars["AWS_PROFILE"] = "actor"
			see := func(s sdk) (string, outcome) {
				runs()
				m.last()
				o := w.Run(s.command(w, "s3")...)
				asked, key := runs() > 0, m.last()
				// The helper itself, asked for what it is to serve.
				ours := w.Run(helper, "actor")
				runs()
				switch {
				case asked && o.Status == 0 && strings.Contains(ours.Stdout, `"`+key+`"`):
					return served, o
				case asked:
					return spoils, o
				case o.Status == 0:
					return passes, o
				}
				return refuses, o
			}
			c.tell(w, m.URL, helper)
			maps.Copy(w.Vars, c.vars)
			found := w.doctor(c.check)
			if len(found) != 1 || found[0].Severity != "error" {
				t.Fatalf("doctor finds %+v, want one error of %s; all: %+v", found, c.check, w.doctor())
			}
			for i, s := range all {
				got, o := see(s)
				if got != c.sees[i] {
					t.Errorf("%s %s, want %s: %v", s.name, got, c.sees[i], o)
				}
				name := strings.TrimSuffix(strings.TrimSuffix(s.name, " SDK"), "Script") // Go, Java, AWS CLI, boto3
				said := found[0].What + found[0].Why
				if (got == passes || got == refuses) && !strings.Contains(said, name) && !strings.Contains(said, "every SDK") {
					t.Errorf("%s %s, and the finding does not name it: %s", s.name, got, said)
				}
			}

			c.mend(w, m.URL, helper, found[0])
			if left := w.doctor(c.check); len(left) != 0 {
				t.Errorf("mended, doctor still finds %+v", left)
			}
			// One of those that it was kept from; another in the next case.
			for i := range all {
				i = (i + n) % len(all)
				if c.sees[i] == served {
					continue
				}
				if got, o := see(all[i]); got != served {
					t.Errorf("mended, %s %s: %v", all[i].name, got, o)
				}
				break
			}
		})
	}
}

func TestKeysInTheEnvironmentGoBeforeADefaultAndNotBeforeAnExplicitProfile(t *testing.T) {
	t.Parallel()
	all := sdks(t)
	w, m := newWorld(t), newMirror(t)
	helper, runs := w.counted()
	shadow{}.tell(w, m.URL, helper)
	w.Append(".aws/config", "[default]\nregion = us-east-1\nendpoint_url = "+m.URL+"\ncredential_process = "+helper+" actor\n")
	w.Vars["AWS_ACCESS_KEY_ID"], w.Vars["AWS_SECRET_ACCESS_KEY"] = "AKIAI44QH8DHBEXAMPLE", "made-up"
	for _, s := range all {
		if o := w.Run(s.command(w, "s3")...); o.Status != 0 || m.last() != "AKIAI44QH8DHBEXAMPLE" || runs() != 0 {
			t.Errorf("%s asks the helper: %v", s.name, o)
		}
	}
	if o := w.Run(append(all[0].command(w, "s3"), "--profile", "actor")...); o.Status != 0 || runs() != 1 {
		t.Errorf("--profile does not go before the environment: %v", o)
	}
}

// No SDK tells a helper whom it is run for.
func TestAHelperWithoutANameServesAnotherProfileThanTheOneGiven(t *testing.T) {
	t.Parallel()
	cli := sdks(t)[0]
	w, m := newWorld(t), newMirror(t)
	helper, runs := w.counted()
	shadow{line: "%s"}.tell(w, m.URL, helper)
	if found := w.doctor("helper-profile"); len(found) != 1 || found[0].Severity != "error" {
		t.Fatalf("doctor finds %+v", found)
	}
	runs()
	o := w.Run(append(cli.command(w, "s3"), "--profile", "actor")...)
	if o.Status == 0 || runs() == 0 || !strings.Contains(o.Stderr, `no profile "default"`) {
		t.Errorf("it was not the default profile that was asked for: %v", o)
	}
	shadow{}.tell(w, m.URL, helper)
	if o := w.Run(append(cli.command(w, "s3"), "--profile", "actor")...); o.Status != 0 {
		t.Errorf("mended: %v", o)
	}
}

// mend does what the finding says.
func (c shadow) mend(w *world, url, helper string, f finding) {
	if names, ok := strings.CutPrefix(f.Mend, "unset "); ok && f.Run {
		for name := range strings.FieldsSeq(names) {
			delete(w.Vars, name)
		}
		return
	}
	if c.plain { // the command as it stands, and yes to what it asks
		o := w.Run("sh", "-c", `PATH=`+bin+`:$PATH; `+f.Mend+` --yes`)
		if !f.Run || o.Status != 0 {
			w.t.Fatalf("%+v: %v", f, o)
		}
		return
	}
	shadow{}.tell(w, url, helper)
}

func TestTheDoctorLearnsARolesLimitFromWhatSTSGave(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	s.STS.AddRole(sandbox.Role{ARN: standRole, MaxDuration: time.Hour})
	s.Append(".aws/config", "understudy_duration_seconds = 43200\n")
	if found := s.doctor("role-limit"); len(found) != 1 || found[0].Severity != "note" {
		t.Errorf("before a session: %+v", found)
	}
	s.served(s.Helper("actor"))
	if found := s.doctor("role-limit"); len(found) != 1 || found[0].Severity != "warning" || !strings.Contains(found[0].Why, "gave 3600 seconds") {
		t.Errorf("with a session of an hour: %+v", found)
	}
}

func TestTheDoctorMissesKeysThatAreSaidToBeInTheKeychain(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t).withKeyring())
	s.Write(".aws/credentials", "")
	s.Write(".aws/config", "[profile base]\nregion = us-east-1\nunderstudy_keys = keychain\n"+s.role("actor", standRole, s.URL))
	if found := s.doctor("kept-keys"); len(found) != 1 || found[0].Severity != "error" || found[0].Mend != "understudy keys add base" || found[0].Line != 3 {
		t.Errorf("found %+v; all: %+v", found, s.doctor())
	}
}

func TestTheDoctorSaysHowTheKeychainIs(t *testing.T) {
	t.Parallel()
	fake := keyringtest.StartFake(t, keyringtest.Mood{Locked: true})
	s := newStand(t, newWorld(t).on(fake.Bus))
	if found := s.doctor("keychain", "store"); len(found) != 1 || found[0].Severity != "warning" || found[0].What != "the keychain is locked" {
		t.Errorf("locked: %+v", found)
	}
	fake.Become(keyringtest.Mood{})
	if found := s.doctor("keychain", "store"); len(found) != 0 {
		t.Errorf("open: %+v", found)
	}
	fake.Pause()
	o := s.quick(s.Understudy("doctor"), 6*time.Second)
	fake.Resume()
	if o.Status != 1 || !strings.Contains(o.Stdout, "does not answer in time") {
		t.Errorf("silent: %v", o)
	}
	if n := fake.Prompts(); n != 0 {
		t.Errorf("it put %d prompts on the screen", n)
	}
}
