package source

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/sandbox"
	"understudy/internal/wire"
)

const aliceMFA = "arn:aws:iam::111111111111:mfa/alice"

// person answers questions with these answers, one after the other.
type person struct {
	mu        sync.Mutex
	answers   []string
	errs      []error // in place of answers that are empty
	questions []prompt.Question
}

func (p *person) ask(ctx context.Context, q prompt.Question) (prompt.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.questions = append(p.questions, q)
	if q.Instead != nil {
		return q.Instead(ctx)
	}
	if len(p.answers) == 0 {
		return prompt.Answer{}, prompt.ErrNobody
	}
	a := p.answers[0]
	p.answers = p.answers[1:]
	if a == "" {
		err := p.errs[0]
		p.errs = p.errs[1:]
		return prompt.Answer{}, err
	}
	return credential.NewSecret(a), nil
}

func withPerson(t *testing.T, config string, answers ...string) (*stage, *sandbox.Server, *person) {
	t.Helper()
	s, sts := withSTS(t, config)
	p := &person{answers: answers}
	s.Ask = p.ask
	return s, sts, p
}

const mfaRoles = `
[profile admin]
understudy_role_arn = arn:aws:iam::123456789012:role/Admin
understudy_source_profile = base
understudy_mfa_serial = ` + aliceMFA + `
region = eu-west-1
[profile reader]
understudy_role_arn = arn:aws:iam::123456789012:role/Reader
understudy_source_profile = base
understudy_mfa_serial = ` + aliceMFA + `
region = ap-southeast-2
`

func TestRolesOnOneDeviceShareOneSessionAndOneQuestion(t *testing.T) {
	s, sts, p := withPerson(t, mfaRoles, "123456")
	admin, reader := s.plan(t, "admin"), s.plan(t, "reader")
	if admin.Base == nil || reader.Base == nil || admin.Base.ID != reader.Base.ID {
		t.Fatal("the two roles stand on two sessions")
	}
	if !admin.Base.Manual || admin.Manual || admin.Base.Asks != "mfa "+aliceMFA {
		t.Errorf("base %+v", admin.Base)
	}
	base, err := fetch(t.Context(), admin.Base)
	if err != nil {
		t.Fatal(err)
	}
	if base.Lifetime.Round(time.Minute) != 12*time.Hour || base.AccountID != "111111111111" {
		t.Errorf("base session of %v, account %s", base.Lifetime, base.AccountID)
	}
	for _, plan := range []*credential.Plan{admin, reader} {
		if _, err := plan.Fetch(t.Context(), base); err != nil {
			t.Error(err)
		}
	}
	if n := sts.Count("GetSessionToken"); n != 1 || len(p.questions) != 1 {
		t.Errorf("%d GetSessionToken, %d questions", n, len(p.questions))
	}
	mustContain(t, p.questions[0].Text, aliceMFA, "profile base")
}

func TestTheSerialMayBeInTheBase(t *testing.T) {
	for _, key := range []string{"mfa_serial", "understudy_mfa_serial"} {
		s, sts, _ := withPerson(t, adminRole+"[profile base]\n"+key+" = "+aliceMFA+"\n", "123456")
		s.session(t, "admin")
		if sts.Count("GetSessionToken") != 1 {
			t.Errorf("%s: no MFA session", key)
		}
	}
}

func TestTheSessionLastsAsLongAsTheBaseSays(t *testing.T) {
	s, _, _ := withPerson(t, mfaRoles+"[profile base]\nunderstudy_mfa_session_seconds = 3600\n", "123456")
	got, err := fetch(t.Context(), s.plan(t, "admin").Base)
	if err != nil || got.Lifetime.Round(time.Minute) != time.Hour {
		t.Errorf("%v, %v", got.Lifetime, err)
	}
}

func TestADirectCodeGoesWithAssumeRoleForLongerThanAnHour(t *testing.T) {
	s, sts, _ := withPerson(t, `
[profile admin]
understudy_role_arn = arn:aws:iam::123456789012:role/Admin
understudy_source_profile = base
understudy_mfa_serial = `+aliceMFA+`
understudy_mfa_session = direct
understudy_duration_seconds = 14400
`, "123456")
	plan := s.plan(t, "admin")
	if plan.Base != nil || !plan.Manual {
		t.Errorf("plan %+v", plan)
	}
	if got := s.session(t, "admin"); got.Lifetime.Round(time.Minute) != 4*time.Hour {
		t.Errorf("a session of %v", got.Lifetime)
	}
	if sts.Count("GetSessionToken") != 0 || sts.Count("AssumeRole") != 1 {
		t.Errorf("calls %+v", sts.Calls())
	}
}

