//go:build linux

package faults

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"understudy/internal/keychain/keyringtest"
	"understudy/internal/sandbox"
	"understudy/internal/testbed"
)

// mark is in every secret that the sandbox issues. The suite searches outputs,
// logs and files for it.
const mark = "CanaryInTheMine"

const (
	roleARN = "arn:aws:iam::123456789012:role/"
	actor   = "actor" // the profile that every world has
)

// world is a user's place on a machine, a daemon, and an STS that can be told to
// misbehave.
type world struct {
	*trial
	*testbed.World          // a row may look for another Socket
	in             *enclave // where its programs run; nil: where this program does
	before         []string // command that runs the daemon, as root
	under          []string // command that before runs, as the world's user
	config         string   // what .aws/config held last

	daemon  *process // that this program started; nil: a helper started it, or none is running
	lasting []string // functions that are promised to go on for longer than ten seconds
	fresh   bool     // no fault happens here: it is the baseline of other worlds
	full    bool     // more clients than a daemon has places for
}

// world makes a world with the profile actor. Sessions are kept in memory.
func (t *trial) world() *world {
	w := &world{trial: t, World: testbed.New(t, t.TempDir(), t.bin)}
	w.Vars["PATH"] = "/usr/local/bin:/usr/bin:/bin"
	w.Vars["GOTRACEBACK"] = "all"
	w.Limit, w.Inside = 90*time.Second, w.inside
	w.Change = func(cmd *exec.Cmd) {
		// In a session of its own: it must not find the terminal of the user who runs the tests.
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: w.user(), Setsid: true}
		cmd.WaitDelay = 10 * time.Second // two CPUs take a while to read the output of a thousand processes
	}
	w.StartSTS()
	w.behave(sandbox.Behaviour{})
	w.profiles(actor)
	w.give()
	t.Cleanup(w.end)
	return w
}

// give hands everything below the world's folder to its user.
func (w *world) give() {
	if !w.root {
		return
	}
	w.must(filepath.WalkDir(w.Dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, guest, guest)
	}))
}

// withKeyring gives the world an unlocked gnome-keyring on a bus of its own.
func (w *world) withKeyring() (*world, *keyringtest.Keyring) {
	ring := keyringtest.StartAs(w.trial, w.user())
	w.On(ring.Bus)
	return w, ring
}

// withFake gives it a Secret Service that can be told to misbehave.
func (w *world) withFake(m keyringtest.Mood) (*world, *keyringtest.Fake) {
	fake := keyringtest.StartFakeAs(w.trial, w.user(), m)
	w.On(fake.Bus)
	return w, fake
}

// countFlights makes STS take a moment for each answer, and returns a counter
// of the most calls that were in progress at one time.
func (w *world) countFlights() *atomic.Int64 {
	var now, most atomic.Int64
	w.ServeSTS(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(20 * time.Millisecond)
		w.STS.ServeHTTP(rw, r)
	}))
	config := strings.Split(w.config, "\n")
	for i, line := range config {
		if strings.HasPrefix(line, "endpoint_url") {
			config[i] = "endpoint_url = " + w.URL
		}
	}
	w.config = strings.Join(config, "\n")
	w.write(".aws/config", w.config)
	return &most
}

// quietFor waits until AssumeRole has not been called for d.
func (w *world) quietFor(d time.Duration) {
	calls, since := w.assumed(), time.Now()
	for time.Since(since) < d {
		time.Sleep(20 * time.Millisecond)
		if n := w.assumed(); n != calls {
			calls, since = n, time.Now()
		}
	}
}

// behave changes how STS answers. Its secrets are always marked.
func (w *world) behave(b sandbox.Behaviour) {
	b.SecretMark = mark
	w.STS.Set(b)
}

// write puts a file into the home folder.
func (w *world) write(name, text string) {
	w.Write(name, text)
	for path := filepath.Join(w.Home, name); w.root && path != w.Home; path = filepath.Dir(path) {
		w.must(os.Lchown(path, guest, guest))
	}
}

// profiles writes the configuration: base, and these, each with a role of its
// own.
func (w *world) profiles(names ...string) {
	w.config = "[profile base]\nregion = us-east-1\n"
	for _, name := range names {
		w.config += w.profile(name)
	}
	w.write(".aws/config", w.config)
}

// add writes more profiles.
func (w *world) add(names ...string) {
	for _, name := range names {
		w.config += w.profile(name)
	}
	w.write(".aws/config", w.config)
}

// profile is the section of one profile.
func (w *world) profile(name string, own ...string) string {
	return testbed.Role(name, roleARN+name, w.URL, own...)
}

// names are n profile names with a stem.
func names(stem string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%d", stem, i)
	}
	return out
}

// assumed is how often a role was asked for.
func (w *world) assumed() int { return w.STS.Count("AssumeRole") }

// pid is the daemon's process; 0 when none listens.
func (w *world) pid() (pid int) {
	w.asGuest(func() { pid = testbed.PID(w.Socket) })
	return pid
}
