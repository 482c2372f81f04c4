//go:build linux

package faults

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/sandbox"
)

// soak is row 42: ten roles, one request a second for each of them in turn, and
// a fault every half a minute.
func soak(t *trial) {
	long := time.Duration(t.size(int(100*time.Second), int(24*time.Hour)))
	if *soakFor > 0 {
		long = *soakFor
	}
	every := min(30*time.Second, long/8)
	w, ring := t.world().withKeyring()
	all := names("role", 10)
	w.profiles(append(all, actor)...)
	w.start()
	last := map[string]string{}
	for _, name := range all {
		o := w.ask(name)
		t.check(served(o))
		last[name] = o.Stdout
	}
	w.storedWithin(10 * time.Second)
	w.quiet()
	before := memory(w.pid(), "VmRSS")
	quiet := faultsOf(w, ring.PauseService, ring.ResumeService, func() { ring.StartService(true) })
	began, lastFault := time.Now(), time.Now()
	var faults sync.WaitGroup
	for n := 0; time.Since(began) < long && t.ctx.Err() == nil; n++ {
		if time.Since(lastFault) >= every {
			faults.Wait() // one at a time
			fault := quiet[rand.IntN(len(quiet))]
			lastFault = time.Now()
			faults.Go(fault)
		}
		o := w.ask(all[n%len(all)])
		t.most("answer", o.Took)
		t.check(served(o))
		next := time.Duration(n+1) * time.Second
		if *soakFor == 0 && !*full {
			next /= 5 // the bounded size is the more crowded
		}
		if wait := time.Until(began.Add(next)); wait > 0 {
			time.Sleep(wait)
		}
	}
	faults.Wait()
	for _, name := range all {
		t.check(served(w.ask(name)))
	}
	t.worst("faults", float64(int(time.Since(began)/every)), "")
	// The daemon may be another one than at the start, but it holds the same sessions.
	w.quiet()
	drift := memory(w.pid(), "VmRSS") - before
	t.worst("memory drift", float64(drift)/(1<<20), "MB")
	t.checkf(drift < 5<<20, "memory has grown by %d KiB", drift>>10)
}

// faultsOf are those that a soak chooses from. Each makes its fault, waits for a
// part of it to be felt, and mends it.
func faultsOf(w *world, pause, resume, restart func()) []func() {
	felt := func() { time.Sleep(time.Duration(3+rand.IntN(4)) * time.Second) }
	sts := func(b sandbox.Behaviour) func() {
		return func() { w.behave(b); felt(); w.behave(sandbox.Behaviour{}) }
	}
	signal := func(s unix.Signal) func() {
		return func() {
			send(w.pid(), s)
		}
	}
	return []func(){
		sts(sandbox.Behaviour{Fault: sandbox.Fault{Status: http.StatusServiceUnavailable}}),
		sts(sandbox.Behaviour{Fault: sandbox.Fault{Code: "Throttling"}}),
		sts(sandbox.Behaviour{Mutate: sandbox.CutXML}),
		sts(sandbox.Behaviour{Mutate: sandbox.ExpirationPast}),
		func() { pause(); felt(); resume() },
		restart,
		signal(unix.SIGKILL), signal(unix.SIGTERM), signal(unix.SIGHUP), signal(unix.SIGUSR1),
		func() { os.Remove(w.Socket) },
		func() {
			os.Chmod(filepath.Dir(w.Socket), 0o777)
			os.Chmod(filepath.Dir(w.Socket), 0o700)
		},
		func() {
			release := w.hold(200)
			felt()
			release()
		},
		func() {
			pid := w.pid()
			send(pid, unix.SIGSTOP)
			time.Sleep(2 * time.Second)
			send(pid, unix.SIGCONT)
		},
		func() {
			w.write(".aws/config", w.config+"\n[profile torn\n")
			felt()
			w.write(".aws/config", w.config+fmt.Sprintf("# %d\n", rand.Int()))
		},
		func() {
			w.asGuest(func() {
				for frame := range frames(200) {
					w.send(frame)
				}
			})
		},
		func() {
			for range 20 {
				w.dies(actor, 2*time.Millisecond)
			}
		},
	}
}
