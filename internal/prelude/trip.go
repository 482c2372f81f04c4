//go:build linux && (amd64 || arm64)

package prelude

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// trip is one round trip. Its fields are what the kernel reads and writes, and
// what main needs to continue it.
type trip struct {
	caller
	uid     uint32
	to      address
	length  int // of to.path
	status  unix.Stat_t
	peer    unix.Ucred
	size    uint32 // of peer
	timeout unix.Timeval

	fd       int        // the connection; 0 until the request is sent
	buf      [8192]byte // the request, then what the daemon sent
	read     int        // bytes of the latter
	wait     int        // seconds, of the last Wait reply
	timedOut bool       // that time passed without an answer
	printed  int

	output unix.PollFd
	none   unix.Timespec
	ignore [4]uintptr // struct sigaction
}

// callTimeout is the timeout of each system call on the connection until the
// daemon sends a Wait. After it main waits: it can tell a slow daemon from a frozen
// one. The helper's limit is five seconds in all.
var callTimeout = unix.Timeval{Usec: 40_000} // longer in tests

// A pipe with free space takes this many bytes in one piece (Linux). A longer
// answer is left to main.
const pipeAtom = 4096

// run makes the round trip and reports whether it wrote the whole answer to out.
func (t *trip) run(stack unsafe.Pointer, out int) bool {
	return t.look(stack) && t.find() && t.ask() && t.receive() && t.print(out)
}

// ask connects and sends the request; then it sets t.fd.
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
	t.timeout = callTimeout
	if !t.bound(fd, unix.SO_SNDTIMEO) || !t.bound(fd, unix.SO_RCVTIMEO) {
		return false
	}
	size := unsafe.Offsetof(t.to.path) + uintptr(t.length) + 1
	return system(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&t.to)), size, 0, 0) == 0
}

// bound sets t.timeout for one kind of system call.
func (t *trip) bound(fd int, option uintptr) bool {
	return system(unix.SYS_SETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, option, uintptr(unsafe.Pointer(&t.timeout)), unsafe.Sizeof(t.timeout)) == 0
}

// daemonIsOurs asks the kernel for the daemon's user, as wire.Dialer.Dial does:
// another user's daemon could hand out an attacker's credentials.
func (t *trip) daemonIsOurs(fd int) bool {
	const size = uint32(unsafe.Sizeof(t.peer))
	t.size = size
	return system(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_PEERCRED, uintptr(unsafe.Pointer(&t.peer)),
		uintptr(unsafe.Pointer(&t.size))) == 0 && t.size == size && t.peer.Uid == t.uid
}

// compose writes the line that wire.Request.Append writes for this call, and
// returns its length.
func (t *trip) compose() (n int, ok bool) {
	line := sheet{b: t.buf[:]}
	line.add(wire.OpenRequest + `"` + string(wire.Credentials) + `"` + wire.FieldProfile + `"`)
	line.add(t.profile)
	line.add(`"` + wire.FieldConfigFile + `"`)
	t.file(&line, t.config, "/.aws/config")
	line.add(`"` + wire.FieldCredentialsFile + `"`)
	t.file(&line, t.credentials, "/.aws/credentials")
	line.add(`"` + wire.CloseLine)
	return line.n, !line.full
}

// file adds the path in v, or the default path below home.
func (t *trip) file(line *sheet, v variable, belowHome string) {
	if v.value != "" {
		line.add(v.value)
		return
	}
	line.add(t.home.value)
	line.add(belowHome)
}
