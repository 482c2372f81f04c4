//go:build linux && (amd64 || arm64)

package prelude

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// receive reads until it has a session to print. It waits if the daemon sends a
// Wait: a helper that waits for STS, or for the user, needs no runtime. It returns
// false, and main continues, on any other line and on a timeout.
func (t *trip) receive() bool {
	for pieces := 0; ; {
		end := 0
		for end < t.read && t.buf[end] != '\n' {
			end++
		}
		switch {
		case end < t.read && end+1 == t.read && isSession(t.buf[:t.read]):
			return true
		case end < t.read:
			t.wait = 0
			seconds := waitOf(t.buf[:end+1])
			t.timeout = unix.Timeval{Sec: int64(seconds)}
			if seconds == 0 || !t.bound(t.fd, unix.SO_RCVTIMEO) {
				return false
			}
			t.wait = seconds
			t.read = copy(t.buf[:], t.buf[end+1:t.read])
			pieces = 0
		case t.read == len(t.buf) || pieces == 2: // too long, or in many small pieces
			return false
		default:
			n := system(unix.SYS_READ, uintptr(t.fd), uintptr(unsafe.Pointer(&t.buf[t.read])), uintptr(len(t.buf)-t.read), 0, 0)
			t.timedOut = n == -int(unix.EAGAIN) && t.wait > 0 && t.read == 0
			if n <= 0 || n > len(t.buf)-t.read {
				return false
			}
			t.read += n
			pieces++
		}
	}
}

// waitOf is the number of seconds in a Wait reply. It is 0 for another line, and for
// more seconds than wire.AskWait.
func waitOf(line []byte) (seconds int) {
	if len(line) < len(wire.OpenWait)+len(wire.CloseLine) ||
		string(line[:len(wire.OpenWait)]) != wire.OpenWait || string(line[len(line)-len(wire.CloseLine):]) != wire.CloseLine {
		return 0
	}
	digits := line[len(wire.OpenWait) : len(line)-len(wire.CloseLine)]
	if len(digits) > 2 {
		return 0
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0
		}
		seconds = 10*seconds + int(c-'0')
	}
	if seconds > longestWait {
		return 0
	}
	return seconds
}

const longestWait = int(wire.AskWait / time.Second)

// ending is how a line with a session ends: the session's brace, then the reply's.
const ending = "}" + wire.CloseLine

// isSession reports whether line is a session that needs no further parsing: one
// object, without an object or an escape in it. wire.ParseReply accepts more.
func isSession(line []byte) bool {
	if len(line) < len(wire.OpenCredentials)+1+len(ending) ||
		string(line[:len(wire.OpenCredentials)]) != wire.OpenCredentials || string(line[len(line)-len(ending):]) != ending {
		return false
	}
	body := line[len(wire.OpenCredentials) : len(line)-len(ending)]
	quoted := false
	for i, c := range body {
		if (c == '{') != (i == 0) || c == '}' || c == '\\' || c < ' ' {
			return false
		}
		quoted = quoted != (c == '"')
	}
	return !quoted
}

// print writes the answer if out takes it at once and in one piece, and reports
// whether it did. Otherwise main writes the rest: it can wait for the reader, and
// report what is wrong.
func (t *trip) print(out int) bool {
	t.output = unix.PollFd{Fd: int32(out), Events: unix.POLLOUT}
	if system(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&t.output)), 1, uintptr(unsafe.Pointer(&t.none)), 0, 0) != 1 || t.output.Revents != unix.POLLOUT {
		return false
	}
	// A closed pipe or a file size limit must not end this process by a signal: main
	// has an exit status and a message for it. The runtime sets both signals again.
	t.ignore[0] = ignoreSignal
	for _, signal := range [...]uintptr{uintptr(unix.SIGPIPE), uintptr(unix.SIGXFSZ)} {
		if system(unix.SYS_RT_SIGACTION, signal, uintptr(unsafe.Pointer(&t.ignore)), 0, 8, 0) != 0 {
			return false
		}
	}
	last := t.read - 2 // the reply's closing brace, which is not the session's
	length := last + 1 - len(wire.OpenCredentials)
	if length > pipeAtom {
		return false
	}
	t.buf[last] = '\n'
	n := system(unix.SYS_WRITE, uintptr(out), uintptr(unsafe.Pointer(&t.buf[len(wire.OpenCredentials)])), uintptr(length), 0, 0)
	t.buf[last] = '}'
	if n > 0 {
		t.printed = n
	}
	return n == length
}

const ignoreSignal = 1 // SIG_IGN
