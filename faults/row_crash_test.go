//go:build linux

package faults

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"understudy/internal/testbed"

	"golang.org/x/sys/unix"
)

// crashPoints is row 1.
func crashPoints(t *trial) {
	t.need("strace", "strace")
	t.needRoot("a boot clock of its own")
	t.parallel(map[string]func(*trial){"renewal": renewalKilled, "trust": trustKilled})
}

// steps are the system calls that write something: the index, the log, the
// worker's input. Only the worker calls recvmsg: with it, it reads the
// keychain's answer to each of its steps.
var steps = []string{"recvmsg", "write", "fsync", "close", "renameat", "openat", "fchmodat", "write,fsync,close,renameat,openat,fchmodat"}

// straced returns the command that kills a program at the nth of these calls.
func straced(call string, n int) []string {
	return []string{"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n)}
}

// renewalKilled renews a session, which overwrites the old one, and kills the daemon
// in the middle. It kills the worker as well, whose calls are counted separately.
func renewalKilled(t *trial) {
	w, _ := t.world().withKeyring()
	last := w.warm().Stdout
	w.storedWithin(10 * time.Second)
	w.stop()
	w.Vars["GOMAXPROCS"] = "1" // calls are counted per thread: with one thread there are more places to kill at
	kills, workers, away := 0, 0, 0
	past := map[string]bool{} // sessions that were there before the last one
	for n, before := 1, -1; kills+workers < t.size(100, 1000) && kills+workers > before; n++ {
		before = kills + workers // a round that kills no process is the last
		for _, call := range steps {
			away += 2520 // each daemon finds the session of the one before due
			w.before = []string{"unshare", "--time", fmt.Sprintf("--boottime=%d", away)}
			w.under = straced(call, n)
			said := w.logged()
			w.daemon = w.launch()
			p := w.daemon
			w.listens(p)
			o := w.ask(actor) // starts another daemon if that one is gone
			if o.Status != 0 {
				o = w.ask(actor) // the first helper saw the daemon die, and reported it
			}
			t.check(served(o))
			send(w.pid(), unix.SIGTERM)
			<-p.done
			w.daemon, w.before, w.under = nil, nil, nil
			w.clear()
			if how := p.cmd.ProcessState.Sys().(syscall.WaitStatus); how.Signaled() {
				kills++
			} else if strings.Contains(w.since(said), "worker ended unexpectedly") {
				workers++
			}
			last = w.oldOrNew(fmt.Sprintf("killed at %s %d", call, n), last, past)
		}
	}
	t.worst("daemons killed", float64(kills), "")
	t.worst("workers killed", float64(workers), "")
	w.start() // end checks the rest, as in every row
}

// listens waits until a daemon does, or is dead.
func (w *world) listens(p *process) {
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if p.pid = w.pid(); p.pid != 0 {
			return
		}
		select {
		case <-p.done:
			return
		default:
		}
	}
}

// oldOrNew counts one try, right if the next daemon has the old session from the
// keychain, or a newer one, and has removed temporary files; it returns that
// session. No helper need have got the newer one: a worker finishes a write after
// its daemon was killed. ask has checked that the session is whole.
func (w *world) oldOrNew(what, old string, past map[string]bool) string {
	calls, said := w.assumed(), w.logged()
	w.start()
	o := w.ask(actor)
	w.check(served(o))
	w.checkf(!past[o.Stdout], "%s: the next daemon serves an older session than the last", what)
	if o.Stdout != old {
		past[old] = true
	}
	w.checkf(w.assumed() == calls, "%s: the next daemon asks STS", what)
	if log := w.since(said); strings.Contains(log, "not usable") {
		w.violate("%s: what was kept is not whole: %s", what, log)
	}
	w.storedWithin(10 * time.Second)
	w.stop()
	left, _ := filepath.Glob(filepath.Join(w.state(), ".sessions.json.understudy-temp-*"))
	w.checkf(len(left) == 0, "%s: %v is left", what, left)
	return o.Stdout
}

// trustKilled kills the command that writes the list of trusted files.
func trustKilled(t *trial) {
	w := t.world()
	w.write("one", "[default]\n")
	w.write("two", "[default]\n")
	one, two := filepath.Join(w.Home, "one"), filepath.Join(w.Home, "two")
	t.checkf(w.people("trust", one).Status == 0, "a file cannot be trusted")
	kills := 0
	for n, before := 1, -1; kills > before; n++ {
		before = kills
		for _, call := range steps {
			o := w.runs(append(straced(call, n), w.Path("understudy"), "trust", two)...)
			list := w.people("trust", "--list")
			t.checkf(list.Status == 0 && strings.Contains(list.Stdout, one), "killed at %s %d: the list is lost: %v", call, n, list)
			if o.Status == 0 {
				t.checkf(strings.Contains(list.Stdout, two), "it says that it is written, and it is not")
			} else {
				kills++
			}
			t.checkf(w.people("trust", "--remove", two).Status <= 4, "the list cannot be written any more")
		}
	}
	// Temporary files are removed once no process can still be writing them.
	left, _ := filepath.Glob(filepath.Join(w.state(), ".trusted-*"))
	for _, path := range left {
		old := time.Now().Add(-2 * time.Minute)
		t.must(os.Chtimes(path, old, old))
	}
	t.checkf(w.people("trust", two).Status == 0, "a file cannot be trusted")
	left, _ = filepath.Glob(filepath.Join(w.state(), ".trusted-*"))
	t.checkf(len(left) == 0, "%d temporary files stay", len(left))
	t.worst("trust killed", float64(kills), "")
}

