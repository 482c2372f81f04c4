//go:build linux

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"understudy/internal/sandbox"
)

// fewFiles is row 30.
func fewFiles(t *trial) {
	w := t.world()
	t.need("prlimit", "util-linux")
	t.need("strace", "strace")
	w.profiles(append(names("cold", 3), actor)...)
	w.under = []string{"prlimit", "--nofile=32:32"}
	first := w.warm()
	pid := w.pid()
	for _, name := range names("cold", 3) {
		held := w.hold(200)
		for _, o := range w.crowd(20, fetchLimit, actor) {
			if o.Status == 0 {
				t.check(same(o, first))
			} // else it was judged: a reason, a hint, in time
		}
		held()
		began := time.Now()
		w.eventually(time.Second, "well within a second", func() bool { return w.quick(actor).Status == 0 })
		t.most("well after", time.Since(began))
		t.check(served(w.ask(name)))
	}
	// The system is out of descriptors, not the process.
	for _, call := range []string{"accept4:error=EMFILE:when=1..20", "accept4:error=ENFILE:when=1..20", "accept4:error=ENOMEM:when=1..20"} {
		if !t.root {
			t.note("a system without descriptors takes root to make and was left out")
			break
		}
		mend := w.inject(call)
		w.crowd(20, quickLimit, actor)
		mend()
		began := time.Now()
		w.eventually(time.Second, "well within a second", func() bool { return w.quick(actor).Status == 0 })
		t.most("well after", time.Since(began))
	}
	t.checkf(w.pid() == pid, "the daemon was process %d and is %d", pid, w.pid())
}

// hold opens n connections that say nothing, and returns how to let them go.
func (w *world) hold(n int) (release func()) {
	var all []net.Conn
	w.asGuest(func() {
		for range n {
			conn, err := (&net.Dialer{Timeout: 100 * time.Millisecond}).Dial("unix", w.Socket)
			if err != nil {
				break // its queue is full: what was wanted
			}
			all = append(all, conn)
		}
	})
	return func() {
		for _, conn := range all {
			conn.Close()
		}
	}
}

// badManners is row 31.
func badManners(t *trial) {
	w := t.world()
	first := w.warm()
	line := w.query(actor).Append(nil)
	w.full = true
	ctx, cancel := context.WithCancel(context.Background())
	var bad sync.WaitGroup
	for i := range 500 {
		bad.Go(func() { w.rude(ctx, i, line) })
	}
	for began := time.Now(); time.Since(began) < time.Duration(t.size(6, 60))*time.Second; {
		w.cachedStays(actor)
		for _, o := range w.crowd(10, quickLimit, actor) {
			t.check(same(o, first))
		}
	}
	cancel()
	bad.Wait()
}

// rude is one client without manners: it is silent, sends half a request, drips
// one, or closes one half; when it is thrown out it comes again.
func (w *world) rude(ctx context.Context, i int, line []byte) {
	for ctx.Err() == nil {
		var conn net.Conn
		var err error
		w.asGuest(func() { conn, err = (&net.Dialer{Timeout: time.Second}).Dial("unix", w.Socket) })
		if err != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		switch i % 4 {
		case 1:
			conn.Write(line[:len(line)/2])
		case 2:
			for _, b := range line[:len(line)-1] {
				if _, err := conn.Write([]byte{b}); err != nil || ctx.Err() != nil {
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
		case 3:
			conn.(*net.UnixConn).CloseWrite()
		}
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		conn.Read(make([]byte, 1))
		stop()
		conn.Close()
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(50+rand.IntN(100)) * time.Millisecond):
		}
	}
}

// abandoned is row 32: helpers that are killed while they wait or are answered.
func abandoned(t *trial) {
	w := t.world()
	n := t.size(1000, 10_000)
	cold := names("cold", n/50)
	w.profiles(append(cold, actor)...)
	w.behave(sandbox.Behaviour{Fault: sandbox.Fault{Delay: 100 * time.Millisecond}})
	w.warm()
	for i, name := range cold {
		// Half of a crowd that waits for one fetch dies, the first caller too.
		var all sync.WaitGroup
		for k := range 50 {
			all.Go(func() {
				profile := name
				if k%2 == 1 {
					profile = actor
				}
				w.dies(profile, time.Duration(rand.IntN(8))*time.Millisecond)
			})
		}
		all.Wait()
		calls := w.assumed()
		o := w.ask(name)
		t.check(served(o))
		t.checkf(w.assumed()-calls <= 1 && w.assumed() <= i+3, "the fetch did not go on: %d calls to STS for %d roles", w.assumed(), i+2)
	}
	w.behave(sandbox.Behaviour{})
}

// dies starts a helper and kills it a moment later.
func (w *world) dies(profile string, after time.Duration) {
	cmd := w.Command(context.Background(), w.Path("understudy-credentials"), profile)
	if err := w.startInside(cmd); err != nil {
		w.check(fmt.Errorf("a helper does not start: %w", err))
		return
	}
	time.Sleep(after)
	cmd.Process.Signal(syscall.SIGKILL)
	err := cmd.Wait()
	_, killed := err.(*exec.ExitError)
	w.checkf(err == nil || killed, "a helper that was killed: %v", err)
}
