package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"understudy/internal/sandbox"
)

type step struct {
	title string
	play  func(context.Context, *world) error
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

func showConfig(_ context.Context, w *world) error {
	for line := range strings.Lines(w.profile("demo", "Admin")) {
		say("  %s", strings.TrimSuffix(strings.ReplaceAll(line, w.bin, "/usr/local/bin"), "\n"))
	}
	return nil
}

func cold(ctx context.Context, w *world) error {
	// Eight minutes and ten seconds: due for renewal ten seconds from now.
	w.sts.Set(sandbox.Behaviour{Lifetime: 8*time.Minute + 10*time.Second})
	c, took, err := w.helper(ctx, "demo")
	if err != nil {
		return err
	}
	say("%s until %s, %d ms, calls to STS: %d", c.AccessKeyId, c.Expiration, took.Milliseconds(), w.assumed("Admin"))
	return expect(w.assumed("Admin"), 1)
}

func warm(ctx context.Context, w *world) error {
	before, best := w.assumed("Admin"), time.Hour
	for range 20 {
		_, took, err := w.helper(ctx, "demo")
		if err != nil {
			return err
		}
		best = min(best, took)
	}
	say("20 calls, the quickest %.1f ms, calls to STS: %d", float64(best.Microseconds())/1000, w.assumed("Admin")-before)
	return expect(w.assumed("Admin")-before, 0)
}

func herd(ctx context.Context, w *world) error {
	before := w.assumed("Partner")
	keys, errs := make([]string, 50), make([]error, 50)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			c, _, err := w.helper(ctx, "partner")
			keys[i], errs[i] = c.AccessKeyId, err
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	distinct := map[string]bool{}
	for _, k := range keys {
		distinct[k] = true
	}
	say("50 answers, %d distinct, calls to STS: %d", len(distinct), w.assumed("Partner")-before)
	return errors.Join(expect(len(distinct), 1), expect(w.assumed("Partner")-before, 1))
}

func renewal(ctx context.Context, w *world) error {
	first, _, err := w.helper(ctx, "demo")
	if err != nil {
		return err
	}
	say("a session of 8 min 10 s is renewed when 8 min are left; asking until it changes ...")
	for began, calls := time.Now(), 0; time.Since(began) < 20*time.Second; calls++ {
		c, _, err := w.helper(ctx, "demo")
		if err != nil {
			return err
		}
		if c.AccessKeyId != first.AccessKeyId {
			w.sts.Set(sandbox.Behaviour{})
			say("%s until %s, after %d calls without an error", c.AccessKeyId, c.Expiration, calls)
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("it was not renewed")
}

func killed(ctx context.Context, w *world) error {
	// A session of full length, so that no renewal comes in between.
	if err := w.command(ctx, "understudy", "forget", "demo").Run(); err != nil {
		return err
	}
	before, _, err := w.helper(ctx, "demo")
	if err != nil {
		return err
	}
	calls := w.assumed("Admin")
	d, err := w.kept(ctx, "demo")
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
	after, took, err := w.helper(ctx, "demo")
	if err != nil {
		return err
	}
	if !w.keyring {
		say("no gnome-keyring here, so sessions are in memory only and this one had to be fetched anew: calls to STS: %d", w.assumed("Admin")-calls)
		return nil
	}
	say("a new daemon, the same session from the keychain: %s, %d ms, calls to STS: %d", after.AccessKeyId, took.Milliseconds(), w.assumed("Admin")-calls)
	if after.AccessKeyId != before.AccessKeyId {
		return fmt.Errorf("it was %s before", before.AccessKeyId)
	}
	return expect(w.assumed("Admin")-calls, 0)
}

func mfa(ctx context.Context, w *world) error {
	errs := make([]error, 20)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { _, _, errs[i] = w.helper(ctx, []string{"billing", "audit"}[i%2]) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	asked, err := os.ReadFile(w.asked())
	if err != nil {
		return err
	}
	questions := bytes.Count(asked, []byte("\n"))
	say("20 answers, a person (here a command in her place) asked %d time, calls of GetSessionToken: %d", questions, w.sts.Count("GetSessionToken"))
	say("the code counts for twelve hours, for every role on these keys")
	return errors.Join(expect(questions, 1), expect(w.sts.Count("GetSessionToken"), 1))
}

func down(ctx context.Context, w *world) error {
	w.sts.Set(sandbox.Behaviour{Status: 503, Code: "ServiceUnavailable"})
	defer w.sts.Set(sandbox.Behaviour{})
	c, _, err := w.helper(ctx, "demo")
	if err == nil {
		say("served all the same until a minute before its end: %s", c.AccessKeyId)
	}
	return err
}

func refused(ctx context.Context, w *world) error {
	var stderr bytes.Buffer
	cmd := w.command(ctx, "understudy-credentials", "closed")
	cmd.Stderr = &stderr
	cmd.Run()
	for line := range strings.Lines(stderr.String()) {
		say("%s", strings.TrimSuffix(line, "\n"))
	}
	say("exit status %d", cmd.ProcessState.ExitCode())
	return expect(cmd.ProcessState.ExitCode(), 4)
}

func cli(ctx context.Context, w *world) error {
	if _, err := exec.LookPath("aws"); err != nil {
		say("not installed here; it would run: aws sts get-caller-identity --profile demo")
		return nil
	}
	say("$ aws sts get-caller-identity --profile demo")
	out, err := w.command(ctx, "aws", "sts", "get-caller-identity", "--profile", "demo", "--query", "Arn", "--output", "text").CombinedOutput()
	say("%s", strings.TrimSpace(string(out)))
	if err == nil && !strings.Contains(string(out), "assumed-role/Admin/") {
		return errors.New("that is not the role")
	}
	return err
}

func status(ctx context.Context, w *world) error {
	out, err := w.command(ctx, "understudy", "status").CombinedOutput()
	for line := range strings.Lines(string(out)) {
		say("%s", strings.TrimRight(line, "\n"))
	}
	return err
}

func expect(got, want int) error {
	if got != want {
		return fmt.Errorf("got %d, want %d", got, want)
	}
	return nil
}