// takeover is row 28.
func takeover(t *trial) {
	w, _ := t.world().withKeyring()
	first := w.warm()
	w.storedWithin(10 * time.Second)
	var middle, limit time.Duration
	for range 5 { // other programs share the CPU, so the best of five series is used
		var plain time.Duration
		middle, plain = w.takeovers(t.size(20, 200), first)
		limit = max(50*time.Millisecond, plain) // on a slow machine every start takes longer
		if middle <= limit {
			break
		}
	}
	t.most("takeover median", middle)
	t.checkf(middle <= limit, "a takeover takes %v (median), at most %v is promised", middle, limit)

	// The lock's file goes, its holder stays.
	t.must(os.Remove(filepath.Join(filepath.Dir(w.Socket), "lock")))
	pid := w.pid()
	second := w.launch()
	select {
	case <-second.done:
		t.checkf(second.cmd.ProcessState.ExitCode() != 0, "a second daemon says that all is well")
	case <-time.After(10 * time.Second):
		second.cmd.Process.Kill()
		t.violate("a second daemon goes on without the lock's file")
	}
	t.checkf(w.pid() == pid, "the socket is another's now")
	t.check(same(w.quick(actor), first))
	for n := range t.size(4, 20) {
		w.race(n)
	}
}

// takeovers kills the daemon and starts another, n times. It returns the median time of
// a start that finds a dead daemon's socket and lock, and of a start that finds neither.
func (w *world) takeovers(n int, first testbed.Outcome) (middle, plain time.Duration) {
	var took, clean []time.Duration
	for range n {
		w.kill()
		_, err := os.Lstat(w.Socket)
		w.checkf(err == nil, "a killed daemon has removed its socket")
		began := time.Now()
		w.start()
		took = append(took, time.Since(began))
		w.check(same(w.quick(actor), first))
		w.stop()
		began = time.Now()
		w.start()
		clean = append(clean, time.Since(began))
	}
	slices.Sort(took)
	slices.Sort(clean)
	w.most("takeover longest", took[n-1])
	w.most("first start median", clean[n/2])
	return took[n/2], clean[n/2]
}

// race starts 50 daemons at once, with the socket and lock of a dead one present.
func (w *world) race(n int) {
	w.kill()
	if n%2 == 1 {
		w.must(os.Remove(filepath.Join(filepath.Dir(w.Socket), "lock")))
	}
	all := make([]*process, 50)
	for i := range all {
		all[i] = w.launch()
	}
	w.daemon = w.lastOf(all)
	w.checkf(w.daemon != nil && w.daemon.pid == w.daemon.cmd.Process.Pid, "another listens than the one that is left")
	w.check(served(w.quick(actor)))
}

// malformed is row 33.
func malformed(t *trial) {
	w := t.world()
	first := w.warm()
	w.trips(actor, 300)
	w.feed(frames(200))
	before := memory(w.pid(), "VmRSS")
	w.feed(frames(t.size(3000, 1_000_000)))
	w.flood()
	w.eventually(10*time.Second, "memory is back to what it was, and at most 1 MiB more", func() bool {
		return memory(w.pid(), "VmRSS")-before < 1<<20
	})
	t.worst("memory grown", float64(memory(w.pid(), "VmRSS")-before)/1024, "KiB")
	t.check(same(w.quick(actor), first))
}

// feed sends each frame on a connection of its own, and wants it closed.
func (w *world) feed(all func(func([]byte) bool)) {
	w.asGuest(func() {
		for frame := range all {
			w.check(w.send(frame))
		}
	})
}

// send is nil when a frame is answered with an error, or with what it asked for
// where it still makes sense, and the connection is closed. The caller must be the
// world's user.
func (w *world) send(frame []byte) error {
	conn, err := net.Dial("unix", w.Socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(8 * time.Second))
	conn.Write(frame) // it may hang up in the middle
	conn.(*net.UnixConn).CloseWrite()
	var got []byte
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		got = append(got, buf[:n]...)
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			return fmt.Errorf("%.60q: the connection stays open", frame)
		}
		if err != nil {
			break
		}
	}
	if text := string(got); strings.Contains(text, "SecretAccessKey") && !strings.Contains(string(frame), `"credentials"`) {
		return fmt.Errorf("%.60q is answered with a session", frame)
	}
	return nil
}

// need leaves the row out where a program is missing.
func (t *trial) need(program, pack string) {
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed (Debian: %s)", program, pack)
	}
}
