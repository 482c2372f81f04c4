package policy

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"understudy/daemon/session"
	"understudy/internal/credential"
	"understudy/internal/logfile"
	"understudy/internal/wire"
)

var errLocked = &credential.Failure{Code: wire.LoginNeeded, Reason: "locked", Hint: "unlock"}

func TestTheFirstRuleThatObjectsDecides(t *testing.T) {
	var asked []string
	rule := func(name string, err error) Rule {
		return func(context.Context, session.Caller, *credential.Plan) error {
			asked = append(asked, name)
			return err
		}
	}
	p := New(Config{Rules: []Rule{rule("a", nil), rule("b", errLocked), rule("c", nil)}})
	if _, err := p.Check(t.Context(), session.Caller{}, &credential.Plan{}); !errors.Is(err, errLocked) || strings.Join(asked, "") != "ab" {
		t.Errorf("%v after %q", err, asked)
	}
	if _, err := New(Config{}).Check(t.Context(), session.Caller{}, &credential.Plan{}); err != nil {
		t.Errorf("without rules: %v", err)
	}
}

func TestARuleKnowsTheProgramBeforeItDecides(t *testing.T) {
	self := session.Caller{Peer: wire.Peer{PID: os.Getpid()}}
	parent, name := new(programs).of(os.Getpid())
	if parent == 0 {
		t.Skip("this platform does not name a process's parent")
	}
	p := New(Config{Rules: []Rule{func(_ context.Context, c session.Caller, _ *credential.Plan) error {
		if c.ProgramPID != parent || c.Program != name {
			t.Errorf("%+v, want %s (%d)", c, name, parent)
		}
		return nil
	}}})
	if c, err := p.Check(t.Context(), self, &credential.Plan{}); err != nil || c.ProgramPID != parent {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestARefusalIsOneLineOfTheAccessLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	log := OpenAccessLog(logfile.New(path, 1<<20), slog.New(slog.DiscardHandler))
	p := New(Config{Log: log})
	p.Record(session.Caller{}, "prod", &credential.Plan{RoleARN: "arn:aws:iam::123456789012:role/Admin"}, errLocked)
	p.Record(session.Caller{}, "typo\x1b", nil, nil)
	log.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, second, _ := strings.Cut(string(b), "\n")
	for _, want := range []string{`"profile":"prod"`, `role/Admin`, `"result":"login-needed"`} {
		if !strings.Contains(first, want) {
			t.Errorf("%s is missing in %s", want, first)
		}
	}
	if !strings.Contains(second, `"typo "`) || !strings.Contains(second, `"result":"ok"`) {
		t.Errorf("%s", second)
	}
}
