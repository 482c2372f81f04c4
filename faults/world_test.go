//go:build linux

package faults

import (
	"fmt"
	"net"
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

// mark stands in every secret that the sandbox issues. It is looked for in all
// that people, logs and files get to see.
const mark = "CanaryInTheMine"

const (
	roleARN = "arn:aws:iam::123456789012:role/"
	actor   = "actor" // the profile that every world has
)

// world is a user's place on a machine, a daemon, and an STS that can be told to
// misbehave.
type world struct {
	*trial
	bed               *testbed.World
	dir, home, socket string            // those of bed; a row may look for another socket
	binaries          string            // folder
	vars              map[string]string // of all that runs here
	in                *enclave          // where that is; nil: where this program is
	before            []string          // what the daemon is an argument of, as root
	under             []string          // and that, as the world's user
	sts               *sandbox.Server
	url               string // of sts
	stopSTS           func()
	config            string // what .aws/config held last

	daemon  *process // that this program started; nil: a helper did, or none runs
	lasting []string // functions that are promised to go on for longer than ten seconds
	fresh   bool     // nothing is done here: it is what others are held against
}

// world makes a world with the profile actor. Sessions are kept in memory.
func (t *trial) world() *world {
	bed := testbed.New(t, t.TempDir(), t.bin())
	w := &world{trial: t, bed: bed, dir: bed.Dir, home: bed.Home, socket: bed.Socket, vars: bed.Vars, binaries: bed.Bin}
	w.vars["PATH"] = "/usr/local/bin:/usr/bin:/bin"
	w.vars["GOTRACEBACK"] = "all"
	bed.Limit, bed.Inside = 90*time.Second, w.inside
	bed.Change = func(cmd *exec.Cmd) {
		// In a session of its own: it must not find the terminal of the user who runs the tests.
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: w.user(), Setsid: true}
		// A helper's output ends when the last copy of its pipe is closed; a program that
		// is being started holds one until it gets a processor. So do a thousand ends.
		cmd.WaitDelay = 10*time.Second + w.startsOf(int(w.crowded.Load()))
	}
	bed.StartSTS()
	w.sts, w.url, w.stopSTS = bed.STS, bed.URL, bed.StopSTS
	w.behave(sandbox.Behaviour{})
	w.profiles(actor)
	w.give()
	t.Cleanup(w.end)
	return w
}

func (w *world) understudy() string { return filepath.Join(w.binaries, "understudy") }

func (w *world) helper() string { return filepath.Join(w.binaries, "understudy-credentials") }

// give hands everything below the world's folder to its user.
func (w *world) give() {
	if !w.root {
		return
	}
	w.must(filepath.WalkDir(w.dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, guest, guest)
	}))
}

// withKeyring gives the world an unlocked gnome-keyring on a bus of its own.
func (w *world) withKeyring() (*world, *keyringtest.Keyring) {
	ring := keyringtest.StartAs(w.trial, w.user())
	return w.on(ring.Bus), ring
}

// withFake gives it a Secret Service that can be told to misbehave.
func (w *world) withFake(m keyringtest.Mood) (*world, *keyringtest.Fake) {
	fake := keyringtest.StartFakeAs(w.trial, w.user(), m)
	return w.on(fake.Bus), fake
}

// on lets the world's programs find this bus, and what answers there.
func (w *world) on(bus *keyringtest.Bus) *world {
	w.bed.On(bus)
	return w
}

// serveSTS has the sandbox answer at a new URL, on the loopback of the world's network.
func (w *world) serveSTS() { w.answer(w.sts) }

func (w *world) answer(h http.Handler) {
	w.bed.ServeSTS(h)
	w.url, w.stopSTS = w.bed.URL, w.bed.StopSTS
}

// serve answers HTTP until the world ends or stop is called.
func (w *world) serve(l net.Listener, h http.Handler) (stop func()) {
	return testbed.Serve(w.trial, l, h)
}

// countFlights has STS take a moment for each answer, and returns where the most
// calls that were under way at one time are told.
func (w *world) countFlights() *atomic.Int64 {
	var now, most atomic.Int64
	w.answer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(20 * time.Millisecond)
		w.sts.ServeHTTP(rw, r)
	}))
	config := strings.Split(w.config, "\n")
	for i, line := range config {
		if strings.HasPrefix(line, "endpoint_url") {
			config[i] = "endpoint_url = " + w.url
		}
	}
	w.config = strings.Join(config, "\n")
	w.write(".aws/config", w.config)
	return &most
}

// quietFor waits until STS has not been asked for so long.
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
	w.sts.Set(b)
}

// write puts a file into the home folder.
func (w *world) write(name, text string) {
	w.bed.Write(name, text)
	for path := filepath.Join(w.home, name); w.root && path != w.home; path = filepath.Dir(path) {
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
	return testbed.Role(name, roleARN+name, w.url, own...)
}

// names are n profile names with a stem.
func names(stem string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%d", stem, i)
	}
	return out
}

func (w *world) env() []string { return w.bed.Env() }

// assumed is how often a role was asked for.
func (w *world) assumed() int { return w.sts.Count("AssumeRole") }

// pid is the daemon's process; 0 when none listens.
func (w *world) pid() (pid int) {
	w.asGuest(func() { pid = testbed.PID(w.socket) })
	return pid
}
