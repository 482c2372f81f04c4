//go:build linux && (amd64 || arm64)

package prelude

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// receive reads until a session is there to be printed. While the daemon says to
// wait it does: a program that waits for STS, or for a person, needs no runtime.
// Any other line, or none in time, is for main to go on with.
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
			t.within = unix.Timeval{Sec: int64(seconds)}
			if seconds == 0 || !t.bound(t.fd, unix.SO_RCVTIMEO) {
				return false
			}
			t.wait = seconds
			t.read = copy(t.buf[:], t.buf[end+1:t.read])
			pieces = 0
		case t.read == len(t.buf) || pieces == 2: // a line comes in one piece, or it drips
			return false
		default:
			n := system(unix.SYS_READ, uintptr(t.fd), uintptr(unsafe.Pointer(&t.buf[t.read])), uintptr(len(t.buf)-t.read), 0, 0)
			t.silent = n == -int(unix.EAGAIN) && t.wait > 0 && t.read == 0
			if n <= 0 || n > len(t.buf)-t.read {
				return false
			}
			t.read += n
			pieces++
		}
	}
}

// waitOf is how many seconds the daemon's line says to wait, 0 where it says
// something else, or longer than it ever does (wire.AskWait).
func waitOf(line []byte) (seconds int) {
	if len(line) < len(openWait)+len(closeWait) ||
		string(line[:len(openWait)]) != openWait || string(line[len(line)-len(closeWait):]) != closeWait {
		return 0
	}
	digits := line[len(openWait) : len(line)-len(closeWait)]
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

const longestWait = 50

// isSession reports whether line holds one object without another in it, and
// nothing that has to be looked at more closely. wire.ParseReply takes more.
func isSession(line []byte) bool {
	if len(line) < len(opening)+1+len(ending) ||
		string(line[:len(opening)]) != opening || string(line[len(line)-len(ending):]) != ending {
		return false
	}
	body := line[len(opening) : len(line)-len(ending)]
	quoted := false
	for i, c := range body {
		if (c == '{') != (i == 0) || c == '}' || c == '\\' || c < ' ' {
			return false
		}
		quoted = quoted != (c == '"')
	}
	return !quoted
}

// print writes the answer where it goes at once and whole, and reports whether it
// did. What did not is main's to print: it can wait for a reader, and say what is
// wrong.
func (t *trip) print(out int) bool {
	t.room = unix.PollFd{Fd: int32(out), Events: unix.POLLOUT}
	if system(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&t.room)), 1, uintptr(unsafe.Pointer(&t.none)), 0, 0) != 1 || t.room.Revents != unix.POLLOUT {
		return false
	}
	// Neither a reader that goes just now nor a limit for files must end us, where
	// main has a status and a word for it. Go sets these signals anew.
	t.ignore[0] = ignoreSignal
	for _, signal := range [...]uintptr{uintptr(unix.SIGPIPE), uintptr(unix.SIGXFSZ)} {
		if system(unix.SYS_RT_SIGACTION, signal, uintptr(unsafe.Pointer(&t.ignore)), 0, 8, 0) != 0 {
			return false
		}
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
