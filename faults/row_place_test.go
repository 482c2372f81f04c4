//go:build linux

package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/testbed"
)

// defaultPlaces removes the variables that name the world's places, so that
// they depend on the user alone, and gives the world its own password
// database and /run/user.
func (w *world) defaultPlaces() {
	w.in = w.enclose("a file system of its own", unix.CLONE_NEWNS)
	delete(w.Vars, "UNDERSTUDY_SOCKET")
	passwd := filepath.Join(w.Dir, "passwd")
	w.must(os.WriteFile(passwd, fmt.Appendf(nil, "root:x:0:0::/root:/bin/sh\nguest:x:%d:%d::%s:/bin/sh\n", w.uid(), w.uid(), w.Home), 0o644))
	w.must(os.Chmod(w.Dir, 0o755))
	var err error
	w.inside(func() {
		if err = unix.Mount(passwd, "/etc/passwd", "", unix.MS_BIND, ""); err != nil {
			return
		}
		if err = os.MkdirAll("/run/user", 0o755); err == nil {
			err = unix.Mount("none", "/run/user", "tmpfs", 0, "mode=0755")
		}
	})
	w.must(err)
	w.Socket = filepath.Join(w.state(), "run", "socket")
}

// homes is row 4.
func homes(t *trial) {
	root := func() []string {
		entries, err := os.ReadDir("/")
		t.must(err)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	before := root()
	for _, home := range []struct {
		name, value string
		served      bool
		prepare     func(w *world)
	}{
		{"read-only", "=", false, func(w *world) { t.must(os.Chmod(w.Home, 0o500)); t.must(os.Chmod(w.Home+"/.aws", 0o500)) }},
		{"read-only, with a socket elsewhere", "=", true, func(w *world) {
			w.Socket = filepath.Join(w.Dir, "run", "socket")
			w.Vars["UNDERSTUDY_SOCKET"] = w.Socket
			t.must(os.Chmod(w.Home, 0o500))
		}},
		{"unset", "", true, nil},
		{"empty", "empty", true, nil},
		{"relative", "home", true, nil},
		{"missing", "/nowhere/home", false, nil},
		{"another's", "", false, func(w *world) { t.must(os.Lchown(w.Home, stranger, stranger)) }},
		{"the root", "/", false, nil},
	} {
		for range t.size(3, 20) {
			w := t.world()
			w.defaultPlaces()
			cwd := filepath.Join(w.Dir, "cwd")
			t.must(os.Mkdir(cwd, 0o700))
			w.give()
			if home.prepare != nil {
				home.prepare(w)
			}
			switch home.value {
			case "":
				delete(w.Vars, "HOME")
			case "empty":
				w.Vars["HOME"] = ""
			case "=":
			default:
				w.Vars["HOME"] = home.value
			}
			if home.name == "another's" {
				w.Vars["HOME"] = w.Home
			}
			o := w.asked(fetchLimit, func(cmd *exec.Cmd) { cmd.Dir = cwd }, actor)
			if home.served {
				err := served(o)
				if err != nil {
					err = fmt.Errorf("%s: %w", home.name, err)
				}
				t.check(err)
				t.checkf(w.pid() != 0, "%s: the daemon listens elsewhere than at %s", home.name, w.Socket)
			} else {
				t.checkf(o.Status != 0, "%s: it is served", home.name)
			}
			entries, err := os.ReadDir(cwd)
			t.must(err)
			t.checkf(len(entries) == 0, "%s: something is written into the working folder", home.name)
			t.checkf(slices.Equal(root(), before), "%s: something is written into /: %v", home.name, root())
		}
	}
}

// noLocks is row 5.
func noLocks(t *trial) {
	t.parallel(map[string]func(*trial){"no locks": lockless, "logout": logout})
}

// lockless starts daemons and helpers for which the file system has no locks.
func lockless(t *trial) {
	t.need("strace", "strace")
	for range t.size(3, 20) {
		w := t.world()
		w.under = []string{"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=flock", "-e", "inject=flock:error=ENOLCK"}
		all := make([]*process, 10)
		for i := range all {
			all[i] = w.launch()
		}
		w.daemon = w.lastOf(all)
		w.under = nil
		t.check(served(w.quick(actor)))
		t.checkf(w.assumed() == 1, "%d calls to STS", w.assumed())
	}
	// Helpers that know no locks either start one daemon.
	w := t.world()
	waits := make([]func(), 20)
	for i := range waits {
		wait := w.Begin(nil, "strace", "-f", "-b", "execve", "-qq", "-o", "/dev/null", "-e", "trace=flock", "-e", "inject=flock:error=ENOLCK", w.Path("understudy-credentials"), actor)
		waits[i] = func() { t.check(served(wait())) }
	}
	for _, wait := range waits {
		wait()
	}
	t.checkf(w.assumed() == 1, "%d calls to STS", w.assumed())
}

// lastOf waits until one of the daemons is left, counts that as one try, and
// returns it.
func (w *world) lastOf(all []*process) (winner *process) {
	var alive []*process
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		alive = slices.DeleteFunc(slices.Clone(all), func(p *process) bool {
			select {
			case <-p.done:
				return true
			default:
				return false
			}
		})
		if len(alive) <= 1 {
			break
		}
	}
	w.checkf(len(alive) == 1, "%d of %d daemons live on", len(alive), len(all))
	for i, p := range alive {
		if i > 0 {
			p.cmd.Process.Kill()
			continue
		}
		winner = p
		w.listens(p)
	}
	return winner
}

