//go:build linux

package faults

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/status"
	"understudy/internal/testbed"
	"understudy/internal/wire"
)

// residentLimit is what a daemon may have resident, ever.
const residentLimit = 64 << 20

// footprint is what a daemon holds of the system.
type footprint struct {
	files      int // descriptors, but for those below
	tcp, pipes int // connections to STS; pipes of the keychain's worker
	dialing    int // of tcp: not connected yet
	names      []string
}

// footprintOf reads the descriptors of a process. It takes root, or a process
// that may be looked into: a daemon may not.
func footprintOf(pid int) (f footprint, err error) {
	const synSent = "02"       // a state of TCP, as the kernel prints it
	tcp := map[string]string{} // states
	for _, table := range []string{"tcp", "tcp6"} {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		for line := range strings.Lines(string(text)) {
			if fields := strings.Fields(line); len(fields) > 9 {
				tcp["socket:["+fields[9]+"]"] = fields[3]
			}
		}
	}
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	for _, e := range entries {
		target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, e.Name()))
		switch {
		case err != nil: // closed meanwhile
		case tcp[target] != "":
			f.tcp++
			if tcp[target] == synSent {
				f.dialing++
			}
		case strings.HasPrefix(target, "pipe:"), strings.Contains(target, "pidfd"):
			f.pipes++
		default:
			f.files++
			f.names = append(f.names, target)
		}
	}
	return f, err
}

// memory reads one of the sizes in a process's status, in bytes; 0 when it is
// gone.
func memory(pid int, name string) int64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if k, v, _ := strings.Cut(lines.Text(), ":"); k == name {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(v), " kB"), 10, 64)
			return kb << 10
		}
	}
	return 0
}

// weigh notes the most that a daemon has had resident in its life.
func (w *world) weigh(pid int) {
	peak := memory(pid, "VmHWM")
	w.worst("resident", float64(peak>>20), "MB")
	if peak > residentLimit {
		w.violate("the daemon had %d MB resident, at most 64 are promised", peak>>20)
	}
}

// baselines are what a daemon holds that has served one answer and nothing
// else, for each kind of store.
type baselines struct {
	mu    sync.Mutex
	known map[string]baseline
}

type baseline struct {
	files      int
	goroutines map[string]int // by what they do
}

// baseline measures it once, in a world of its own. A daemon that a helper
// started has its log in a file of its own, and cannot be asked for its
// goroutines.
func (t *trial) baseline(store string, detached bool) baseline {
	kind := fmt.Sprint(store, detached)
	t.baselines.mu.Lock()
	defer t.baselines.mu.Unlock()
	if b, ok := t.known[kind]; ok {
		return b
	}
	w := t.world()
	w.fresh = true
	if store != "memory" {
		w, _ = w.withKeyring()
	}
	if !detached {
		w.start()
	}
	if err := served(w.ask(actor)); err != nil {
		t.Fatalf("without a fault: %v", err)
	}
	if store != "memory" {
		// Otherwise a write in progress would be part of the baseline.
		w.took(time.Now(), 10*time.Second+w.breaker(), w.stored)
	}
	w.quiet()
	f, _ := footprintOf(w.pid())
	b := baseline{files: f.files}
	if !detached {
		b.goroutines = w.dump()
	}
	if t.known == nil {
		t.known = map[string]baseline{}
	}
	t.known[kind] = b
	return b
}

// quiet waits until the work that follows an answer is done.
func (w *world) quiet() {
	last, still := -1, time.Now()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		f, err := footprintOf(w.pid())
		if err != nil || f.files != last || f.dialing > 0 || !w.idle() {
			last, still = f.files, time.Now()
		}
		if time.Since(still) > 300*time.Millisecond {
			return
		}
	}
}

// idle reports whether the daemon has finished its work: no session is being fetched,
// and all of its threads sleep. The end of a fault causes work: when the network is
// back, the daemon renews sessions, and an abandoned look-up ends. This takes longer on
// a busy machine. A goroutine that is about to start or to end keeps a thread awake.
func (w *world) idle() bool {
	reply, err := w.request(wire.Request{Op: wire.Status}, time.Second)
	if err != nil || len(w.lasting) == 0 && bytes.Contains(reply.Body, []byte(`"state":"`+string(status.Renewing)+`"`)) {
		return false
	}
	for range 3 { // the status request was work, too
		time.Sleep(10 * time.Millisecond)
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", w.running()))
		for _, thread := range threads {
			text, _ := os.ReadFile(thread)
			if _, after, ok := bytes.Cut(text, []byte(") ")); ok && !bytes.HasPrefix(after, []byte("S")) {
				return false
			}
		}
	}
	return true
}

