//go:build linux && (amd64 || arm64)

package prelude

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// receive reads one line and reports whether it is a session to be printed. Any
// other, or none in time, is for main to read on.
func (t *trip) receive() bool {
	for tries := 0; tries < 2 && t.read < len(t.buf); tries++ {
		n := system(unix.SYS_READ, uintptr(t.fd), uintptr(unsafe.Pointer(&t.buf[t.read])), uintptr(len(t.buf)-t.read), 0, 0)
		if n <= 0 || n > len(t.buf)-t.read {
			return false
		}
		t.read += n
		if t.buf[t.read-1] == '\n' {
			return isSession(t.buf[:t.read])
		}
	}
	return false
}

// isSession reports whether line holds one object without another in it, and
// nothing that has to be looked at more closely. wire.ParseReply takes more.
func isSession(line []byte) bool {
	if len(line) < len(opening)+1+len(ending) ||
		string(line[:len(opening)]) != opening || string(line[len(line)-len(ending):]) != ending {
		return false
	}
	body := line[len(opening) : len(line)-len(ending)]
	for i, c := range body {
		if (c == '{') != (i == 0) || c == '}' || c == '\\' || c < ' ' {
			return false
		}
	}
	return true
}

// print writes the answer where it goes at once and whole, and reports whether it
// did. What did not is main's to print: it can wait for a reader, and say what is
// wrong.
func (t *trip) print(out int) bool {
	t.room = unix.PollFd{Fd: int32(out), Events: unix.POLLOUT}
	if system(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&t.room)), 1, uintptr(unsafe.Pointer(&t.none)), 0, 0) != 1 || t.room.Revents != unix.POLLOUT {
		return false
	}
	// A reader that goes just now must not end us; Go sets this signal anew.
	t.ignore[0] = ignoreSignal
	if system(unix.SYS_RT_SIGACTION, uintptr(unix.SIGPIPE), uintptr(unsafe.Pointer(&t.ignore)), 0, 8, 0) != 0 {
		return false
	}
	last := t.read - 2 // of the line's braces, the one that is not the session's
	length := last + 1 - len(opening)
	if length > pipeAtom {
		return false
	}
	t.buf[last] = '\n'
	n := system(unix.SYS_WRITE, uintptr(out), uintptr(unsafe.Pointer(&t.buf[len(opening)])), uintptr(length), 0, 0)
	t.buf[last] = '}'
	if n > 0 {
		t.printed = n
	}
	return n == length
}

const ignoreSignal = 1 // SIG_IGN
