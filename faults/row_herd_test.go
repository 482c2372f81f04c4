//go:build linux

package faults

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// herd is row 29.
func herd(t *trial) {
	w, _ := t.world().withKeyring()
	w.stampede()
	if t.root {
		narrow := t.world()
		narrow.in = t.network()
		t.must(narrow.in.put("net/core/somaxconn", "16"))
		narrow.StopSTS()
		narrow.ServeSTS(narrow.STS)
		narrow.profiles(actor)
		narrow.stampede()
	} else {
		t.note("the narrow queue takes root and was left out")
	}
	t.deaf()
}

// stampede runs the crowd twice: nothing runs yet, and everything is there.
func (w *world) stampede() {
	const n = 1000
	for _, state := range []string{"cold", "warm"} {
		began := time.Now()
		all := w.crowd(n, quickLimit, actor)
		w.most("1,000 "+state, time.Since(began))
		for _, o := range all {
			w.check(same(o, all[0]))
		}
		if n := w.assumed(); n != 1 {
			w.violate("%s: %d calls to STS, want 1", state, n)
		}
	}
}

// deaf has a listener that takes no connection out of its queue.
func (t *trial) deaf() {
	w := t.world()
	var fd int
	var err error
	t.asGuest(func() { // who listens is who called listen
		if fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return
		}
		if err = unix.Bind(fd, &unix.SockaddrUnix{Name: w.Socket}); err == nil {
			err = unix.Listen(fd, 8)
		}
	})
	t.must(err)
	for _, o := range w.crowd(50, quickLimit, actor) {
		t.most("nobody accepts", o.Took)
		t.check(refused(o, 5))
	}
	unix.Close(fd)
	os.Remove(w.Socket)
	// The way is free again: a dead socket is not in it.
	l, err := net.Listen("unix", filepath.Join(w.Dir, "unused"))
	t.must(err)
	l.Close()
	t.check(served(w.ask(actor)))
	t.checkf(w.pid() != 0, "no daemon after all: %s", fmt.Sprint(w.log()))
}