// dump ends the daemon with SIGQUIT, on which the runtime lists the goroutines,
// and counts those that are not there for a while on purpose.
func (w *world) dump() map[string]int {
	before, _ := os.Stat(w.logPath())
	w.signal(unix.SIGQUIT)
	if !w.gone(5 * time.Second) {
		w.violate("the daemon does not end on SIGQUIT")
		return nil
	}
	text, _ := os.ReadFile(w.logPath())
	if before != nil {
		text = text[min(int(before.Size()), len(text)):]
	}
	w.search("a dump of the daemon's goroutines", string(text))
	counts := map[string]int{}
	for block := range bytes.SplitSeq(text, []byte("\n\n")) {
		lines := strings.Split(strings.TrimSpace(string(block)), "\n")
		if !strings.HasPrefix(lines[0], "goroutine ") || strings.HasPrefix(lines[0], "goroutine 0 ") || strings.Contains(string(block), "created by runtime.") {
			continue
		}
		if what := doing(lines); !onPurpose(what) {
			counts[what]++
		}
	}
	return counts
}

// doing returns the outermost function of understudy in a goroutine's stack, or else
// the outermost one that is not the runtime's: it shows what the goroutine is for.
func doing(stack []string) (what string) {
	ours := false
	for _, line := range stack[1:] {
		if strings.HasPrefix(line, "\t") || strings.HasPrefix(line, "created by ") || strings.HasPrefix(line, "runtime.") || !strings.Contains(line, "(") {
			continue
		}
		is := strings.HasPrefix(line, "understudy/") || strings.HasPrefix(line, "main.")
		if is || !ours {
			what, ours = line[:strings.LastIndexByte(line, '(')], ours || is
		}
	}
	if what == "" {
		return strings.Join(stack[:1], "") // it has not begun, or has just ended
	}
	return what
}

// onPurpose reports whether a goroutine belongs to an idle connection to STS or to
// the keychain's worker, which are kept for a while, but does not only wait for one.
func onPurpose(what string) bool {
	for _, part := range []string{"net/http.(*persistConn)", "os/exec.", "understudy/internal/keychain.", "os/signal."} {
		if strings.HasPrefix(what, part) {
			return true
		}
	}
	return false
}

// end checks what every row must keep after its fault, and stops the world's daemon.
func (w *world) end() {
	defer w.clear()
	if w.fresh || w.ctx.Err() != nil {
		return
	}
	w.searchFiles()
	if w.daemon != nil && w.running() == 0 {
		w.daemon = nil // it left, as it should, and a helper has started another
	}
	if w.pid() == 0 {
		return // the row is about one that has gone, and has looked itself
	}
	began := time.Now()
	if err := w.alive(); err != nil {
		w.violate("a second after the fault the daemon does not answer: %v\n%s", err, w.log())
		return
	}
	w.most("alive after", time.Since(began))
	w.searchProcesses()
	w.weigh(w.pid())
	if !w.root {
		w.note("file descriptors and goroutines were not checked, because that needs root")
		return
	}
	kind := w.Vars["UNDERSTUDY_STORE"]
	if kind == "" {
		kind = "memory"
	}
	want := w.baseline(kind, w.daemon == nil)
	var f footprint
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		f, _ = footprintOf(w.running())
		within := f.files <= want.files && f.tcp <= 4 && f.pipes <= 6
		if within && f.dialing == 0 && w.idle() {
			break
		}
		if time.Now().After(deadline) {
			if !within {
				w.violate("10 s after the fault the daemon holds %d files, %d connections to STS and %d pipes; %d files at rest: %v", f.files, f.tcp, f.pipes, want.files, f.names)
			}
			break // not idle is no failure by itself; the goroutines are checked next
		}
	}
	w.worst("files", float64(f.files), "")
	if w.daemon == nil {
		return // its dump would go nowhere
	}
	total := 0
	for what, n := range w.dump() {
		total += n
		if slices.Contains(w.lasting, what) {
			continue
		}
		if n > want.goroutines[what] {
			w.violate("%d goroutines are left over: %s", n-want.goroutines[what], what)
		}
	}
	w.worst("goroutines", float64(total), "")
}

// clear leaves no daemon behind.
func (w *world) clear() {
	for range 20 {
		pid := w.running()
		if pid == 0 {
			pid = w.pid()
		}
		if pid == 0 {
			return
		}
		send(pid, unix.SIGKILL)
		testbed.Gone(pid, time.Second)
		if w.daemon != nil {
			<-w.daemon.done
			w.daemon = nil
		}
	}
}

func (w *world) state() string { return filepath.Join(w.Home, ".local/state/understudy") }
