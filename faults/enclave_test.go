//go:build linux

package faults

import (
	"os"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// enclave is a thread in namespaces of its own. What it opens or starts is in
// them too: a listener that this program serves, a daemon, a helper.
type enclave struct {
	work chan func()
}

// enclose makes an enclave with a network or a file system of its own, for the
// life of the row. It takes root.
func (t *trial) enclose(what string, flags int) *enclave {
	t.needRoot(what)
	e := &enclave{work: make(chan func())}
	made := make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread() // and never unlocks: the thread is thrown away
		err := unix.Unshare(flags)
		if err == nil && flags&unix.CLONE_NEWNS != 0 {
			err = unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
		}
		made <- err
		for f := range e.work {
			f()
		}
	}()
	if err := <-made; err != nil {
		t.Skipf("%s cannot be had here: %v", what, err)
	}
	t.Cleanup(func() {
		close(e.work)
		<-ended
	})
	return e
}

// do runs f in the enclave.
func (e *enclave) do(f func()) {
	done := make(chan any, 1)
	e.work <- func() {
		defer func() { done <- recover() }()
		f()
	}
	if v := <-done; v != nil {
		panic(v)
	}
}

// network is an enclave whose network is a loopback and nothing else.
func (t *trial) network() *enclave {
	e := t.enclose("a network of its own", unix.CLONE_NEWNET)
	t.must(e.loopback(true))
	return e
}

// loopback turns the loopback of the enclave on or off.
func (e *enclave) loopback(up bool) (err error) {
	e.do(func() {
		var fd int
		if fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return
		}
		defer unix.Close(fd)
		var req *unix.Ifreq
		if req, err = unix.NewIfreq("lo"); err != nil {
			return
		}
		if up {
			req.SetUint16(unix.IFF_UP)
		}
		err = unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req)
	})
	return err
}

// put writes one of the enclave's settings below /proc/sys.
func (e *enclave) put(name, value string) (err error) {
	e.do(func() { err = os.WriteFile("/proc/sys/"+name, []byte(value), 0) })
	return err
}

// inside runs f where the world is.
func (w *world) inside(f func()) {
	if w.in == nil {
		f()
		return
	}
	w.in.do(f)
}

// startInside starts cmd where the world is.
func (w *world) startInside(cmd *exec.Cmd) (err error) {
	w.inside(func() { err = cmd.Start() })
	return err
}
