//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/sandbox"
	"understudy/internal/testbed"
)

// stops is row 35.
func stops(t *trial) {
	w, _ := t.world().withKeyring()
	n := t.size(40, 1000)
	w.profiles(append(names("cold", n), actor)...)
	first := w.warm()
	w.storedWithin(10 * time.Second)
	end := w.load(first.Stdout)
	for _, name := range names("cold", n) {
		var flying sync.WaitGroup
		flying.Go(func() { w.ask(name) }) // a fetch, or the word that the daemon stops
		time.Sleep(30 * time.Millisecond)
		pid := w.pid()
		for deadline := time.Now().Add(5 * time.Second); pid == 0 && time.Now().Before(deadline); pid = w.pid() {
			time.Sleep(time.Millisecond) // the next one is being started
		}
		began := time.Now()
		send(pid, unix.SIGTERM)
		if w.daemon != nil && w.daemon.pid == pid {
			w.gone(5 * time.Second)
		} else {
			testbed.Gone(pid, 5*time.Second)
		}
		t.most("stopped after", time.Since(began))
		t.checkf(pid != 0 && time.Since(began) < 2*time.Second, "a stop takes %v", time.Since(began))
		flying.Wait()
	}
	end()
	t.parallel(map[string]func(*trial){"SIGHUP": settingsAgain, "SIGUSR1": dropAll})
}

// load has helpers ask for the actor until it is ended. Each must get the same
// session.
func (w *world) load(want string) (end func()) {
	var over atomic.Bool
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for !over.Load() && w.ctx.Err() == nil {
				o := w.quick(actor)
				err := served(o)
				if err == nil && o.Stdout != want {
					err = fmt.Errorf("another session than before")
				}
				w.check(err)
			}
		})
	}
	return func() {
		over.Store(true)
		all.Wait()
	}
}

// settingsAgain sends SIGHUP, with settings that are right and that are not.
func settingsAgain(t *trial) {
	w := t.world()
	first := w.warm()
	for n := range t.size(10, 100) {
		text, says := fmt.Sprintf("[daemon]\nkeep_warm = %dm\n", n+2), "read the settings again"
		if n%2 == 1 {
			text, says = "[daemon]\nkeep_wram = 2m\n", "the settings stay as they were"
		}
		w.write(".config/understudy/config", text)
		said := w.logged()
		w.signal(unix.SIGHUP)
		t.most("read again after", w.eventually(time.Second, says, func() bool { return strings.Contains(w.since(said), says) }))
		t.check(same(w.quick(actor), first))
	}
}

// dropAll sends SIGUSR1 to a daemon that keeps sessions in memory only.
func dropAll(t *trial) {
	w := t.world()
	first := w.warm()
	for range t.size(10, 100) {
		said := w.logged()
		w.signal(unix.SIGUSR1)
		took := w.eventually(time.Second, "the secrets are dropped", func() bool { return strings.Contains(w.since(said), "dropped all secrets") })
		t.most("dropped after", took)
		t.checkf(took < 100*time.Millisecond, "dropped after %v", took)
		calls := w.assumed()
		o := w.ask(actor)
		t.check(served(o))
		t.checkf(o.Stdout != first.Stdout && w.assumed() == calls+1, "what was dropped is served")
		first = o
	}
}

// killedElsewise is row 36.
func killedElsewise(t *trial) {
	t.parallel(map[string]func(*trial){"signals": outOfMemory, "no forks": noForks, "crash at start": crashesAtStart})
	t.note("a panic within a handler cannot be made in the released binary; the daemon's own tests hold what comes of it")
}

// back counts one try, right if a helper is served within a second, and what the
// machine takes to start a daemon and its worker.
func (w *world) back(what, want string) {
	began := time.Now()
	o := w.ask(actor)
	err := served(o)
	if err == nil && want != "" && o.Stdout != want {
		err = fmt.Errorf("another session")
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", what, err)
	}
	w.check(err)
	w.most("back after", time.Since(began))
	w.checkf(time.Since(began) < time.Second+20*w.perStart(), "%s: back after %v", what, time.Since(began))
}

