//go:build linux

package main

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"understudy/e2e/outside"
	"understudy/internal/keychain/keyringtest"
	"understudy/internal/sandbox"
)

// mark stands in every secret that the sandbox issues. It is looked for in all
// that people, logs and files get to see.
const mark = "CanaryInTheMine"

const (
	roleARN = "arn:aws:iam::123456789012:role/"
	actor   = "actor" // the profile that every world has
)

// world is a user's place on a machine: a home folder, a socket, an environment
// that holds nothing of the person who runs this, a daemon, and an STS that can
// be told to misbehave.
type world struct {
	*trial
	dir, home, socket string
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
	full    bool     // more clients than a daemon has places for
}

// world makes a world with the profile actor. Sessions are kept in memory.
func (t *trial) world() *world {
	w := &world{trial: t, dir: t.TempDir(), binaries: t.bin(), sts: sandbox.New()}
	w.home = filepath.Join(w.dir, "home")
	w.socket = filepath.Join(w.dir, "run", "socket")
	w.vars = map[string]string{
		"PATH":              "/usr/local/bin:/usr/bin:/bin",
		"HOME":              w.home,
		"UNDERSTUDY_SOCKET": w.socket,
		"UNDERSTUDY_STORE":  "memory",
		"GOTRACEBACK":       "all",
	}
	for _, dir := range []string{w.home, filepath.Dir(w.socket), filepath.Join(w.home, ".aws")} {
		w.must(os.MkdirAll(dir, 0o700))
	}
	w.behave(sandbox.Behaviour{})
	w.serveSTS()
	alice := sandbox.Example()
	w.write(".aws/credentials", fmt.Sprintf("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
		alice.AccessKeyID, alice.Secret.Reveal()))
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
	w.vars["UNDERSTUDY_STORE"] = "auto"
	w.vars["DBUS_SESSION_BUS_ADDRESS"] = bus.Address
	return w
}

// serveSTS starts the sandbox, on the loopback of the world's network.
func (w *world) serveSTS() {
	var listener net.Listener
	var err error
	w.inside(func() { listener, err = net.Listen("tcp", "127.0.0.1:0") })
	w.must(err)
	w.url = "http://" + listener.Addr().String()
	w.stopSTS = w.serve(listener, w.sts)
}

// serve answers HTTP until the world ends or stop is called.
func (w *world) serve(l net.Listener, h http.Handler) (stop func()) {
	server := &http.Server{Handler: h, ErrorLog: quietLog()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(l)
	}()
	stop = sync.OnceFunc(func() {
		server.Close()
		<-done
	})
	w.Cleanup(stop)
	return stop
}

// countFlights has STS take a moment for each answer, and returns where the most
// calls that were under way at one time are told.
func (w *world) countFlights() *atomic.Int64 {
	w.stopSTS()
	var now, most atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	w.url = "http://" + l.Addr().String()
	w.stopSTS = w.serve(l, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
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
	path := filepath.Join(w.home, name)
	w.must(os.MkdirAll(filepath.Dir(path), 0o700))
	w.must(os.WriteFile(path, []byte(text), 0o600))
	for ; w.root && path != w.home; path = filepath.Dir(path) {
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
	return fmt.Sprintf("\n[profile %[1]s]\nregion = us-east-1\nendpoint_url = %[2]s\nunderstudy_role_arn = %[3]s%[1]s\nunderstudy_source_profile = base\n",
		name, w.url, roleARN) + strings.Join(append(own, ""), "\n")
}

// names are n profile names with a stem.
func names(stem string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%d", stem, i)
	}
	return out
}

func (w *world) env() []string {
	env := make([]string, 0, len(w.vars))
	for _, name := range slices.Sorted(maps.Keys(w.vars)) {
		env = append(env, name+"="+w.vars[name])
	}
	return env
}

// assumed is how often a role was asked for.
func (w *world) assumed() int { return w.sts.Count("AssumeRole") }

// pid is the daemon's process; 0 when none listens.
func (w *world) pid() (pid int) {
	w.asGuest(func() { pid = outside.PID(w.socket) })
	return pid
}
