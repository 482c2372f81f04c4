//go:build linux

package faults

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// as runs f on a thread that has become another user, so that the kernel
// sees that user connect, listen and look into processes. The thread ends
// with f. If this program is not root, as only calls f.
func (s *suite) as(uid int, f func()) {
	if !s.root {
		f()
		return
	}
	done := make(chan any, 1)
	go func() {
		runtime.LockOSThread() // and never unlocks: the thread is thrown away
		defer func() { done <- recover() }()
		// The library's calls change every thread; these change this one.
		for _, call := range []struct{ n, a, b, c uintptr }{
			{unix.SYS_SETGROUPS, 0, 0, 0},
			{unix.SYS_SETRESGID, uintptr(uid), uintptr(uid), uintptr(uid)},
			{unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)},
		} {
			if _, _, e := unix.RawSyscall(call.n, call.a, call.b, call.c); e != 0 {
				panic(fmt.Sprintf("become user %d: %v", uid, e))
			}
		}
		f()
	}()
	if v := <-done; v != nil {
		panic(v)
	}
}

func (s *suite) asGuest(f func()) { s.as(guest, f) }
