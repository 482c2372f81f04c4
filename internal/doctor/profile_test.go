package doctor

import (
	"errors"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/status"
	"understudy/internal/wire"
)

const role = "role_arn = arn:aws:iam::123456789012:role/Admin\n"

// What e2e holds against the SDKs is here held for its line and its mend alone.
func TestEachProfileIsFoundOut(t *testing.T) {
	const helper = "credential_process = /opt/understudy-credentials prod\n"
	ours := "understudy_" + role + "understudy_source_profile = base\n"
	for name, c := range map[string]struct {
		config, credentials string
		want                []string
	}{
		"plain keys that are to be prefixed": {"[profile prod]\n" + helper + role + "source_profile = base\n", "",
			[]string{"error role-beside prod config:3 run understudy adopt prod"}},
		"a plain key whose prefixed one is there": {good + role, "", []string{"error role-beside prod config:6"}},
		"a role of the credentials file":          {good, "[prod]\n" + role, []string{"error role-beside prod credentials:5"}},
		"an empty key":                            {good + "role_arn =\nsso_account_id =\n", "", nil},
		"keys":                                    {good, strings.Replace(base, "[base]", "[prod]", 1), []string{"error keys-beside prod credentials:5 run understudy keys import prod", "warning plain-keys prod credentials:5 run understudy keys import prod"}},
		"what .NET refuses":                       {good + "external_id = xx\n", "", []string{"warning net-refuses prod config:6 run understudy adopt prod"}},
		"a helper by its name":                    {"[profile prod]\ncredential_process = understudy-credentials prod\n" + ours, "", []string{"error helper-missing prod config:2", "warning command-line prod config:2"}},
		"a helper by a path":                      {"[profile prod]\ncredential_process = bin/understudy-credentials prod\n" + ours, "", []string{"error command-line prod config:2"}},
		"a helper that there is not":              {"[profile prod]\ncredential_process = /x/understudy-credentials prod\n" + ours, "", []string{"error helper-missing prod config:2"}},
		"quotes":                                  {"[profile prod]\ncredential_process = \"/opt/understudy-credentials\" prod\n" + ours, "", []string{"warning command-line prod config:2"}},
		"--profile":                               {"[profile prod]\ncredential_process = /opt/understudy-credentials --profile=prod\n" + ours, "", nil},
		"no helper":                               {"[profile prod]\n" + ours, "", []string{"warning not-plugged-in prod config:1 run understudy adopt prod"}},
		"a step of a chain":                       {good + "[profile up]\n" + strings.ReplaceAll(helper, "prod", "up") + "understudy_" + role + "understudy_source_profile = mid\n[profile mid]\n" + ours, "", nil},
		"another's name":                          {good + "[profile alias]\n" + helper, "", nil},
		"another's line in a profile of its own":  {good + "[profile copy]\n" + helper + ours, "", []string{"error helper-profile copy config:7"}},
		"a name that adopt leaves":                {"[profile a b]\n" + role + "source_profile = base\n", "", []string{"warning line a b config:1", "note not-plugged-in a b config:1"}},
		"a role of no container":                  {"[profile x]\n" + role + "credential_source = EcsContainer\n", "", []string{"warning config x config:3"}},
		"a source that there is not":              {strings.Replace(good, "= base", "= bse", 1), "", []string{"error config prod config:5"}},
		"a plain role whose source there is not":  {"[profile x]\n" + role + "source_profile = nope\n", "", []string{"warning config x config:3"}},
		"a loop":                                  {strings.Replace(good, "= base", "= prod", 1), "", []string{"error config prod config:5"}},
		"a key that is not ours":                  {good + "understudy_policy_arn = x\n", "", []string{"error config prod config:6"}},
		"settings alone":                          {"[profile x]\nregion = eu-west-1\n", "", nil},
		"a comment behind the command":            {"[profile prod]\ncredential_process = /opt/understudy-credentials prod # mine\n" + ours, "", []string{"error line prod config:2"}},
		"a comment behind another value":          {good + "output = json # mine\n", "", []string{"warning line prod config:6"}},
		"an indented key":                         {good + "[profile x]\n  output = json\n", "", []string{"warning line x config:7"}},
		"an unused device":                        {good + "[profile none]\nmfa_serial = arn:aws:iam::111111111111:mfa/alice\n", "", []string{"warning mfa-unused none config:7"}},
		"a device below a chain": {good + "[profile up]\n" + strings.ReplaceAll(helper, "prod", "up") + "understudy_" + role + "understudy_source_profile = prod\nmfa_serial = arn:aws:iam::111111111111:mfa/alice\n", "",
			[]string{"warning net-refuses up config:10 run understudy adopt up", "warning mfa-unused up config:10"}},
		"a device of the base": {good, "mfa_serial = arn:aws:iam::111111111111:mfa/alice\n", nil},
		"hours from a session": {good + "understudy_duration_seconds = 7200\n", "mfa_serial = arn:aws:iam::111111111111:mfa/alice\n", []string{"warning one-hour prod config:6"}},
		"hours from keys":      {good + "understudy_duration_seconds = 7200\n", "", []string{"note role-limit prod config:6 run aws iam get-role --role-name Admin --query Role.MaxSessionDuration"}},
		"an hour from keys":    {good + "understudy_duration_seconds = 3600\n", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPatient(t, c.config, base+c.credentials)
			p.expect(t, c.want...)
		})
	}
}

