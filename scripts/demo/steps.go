package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"understudy/internal/sandbox"
	"understudy/internal/testbed"
)

type step struct {
	title string
	play  func(*world) error
}

func steps() []step {
	return []step{
		{"A role in ~/.aws/config, and one line that names the helper", showConfig},
		{"The first call starts the daemon, which assumes the role", cold},
		{"Every call after that is answered from memory", warm},
		{"Fifty programs at once, a role nobody asked for yet", herd},
		{"The session is renewed before it ends, while it is in use", renewal},
		{"The daemon is killed with -9", killed},
		{"Twenty programs and two roles that want an MFA code", mfa},
		{"STS goes down", down},
		{"A role that alice may not assume", refused},
		{"The AWS CLI, which knows nothing of all this", cli},
		{"What the daemon has", status},
	}
}

func showConfig(w *world) error {
	show(strings.TrimSpace(strings.ReplaceAll(w.profile("demo", "Admin"), w.Bin, "/usr/local/bin")))
	return nil
}

func cold(w *world) error {
	// Eight minutes and ten seconds: due for renewal ten seconds from now.
	w.STS.Set(sandbox.Behaviour{Lifetime: 8*time.Minute + 10*time.Second})
	c, took, err := w.helper("demo")
	if err != nil {
		return err
	}
	say("%s until %s, %d ms, calls to STS: %d", c.AccessKeyID, c.Expiration, took.Milliseconds(), w.assumed("Admin"))
	return expect(w.assumed("Admin"), 1)
}

func warm(w *world) error {
	before, best := w.assumed("Admin"), time.Hour
	for range 20 {
		_, took, err := w.helper("demo")
		if err != nil {
			return err
		}
		best = min(best, took)
	}
	say("20 calls, the quickest %.1f ms, calls to STS: %d", float64(best.Microseconds())/1000, w.assumed("Admin")-before)
	return expect(w.assumed("Admin")-before, 0)
}

func herd(w *world) error {
	before := w.assumed("Partner")
	distinct := map[string]bool{}
	for _, o := range testbed.Crowd(50, func(int) testbed.Outcome { return w.Helper("partner") }) {
		c, err := o.Served()
		if err != nil {
			return err
		}
		distinct[c.AccessKeyID] = true
	}
	say("50 answers, %d distinct, calls to STS: %d", len(distinct), w.assumed("Partner")-before)
	return errors.Join(expect(len(distinct), 1), expect(w.assumed("Partner")-before, 1))
}

func renewal(w *world) error {
	first, _, err := w.helper("demo")
	if err != nil {
		return err
	}
	say("a session of 8 min 10 s is renewed when 8 min are left; asking until it changes ...")
	for began, calls := time.Now(), 0; time.Since(began) < 20*time.Second; calls++ {
		c, _, err := w.helper("demo")
		if err != nil {
			return err
		}
		if c.AccessKeyID != first.AccessKeyID {
			w.STS.Set(sandbox.Behaviour{})
			say("%s until %s, after %d calls without an error", c.AccessKeyID, c.Expiration, calls)
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("it was not renewed")
}

func killed(w *world) error {
	// A session of full length, so that no renewal comes in between.
	if o := w.Understudy("forget", "demo"); o.Status != 0 {
		return errors.New(o.String())
	}
	before, _, err := w.helper("demo")
	if err != nil {
		return err
	}
	calls := w.assumed("Admin")
	d, err := w.kept("demo")
	if err != nil {
		return err
	}
	time.Sleep(200 * time.Millisecond) // and the index that lists it is written
	p, err := os.FindProcess(d)
	if err != nil {
		return err
	}
	if err := p.Kill(); err != nil {
		return err
	}
	after, took, err := w.helper("demo")
	if err != nil {
		return err
	}
	if !w.keyring {
		say("no gnome-keyring here, so sessions are in memory only and this one was fetched again: calls to STS: %d", w.assumed("Admin")-calls)
		return nil
	}
	say("a new daemon, the same session from the keychain: %s, %d ms, calls to STS: %d", after.AccessKeyID, took.Milliseconds(), w.assumed("Admin")-calls)
	if after.AccessKeyID != before.AccessKeyID {
		return fmt.Errorf("it was %s before", before.AccessKeyID)
	}
	return expect(w.assumed("Admin")-calls, 0)
}

func mfa(w *world) error {
	errs := testbed.Crowd(20, func(i int) error {
		_, _, err := w.helper([]string{"billing", "audit"}[i%2])
		return err
	})
	if err := errors.Join(errs...); err != nil {
		return err
	}
	asked, err := os.ReadFile(w.asked())
	if err != nil {
		return err
	}
	questions := bytes.Count(asked, []byte("\n"))
	say("20 answers, the user (here a command) was asked %d time, calls of GetSessionToken: %d", questions, w.STS.Count("GetSessionToken"))
	say("one code is enough for twelve hours, for every role with these keys")
	return errors.Join(expect(questions, 1), expect(w.STS.Count("GetSessionToken"), 1))
}

func down(w *world) error {
	w.STS.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: 503, Code: "ServiceUnavailable"}})
	defer w.STS.Set(sandbox.Behaviour{})
	c, _, err := w.helper("demo")
	if err == nil {
		say("served all the same until a minute before its end: %s", c.AccessKeyID)
	}
	return err
}

func refused(w *world) error {
	o := w.Helper("closed")
	show(o.Stderr)
	say("exit status %d", o.Status)
	return expect(o.Status, 4)
}

func cli(w *world) error {
	if _, err := exec.LookPath("aws"); err != nil {
		say("not installed here; it would run: aws sts get-caller-identity --profile demo")
		return nil
	}
	say("$ aws sts get-caller-identity --profile demo")
	o := w.Run("aws", "sts", "get-caller-identity", "--profile", "demo", "--query", "Arn", "--output", "text")
	show(o.Stdout + o.Stderr)
	if o.Status != 0 || !strings.Contains(o.Stdout, "assumed-role/Admin/") {
		return fmt.Errorf("that is not the role (status %d)", o.Status)
	}
	return nil
}

func status(w *world) error {
	o := w.Understudy("status")
	show(o.Stdout + o.Stderr)
	return expect(o.Status, 0)
}

func show(text string) {
	for line := range strings.Lines(text) {
		say("%s", strings.TrimRight(line, "\n"))
	}
}

func expect(got, want int) error {
	if got != want {
		return fmt.Errorf("got %d, want %d", got, want)
	}
	return nil
}