func TestAWrongCodeAsksAgainThreeTimesAtMost(t *testing.T) {
	wrong := sandbox.WrongCode
	s, sts, p := withPerson(t, mfaRoles, wrong, "123456")
	s.session(t, "admin")
	if len(p.questions) != 2 || !strings.Contains(p.questions[1].Notice, "not accepted") {
		t.Errorf("questions %+v", p.questions)
	}
	if sts.Count("GetSessionToken") != 2 {
		t.Errorf("%d calls", sts.Count("GetSessionToken"))
	}

	s, sts, p = withPerson(t, mfaRoles, wrong, wrong, wrong, "123456")
	f := s.failure(t, "admin")
	if f.Code != wire.LoginNeeded || sts.Count("GetSessionToken") != 3 || len(p.questions) != 3 {
		t.Errorf("%+v after %d calls and %d questions", f, sts.Count("GetSessionToken"), len(p.questions))
	}
	mustContain(t, f.Reason, "MultiFactorAuthentication failed")
	mustContain(t, f.Hint, "understudy login admin")
}

func TestAnInvalidCodeIsNotSent(t *testing.T) {
	s, sts, p := withPerson(t, mfaRoles, "12345", "hello", "123456")
	s.session(t, "admin")
	if sts.Count("GetSessionToken") != 1 || len(p.questions) != 3 || p.questions[1].Notice != "an MFA code is six digits" {
		t.Errorf("%d calls, questions %+v", sts.Count("GetSessionToken"), p.questions)
	}
}

// A call without a response may have used up its code: the caller decides whether
// to ask for another one.
func TestACodeIsSentOnceForAnyResponse(t *testing.T) {
	for name, b := range map[string]sandbox.Behaviour{
		"503":       {Fault: sandbox.Fault{Status: 503}},
		"throttled": {Fault: sandbox.Fault{Code: "Throttling"}},
		"cut":       {Mutate: sandbox.CutBody},
		"clock":     {Skew: time.Hour},
	} {
		s, sts, _ := withPerson(t, mfaRoles, "123456")
		sts.Set(b)
		f := s.failure(t, "admin")
		if sts.Count("GetSessionToken") != 1 {
			t.Errorf("%s: sent %d times: %v", name, sts.Count("GetSessionToken"), f)
		}
	}
}

func TestWithTheClockOffTheNextCodeIsAskedForAndSignedByTheRightTime(t *testing.T) {
	s, sts, p := withPerson(t, mfaRoles, "123456", "654321")
	sts.Set(sandbox.Behaviour{Skew: -time.Hour, Lifetime: 2 * time.Hour})
	s.session(t, "admin")
	if len(p.questions) != 2 || !strings.Contains(p.questions[1].Notice, "clock") {
		t.Errorf("questions %+v", p.questions)
	}
}

func TestAMissingCodeIsReportedWithAHint(t *testing.T) {
	for _, c := range []struct {
		err  error
		code wire.Code
		want string
	}{
		{prompt.ErrClosed, wire.LoginNeeded, "closed without an answer"},
		{prompt.ErrExpired, wire.LoginNeeded, "nobody answered in time"},
		{prompt.ErrNobody, wire.LoginNeeded, "nobody may be"},
		{prompt.ErrSpent, wire.LoginNeeded, "a code counts once"},
		{context.Canceled, wire.Temporary, "given up"},
		{errors.New("the dialog fell over"), wire.LoginNeeded, "the dialog fell over"},
	} {
		s, sts, p := withPerson(t, mfaRoles, "")
		p.errs = []error{c.err}
		f := s.failure(t, "admin")
		if f.Code != c.code || len(sts.Calls()) != 0 {
			t.Errorf("%v: %+v", c.err, f)
		}
		mustContain(t, f.Reason, c.want)
	}
}

func TestNoCodeIsAskedForInTheBackground(t *testing.T) {
	s, sts, p := withPerson(t, mfaRoles, "123456")
	_, err := s.plan(t, "admin").Base.Fetch(credential.Unattended(t.Context()), credential.Session{})
	f := oneLine(t, err)
	if !f.Unasked || f.Code != wire.LoginNeeded || len(p.questions) != 0 || len(sts.Calls()) != 0 {
		t.Errorf("%+v, %d questions", f, len(p.questions))
	}
}

func TestACommandPrintsTheCode(t *testing.T) {
	s, sts, _ := withPerson(t, mfaRoles+"[profile base]\nmfa_process = echo 123456; echo more\n")
	plan := s.plan(t, "admin").Base
	if plan.Manual {
		t.Error("a command needs no person")
	}
	if _, err := plan.Fetch(credential.Unattended(t.Context()), credential.Session{}); err != nil {
		t.Error(err)
	}
	if sts.Count("GetSessionToken") != 1 {
		t.Error("not called")
	}
	s, _, _ = withPerson(t, mfaRoles+"[profile base]\nmfa_process = echo no such key >&2; exit 3\n")
	f := s.failure(t, "admin")
	mustContain(t, f.Reason, "status 3", "no such key")
	mustContain(t, f.Hint, "mfa_process")
}