func TestTheHelpersFileIsLookedAt(t *testing.T) {
	const at = " prod config:3"
	p := newPatient(t, good, base)
	for want, file := range map[string]File{
		"error helper-missing" + at: {Mode: 0o755 | 1<<31, Mine: true, Modes: true},
		"error helper-missing" + at + " run chmod 755 /opt/understudy-credentials": {Mode: 0o644, Mine: true, Modes: true},
		"warning helper-missing" + at: {Mode: 0o777, Mine: true, Modes: true},
	} {
		p.files["/opt/understudy-credentials"] = file
		p.expect(t, want)
	}
	p.files["/opt/understudy-credentials"] = File{Mode: 0o755, Mine: true, Modes: true}
	p.HelperVersion = func(string) (string, error) { return "0", nil }
	p.expect(t, "warning helper-version"+at)
	p.HelperVersion = func(string) (string, error) { return "", errors.New("no") }
	p.expect(t, "error helper-version"+at)
	p.files["/opt/understudy-credentials"] = File{Mode: 0o755, Modes: true}
	p.HelperVersion = func(string) (string, error) { t.Error("another's program is run"); return "", nil }
	p.expect(t, "warning helper-missing"+at)
}

// issued is a session of prod that was given for so long.
func issued(at time.Time, life time.Duration) status.Session {
	return status.Session{
		Profiles: []string{"prod"}, RoleARN: "arn:aws:iam::123456789012:role/Admin", State: status.Ready,
		IssuedAt: status.Time{Time: at}, ExpiresAt: status.Time{Time: at.Add(life)},
	}
}

func TestARolesLimitIsLearntFromWhatSTSGave(t *testing.T) {
	now := time.Now()
	p := newPatient(t, good+"understudy_duration_seconds = 43200\n", base)
	config := p.files[p.Facts.Files.Config]
	config.Changed = now.Add(-time.Hour)
	p.files[p.Facts.Files.Config] = config
	const unknown = "note role-limit prod config:6 run aws iam get-role --role-name Admin --query Role.MaxSessionDuration"

	p.Machine.Sessions = []status.Session{issued(now, 12*time.Hour-time.Second)}
	p.expect(t)
	p.Machine.Sessions = []status.Session{issued(now.Add(-time.Minute), 12*time.Hour), issued(now, time.Hour)}
	p.expect(t, "warning role-limit prod config:6")
	p.Machine.Sessions = []status.Session{issued(now.Add(-2*time.Hour), time.Hour)} // before the file was changed
	p.expect(t, unknown)
	p.Machine.Sessions = nil
	p.expect(t, unknown)
}

func TestKeysThatAreNotWhereTheyAreSaidToBeAreAnError(t *testing.T) {
	p := newPatient(t, good+"[profile base]\nunderstudy_keys = keychain\n", "")
	plan := p.Plan
	p.Plan = func(name string) (*credential.Plan, error) {
		if got, err := plan(name); err == nil {
			return got, nil
		}
		return &credential.Plan{Profile: name, Source: "kept keys"}, nil
	}
	p.expect(t)
	p.Machine.Keychain.NoKeys = map[string]error{"base": &credential.Failure{Reason: "there are none in the keychain", Hint: "put them there: understudy keys add base"}}
	p.expect(t, "error kept-keys base config:7 run understudy keys add base")
}

func TestTheDaemonsLastAnswerIsPassedOn(t *testing.T) {
	p := newPatient(t, good, base)
	for state, want := range map[status.State]string{
		status.Refused:     "error last-answer prod run understudy get prod",
		status.LoginNeeded: "warning last-answer prod run understudy login prod",
		status.Ready:       "warning last-answer prod run understudy get prod",
	} {
		s := issued(time.Now(), time.Hour)
		s.State, s.LastError = state, &status.LastError{Code: wire.Temporary, Message: "no answer", At: status.Time{Time: s.IssuedAt.Add(time.Second)}}
		p.Machine.Sessions = []status.Session{s}
		p.expect(t, want)
	}
}

func TestAnAnswerToWhatStoodThereBeforeIsNotPassedOn(t *testing.T) {
	p := newPatient(t, good, base)
	now := time.Now()
	refused := func(role string) status.Session {
		return status.Session{Profiles: []string{"prod"}, RoleARN: "arn:aws:iam::123456789012:role/" + role, State: status.Refused,
			LastError: &status.LastError{Code: wire.Denied, Message: "no", At: status.Time{Time: now}}}
	}
	p.Machine.Sessions = []status.Session{refused("Admni")}
	p.expect(t)
	p.Machine.Sessions = []status.Session{refused("Admin")}
	p.expect(t, "error last-answer prod run understudy get prod")
	p.Machine.Sessions = append(p.Machine.Sessions, issued(now.Add(time.Second), time.Hour))
	p.expect(t)
}
