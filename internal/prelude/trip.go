//go:build linux && (amd64 || arm64)

package prelude

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// trip is one round trip. Its fields are what the kernel reads and writes, and
// what is left to main when it comes to no end here.
type trip struct {
	caller
	uid    uint32
	to     address
	length int // of to.path
	status unix.Stat_t
	peer   unix.Ucred
	size   uint32 // of peer
	within unix.Timeval

	fd      int        // 0 while nothing was sent
	buf     [8192]byte // the request, then what came
	read    int
	wait    int // seconds that the daemon said to wait last
	silent  bool
	printed int

	room   unix.PollFd
	none   unix.Timespec
	ignore [4]uintptr // struct sigaction
}

// patience is how long the daemon has in each system call before main waits for
// it, which can tell a slow daemon from a frozen one. It is a small part of the
// five seconds that callers of the helper are promised.
var patience = unix.Timeval{Usec: 40_000} // longer in tests

// A pipe that has room takes so many bytes whole; a longer answer is main's.
const pipeAtom = 4096

// How the replies that are understood here open and end.
const (
	opening   = `{"v":1,"credentials":`
	ending    = "}}\n"
	openWait  = `{"v":1,"wait":`
	closeWait = "}\n"
)

// run makes the trip and reports whether the answer stands on out whole.
func (t *trip) run(stack unsafe.Pointer, out int) bool {
	return t.look(stack) && t.find() && t.ask() && t.receive() && t.print(out)
}

// ask connects and asks the daemon; t.fd is set where the request was sent.
func (t *trip) ask() bool {
	n, ok := t.compose()
	if !ok {
		return false
	}
	fd := system(unix.SYS_SOCKET, unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0, 0, 0)
	if fd > unix.Stderr && t.reach(fd) && t.daemonIsOurs(fd) &&
		system(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&t.buf)), uintptr(n), unix.MSG_NOSIGNAL, 0) == n {
		t.fd = fd
		return true
	}
	if fd >= 0 {
		system(unix.SYS_CLOSE, uintptr(fd), 0, 0, 0, 0)
	}
	return false
}

func (t *trip) reach(fd int) bool {
	t.within = patience
	if !t.bound(fd, unix.SO_SNDTIMEO) || !t.bound(fd, unix.SO_RCVTIMEO) {
		return false
	}
	size := unsafe.Offsetof(t.to.path) + uintptr(t.length) + 1
	return system(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&t.to)), size, 0, 0) == 0
}

// bound lets one kind of system call take t.within at most.
func (t *trip) bound(fd int, option uintptr) bool {
	return system(unix.SYS_SETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, option, uintptr(unsafe.Pointer(&t.within)), unsafe.Sizeof(t.within)) == 0
}

// daemonIsOurs asks the kernel who listens, as the helper always does: another
// user's daemon could hand out an attacker's credentials.
func (t *trip) daemonIsOurs(fd int) bool {
	const size = uint32(unsafe.Sizeof(t.peer))
	t.size = size
	return system(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_PEERCRED, uintptr(unsafe.Pointer(&t.peer)),
		uintptr(unsafe.Pointer(&t.size))) == 0 && t.size == size && t.peer.Uid == t.uid
}

// compose writes the line that wire.Request makes for this call, and returns its
// length.
func (t *trip) compose() (n int, ok bool) {
	line := sheet{b: t.buf[:]}
	line.add(`{"v":1,"op":"credentials","profile":"`)
	line.add(t.profile)
	line.add(`","config_file":"`)
	t.file(&line, t.config, "/.aws/config")
	line.add(`","credentials_file":"`)
	t.file(&line, t.credentials, "/.aws/credentials")
	line.add("\"}\n")
	return line.n, !line.full
}

// file adds the path that v names, or the one below home.
func (t *trip) file(line *sheet, v variable, usual string) {
	if v.value != "" {
		line.add(v.value)
		return
	}
	line.add(t.home.value)
	line.add(usual)
}