func TestASeedInTheKeychainGivesTheCode(t *testing.T) {
	s, sts, _ := withPerson(t, mfaRoles+"[profile base]\nunderstudy_totp = keychain\n")
	f := s.refusal(t, "admin")
	mustContain(t, f.Reason, "understudy_totp", "not kept in the keychain")
	s.TOTP = func(_ context.Context, serial string) (prompt.Answer, error) {
		if serial != aliceMFA {
			return prompt.Answer{}, fmt.Errorf("no seed of %s", serial)
		}
		return credential.NewSecret("246810"), nil
	}
	s.session(t, "admin")
	if sts.Count("GetSessionToken") != 1 {
		t.Error("not called")
	}
}

func TestTheKeysOfMFAAreCheckedWithTheirLine(t *testing.T) {
	for line, want := range map[string][2]string{
		"understudy_mfa_serial = alice":              {"is no MFA device", "arn:aws:iam::"},
		"understudy_mfa_process = ykman":             {"stands without mfa_serial", "understudy_mfa_serial"},
		"understudy_mfa_session_seconds = 60":        {"out of range", "from 900 to 129600"},
		"understudy_mfa_session = always":            {`"always"`, "shared or direct"},
		"understudy_totp = yes":                      {`"yes"`, "keychain"},
		"understudy_mfa_session_seconds = 200000000": {"out of range", "129600"},
	} {
		config := adminRole + "[profile base]\n" + line + "\n"
		if !strings.Contains(line, "_serial") && !strings.Contains(line, "_process") {
			config += "mfa_serial = " + aliceMFA + "\n"
		}
		s, _, _ := withPerson(t, config)
		f := s.refusal(t, "admin")
		if f.Code != wire.BadConfig {
			t.Errorf("%s: %s", line, f.Code)
		}
		mustContain(t, f.Reason, "config:6: ", want[0])
		mustContain(t, f.Hint, want[1])
	}
}

func TestADeviceOnARoleThatARoleSignsForIsRejected(t *testing.T) {
	s, _, _ := withPerson(t, adminRole+`
[profile top]
understudy_role_arn = arn:aws:iam::123456789012:role/Top
understudy_source_profile = admin
understudy_mfa_serial = `+aliceMFA+"\n")
	f := s.refusal(t, "top")
	mustContain(t, f.Reason, "only keys have an MFA device")
}

func TestAProfileOfKeysWithADeviceIsServedItsMFASession(t *testing.T) {
	s, sts, _ := withPerson(t, "[profile base]\nunderstudy_mfa_serial = "+aliceMFA+"\n", "123456")
	s.session(t, "base")
	if sts.Count("GetSessionToken") != 1 || !s.plan(t, "base").Manual {
		t.Error("no MFA session")
	}
}

// If only the role names the device, a login of the profile with the keys asks for
// nothing, and does not help.
func TestTheLoginInTheHintAsksForTheCode(t *testing.T) {
	direct := strings.Replace(mfaRoles, "[profile reader]", "understudy_mfa_session = direct\n[profile reader]", 1)
	inBase := adminRole + "[profile base]\nmfa_serial = " + aliceMFA + "\n"
	for name, config := range map[string]string{"in the role": mfaRoles, "direct": direct, "in the base": inBase} {
		t.Run(name, func(t *testing.T) {
			s, _, _ := withPerson(t, config)
			plan := s.plan(t, "admin")
			f := s.failure(t, "admin")
			_, hinted, _ := strings.Cut(f.Hint, "understudy login ")
			asks := false
			for p := s.plan(t, hinted); p != nil; p = p.Base {
				asks = asks || p.Asks != "" && (p.ID == plan.ID || plan.Base != nil && p.ID == plan.Base.ID)
			}
			if !asks {
				t.Errorf("a login of %q brings another session: %+v", hinted, f)
			}
		})
	}
}

func TestATooLongSessionOfKeysIsAnErrorOfTheConfiguration(t *testing.T) {
	for name, config := range map[string]string{"with a code": mfaRoles, "without": "[profile base]\n"} {
		s, sts, _ := withPerson(t, config, "123456")
		sts.Set(sandbox.Behaviour{Fault: sandbox.Fault{Code: "ValidationError", Message: "The requested DurationSeconds exceeds what this service gives"}})
		plan := s.plan(t, "base")
		if name == "with a code" {
			plan = s.plan(t, "admin").Base
		}
		_, err := plan.Fetch(t.Context(), credential.Session{})
		if f := oneLine(t, err); f.Code != wire.BadConfig || sts.Count("GetSessionToken") != 1 {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestACommandThatPrintsTheCodeHasItsMinuteInTheBackgroundToo(t *testing.T) {
	s, _, _ := withPerson(t, mfaRoles+"[profile base]\nmfa_process = echo 123456\n")
	if plan := s.plan(t, "admin"); !plan.Base.Runs || !plan.Slow() {
		t.Errorf("plan %+v", plan.Base)
	}
}
