//go:build linux

package faults

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"understudy/internal/testbed"
)

// Promises of a helper: how long it takes at most.
const (
	quickLimit = 5 * time.Second  // cached, or refused
	fetchLimit = 15 * time.Second // STS is asked
	askLimit   = 50 * time.Second // the user is asked
)

// startUp is what the start of one process may take on a busy machine.
func (s *suite) startUp() time.Duration { return max(700*time.Millisecond, 100*s.perStart()) }

// startsOf is how long the starts of n helpers at once may take. The last of a
// thousand gets a CPU only after the others have started, and so does a helper that
// another row starts meanwhile.
func (s *suite) startsOf(n int) time.Duration {
	return time.Duration(n) * max(2*time.Millisecond, 2*s.perStart())
}

// slow reports whether this machine takes long to start a process.
func (s *suite) slow() bool { return s.perStart() > 3*time.Millisecond }

// breaker is the time that the keychain's back-off adds on a machine that was too
// slow to run the worker while a thousand helpers started.
func (s *suite) breaker() time.Duration {
	if s.slow() {
		return 35 * time.Second
	}
	return 0
}

// pace is the interval between the starts of a crowd of helpers. It is 0, except on
// a machine that starts processes so slowly that the daemon would get no CPU time.
func (t *trial) pace() time.Duration {
	t.must(t.measure())
	if !t.slow() {
		return 0
	}
	d := 2 * t.perStart().Round(100*time.Microsecond)
	t.note("the helpers start %v apart: this machine takes half of that to start one", d)
	return d
}

// runs runs a program to its end, a minute and a half at most. Its output must hold no
// secret; a helper's answer is the one that may.
func (w *world) runs(argv ...string) testbed.Outcome {
	o := w.Run(argv...)
	w.search("what "+o.Name+" printed", o.Stdout+o.Stderr)
	return o
}

// people runs the people's command.
func (w *world) people(args ...string) testbed.Outcome {
	return w.runs(append([]string{w.Path("understudy")}, args...)...)
}

// status is what understudy status --json says.
func (w *world) status() testbed.Status {
	s, err := w.people("status", "--json").Parse()
	if err != nil {
		w.violate("status: %v", err)
	}
	return s
}

// session is its part about one profile; the zero value when there is none.
func (w *world) session(profile string) testbed.SessionStatus { return w.status().Session(profile) }

// ask runs a helper that may have to wait for STS, and judges it.
func (w *world) ask(profile string) testbed.Outcome { return w.asked(fetchLimit, nil, profile) }

// quick runs a helper that is served from memory or refused, and judges it.
func (w *world) quick(profile string) testbed.Outcome { return w.asked(quickLimit, nil, profile) }

func (w *world) asked(limit time.Duration, change func(*exec.Cmd), profile string) testbed.Outcome {
	crowd := w.crowded.Load()
	o := w.Begin(change, w.Path("understudy-credentials"), profile)()
	w.judge(o, profile, limit+w.startsOf(int(max(crowd, w.crowded.Load()))))
	return o
}

// crowd runs n helpers at once, each for the next of the profiles.
func (w *world) crowd(n int, limit time.Duration, profiles ...string) []testbed.Outcome {
	if n >= 500 {
		w.must(w.measure())
	}
	return w.paced(n, 0, limit, profiles...)
}

// paced is crowd with some time between the starts of two helpers.
func (w *world) paced(n int, pace, limit time.Duration, profiles ...string) []testbed.Outcome {
	w.crowded.Add(int64(n))
	defer w.crowded.Add(-int64(n))
	return testbed.Crowd(n, func(i int) testbed.Outcome {
		time.Sleep(time.Duration(i) * pace)
		return w.asked(limit, nil, profiles[i%len(profiles)])
	})
}

// judge checks how a helper ended against what every row must keep.
func (w *world) judge(o testbed.Outcome, profile string, limit time.Duration) {
	if o.Took > limit+w.startUp() {
		w.violate("a helper took %v, at most %v is promised: status %d, %s", o.Took.Round(time.Millisecond), limit, o.Status, o.Stderr)
	}
	w.search("a helper's standard error", o.Stderr)
	if o.Status != 0 {
		if err := o.Refused(profile); err != nil {
			w.violate("a helper ends badly: %v", err)
		}
		return
	}
	k, err := o.Served()
	if err == nil {
		err = w.whole(k.Keys)
	}
	if err != nil {
		w.violate("a helper's answer: %v", err)
	}
}

// whole returns what is wrong with an answer: it has expired, or it is not one
// session as STS issued it.
func (w *world) whole(k testbed.Keys) error {
	if !k.Ends.After(time.Now()) {
		return fmt.Errorf("it expired at %s", k.Expiration)
	}
	secret, token, ends, ok := w.STS.Issued(k.AccessKeyID)
	switch {
	case !ok:
		return errors.New("no such session was ever issued")
	case secret.Reveal() != k.SecretAccessKey || token.Reveal() != k.SessionToken || !ends.Equal(k.Ends):
		return errors.New("it is put together from two sessions")
	}
	return nil
}

// served is nil when a helper got a session.
func served(o testbed.Outcome) error {
	if o.Status != 0 {
		return fmt.Errorf("no session: status %d after %v: %s", o.Status, o.Took.Round(time.Millisecond), firstLine(o.Stderr))
	}
	return nil
}

// same is nil when a helper got the session that the other got.
func same(o, other testbed.Outcome) error {
	if err := served(o); err != nil {
		return err
	}
	if o.Stdout != other.Stdout {
		return errors.New("another session than before")
	}
	return nil
}

// refused is nil when a helper ended with this status and these words.
func refused(o testbed.Outcome, status int, words ...string) error {
	if o.Status != status {
		return fmt.Errorf("status %d, want %d: %s", o.Status, status, firstLine(o.Stderr))
	}
	for _, word := range words {
		if !strings.Contains(o.Stderr, word) {
			return fmt.Errorf("%q is not said: %s", word, o.Stderr)
		}
	}
	return nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// warm makes sure that the daemon runs and holds the actor's session, and
// returns that.
func (w *world) warm() testbed.Outcome {
	if w.pid() == 0 {
		w.start()
	}
	o := w.ask(actor)
	if err := served(o); err != nil {
		w.Fatalf("before the fault: %v", err)
	}
	return o
}

// eventually waits for something that happens behind an answer, and returns how
// long that took.
func (w *world) eventually(within time.Duration, what string, true func() bool) time.Duration {
	began := time.Now()
	for !true() {
		if time.Since(began) > within || w.ctx.Err() != nil {
			w.check(fmt.Errorf("not within %v: %s", within, what))
			return within
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.check(nil)
	return time.Since(began)
}