// logout takes the runtime folder away from under a daemon, as the end of a
// login session does.
func logout(t *trial) {
	for what, remove := range map[string]func(dir string) error{
		"removed":   os.RemoveAll,
		"unmounted": func(dir string) error { return unix.Unmount(dir, unix.MNT_DETACH) },
		"renamed":   func(dir string) error { return os.Rename(dir, dir+".gone") },
	} {
		w := t.world()
		w.defaultPlaces()
		dir := fmt.Sprintf("/run/user/%d", w.uid())
		var err error
		w.inside(func() {
			if err = os.Mkdir(dir, 0o700); err == nil && what == "unmounted" {
				err = unix.Mount("none", dir, "tmpfs", 0, "mode=0700")
			}
			if err == nil {
				err = os.Chown(dir, int(w.uid()), int(w.uid()))
			}
		})
		t.must(err)
		t.check(served(w.ask(actor)))
		pid := w.status().Daemon.PID
		t.checkf(pid != 0 && w.pid() == 0, "%s: the daemon does not listen in %s", what, dir)
		w.inside(func() { err = remove(dir) })
		t.must(err)
		o := w.ask(actor)
		t.check(served(o))
		if w.pid() == 0 {
			t.checkf(false, "%s: no daemon below the home folder: %s", what, w.log())
		}
		began := time.Now()
		t.checkf(testbed.Gone(pid, 60*time.Second), "%s: the daemon whose folder is gone stays", what)
		t.most("left after", time.Since(began))
		t.check(served(w.quick(actor)))
	}
}

// sleeper is row 23: a hundred roles are due when the machine wakes.
func sleeper(t *trial) {
	w := t.world()
	w.Vars["UNDERSTUDY_KEEP_WARM"] = "30m"
	all := names("role", 100)
	w.profiles(append(all, actor)...)
	flying := w.countFlights()
	w.start()
	firsts := map[string]string{}
	for _, name := range all {
		o := w.ask(name)
		t.check(served(o))
		firsts[name] = o.Stdout
	}
	calls := w.assumed()
	flying.Store(0)
	awake := w.asleep(37 * time.Minute)
	for _, name := range all[:50] {
		o := w.quick(name)
		t.check(served(o))
		t.checkf(o.Stdout == firsts[name] || o.Status != 0, "%s is not served what is good", name)
	}
	w.eventually(20*time.Second, "what is in use is renewed", func() bool { return w.assumed()-calls >= 50 })
	w.quietFor(time.Second)
	t.checkf(w.assumed()-calls == 50, "%d sessions are renewed, 50 are in use", w.assumed()-calls)
	t.worst("at one time", float64(flying.Load()), "")
	t.checkf(flying.Load() <= 4, "%d renewals are in flight at one time", flying.Load())
	awake()
}

// asleep has the running daemon find that its machine slept so long: the boot
// clock, which it asks the kernel for, stands at a later time until awake.
func (w *world) asleep(d time.Duration) (awake func()) {
	var now unix.Timespec
	w.must(unix.ClockGettime(unix.CLOCK_BOOTTIME, &now))
	seconds := uint64(now.Sec + int64(d.Seconds()))
	var b strings.Builder
	for i := range 16 { // a timespec, and no nanoseconds
		v := byte(0)
		if i < 8 {
			v = byte(seconds >> (8 * i))
		}
		fmt.Fprintf(&b, `\x%02x`, v)
	}
	return w.inject("clock_gettime:poke_exit=@arg2=" + strings.ReplaceAll(b.String(), `\x`, ""))
}