// outOfMemory has the kernel end the daemon for want of memory, and by the
// signals of a crash.
func outOfMemory(t *trial) {
	w, _ := t.world().withKeyring()
	first := w.warm()
	w.storedWithin(10 * time.Second)
	for range t.size(3, 30) {
		for _, how := range []unix.Signal{unix.SIGSEGV, unix.SIGABRT, unix.SIGBUS, unix.SIGKILL} {
			pid := w.pid()
			send(pid, how)
			if w.daemon != nil {
				w.gone(5 * time.Second)
			} else {
				testbed.Gone(pid, 5*time.Second)
			}
			w.back(unix.SignalName(how), first.Stdout)
		}
	}
	if why := w.starve(first.Stdout); why != "" {
		t.note("the kernel's own OOM killer was not called: %s; SIGKILL is what it sends", why)
	}
}

// starve puts the daemon into a group with too little memory.
func (w *world) starve(want string) (why string) {
	if !w.root {
		return "a group for it takes root"
	}
	group, limit := fmt.Sprintf("/sys/fs/cgroup/memory/understudy-faults-%d", os.Getpid()), "memory.limit_in_bytes"
	if _, err := os.Stat("/sys/fs/cgroup/memory"); err != nil {
		group, limit = fmt.Sprintf("/sys/fs/cgroup/understudy-faults-%d", os.Getpid()), "memory.max"
	}
	if err := os.Mkdir(group, 0o755); err != nil {
		return err.Error()
	}
	defer os.Remove(group)
	put := func(name, text string) error { return os.WriteFile(filepath.Join(group, name), []byte(text), 0o644) }
	// As the daemon starts it fits, just.
	if err := put(limit, fmt.Sprint(3<<20)); err != nil {
		return err.Error()
	}
	w.clear()
	w.before = []string{"sh", "-c", `echo $$ >` + group + `/cgroup.procs && exec "$@"`, "sh"}
	w.daemon = w.launch()
	w.listens(w.daemon)
	p := w.daemon
	w.before = nil
	if p.pid != 0 {
		for range 20 {
			select {
			case <-p.done:
			default:
				w.asGuest(func() {
					for frame := range frames(50) {
						w.send(frame) // it may be gone by now
					}
				})
			}
		}
	}
	select {
	case <-p.done:
	case <-time.After(2 * time.Second):
		w.clear()
		return "it needs less than the group has"
	}
	w.daemon = nil
	if how := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !how.Signaled() || how.Signal() != unix.SIGKILL {
		return fmt.Sprintf("it ended otherwise (%v)", p.cmd.ProcessState)
	}
	w.back("out of memory", want)
	return ""
}

// noForks refuses the daemon its worker, and the kernel's threads.
func noForks(t *trial) {
	if !t.root {
		t.note("refusing a fork takes root and was left out")
		return
	}
	w, _ := t.world().withKeyring()
	w.profiles(append(names("cold", 20), actor)...)
	w.warm()
	w.storedWithin(10 * time.Second)
	w.eventually(15*time.Second, "the worker rests", func() bool { return w.worker() == 0 })
	mend := w.inject("execve:error=EAGAIN")
	for _, name := range names("cold", 10) {
		o := w.ask(name)
		t.check(served(o))
		t.most("answer", o.Took)
	}
	mend()
	w.storedWithin(70 * time.Second)
	w.inject("clone:error=EAGAIN", "clone3:error=EAGAIN")
	w.crowd(50, fetchLimit, actor) // its runtime may end it, then they start another
	w.back("no threads", "")
}

// crashesAtStart kills each daemon that reads the index.
func crashesAtStart(t *trial) {
	t.needRoot("to trace a daemon by the files it opens")
	w, _ := t.world().withKeyring()
	w.behave(sandbox.Behaviour{})
	first := w.warm()
	w.storedWithin(10 * time.Second)
	w.stop()
	index := filepath.Join(w.state(), "sessions.json")
	w.before = []string{"strace", "-f", "-qq", "-o", "/dev/null", "-P", index, "-e", "trace=openat", "-e", "inject=openat:signal=SEGV"}
	for n := 1; ; n++ {
		began := time.Now()
		w.daemon = w.launch()
		w.listens(w.daemon)
		if w.alive() == nil { // to listen comes first
			t.worst("crashes before", float64(n-1), "")
			t.checkf(n == 4, "start %d is the first that does without what crashes it", n)
			t.most("start without", time.Since(began))
			break
		}
		if n == 6 {
			t.Fatalf("it crashes again and again: %s", w.log())
		}
		w.daemon = nil
	}
	w.before = nil
	w.back("without the index", first.Stdout) // it is in the keychain all the same
	t.checkf(strings.Contains(w.log(), "set aside"), "the log does not say what was set aside")
}
