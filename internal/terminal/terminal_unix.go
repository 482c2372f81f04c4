//go:build linux || darwin

package terminal

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// onTerminal asks on /dev/tty. It looks at the daemon's connection beside it: a
// question that somebody else has answered is taken off the screen.
func onTerminal(a wire.Ask, c *wire.Conn) (wire.Answer, bool) {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return pass(a)
	}
	tty := os.NewFile(uintptr(fd), "/dev/tty")
	defer tty.Close()
	if max(fd, c.Fd()) >= unix.FD_SETSIZE { // select has no room for it
		return pass(a)
	}
	// Who reads from a terminal in the background is stopped for it.
	if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err != nil || group != unix.Getpgrp() {
		return pass(a)
	}
	if _, err := tty.WriteString(lines(a)); err != nil {
		return pass(a)
	}
	if a.Kind == wire.AskVisit {
		return wire.Answer{ID: a.ID}, true
	}
	t := typing{fd: fd, tty: tty, conn: c, until: time.Now().Add(a.Wait)}
	for {
		line, what := t.line()
		switch {
		case what == interrupted:
			tty.WriteString("\n")
			return wire.Answer{}, false
		case what == ended:
			tty.WriteString("\n")
			return wire.Answer{ID: a.ID, Refuse: true}, true
		case what == late:
			tty.WriteString("\n")
			return pass(a)
		case line != "":
			return wire.Answer{ID: a.ID, Text: line}, true
		}
		tty.WriteString(lines(wire.Ask{Kind: a.Kind, Text: a.Text})) // nothing was typed
	}
}

// typing is a person at the keyboard.
type typing struct {
	fd    int
	tty   *os.File
	conn  *wire.Conn
	until time.Time
}

// What came of waiting for a line.
type event int

const (
	typed       event = iota
	interrupted       // the daemon says something
	ended             // Ctrl-D, or the terminal has gone
	late
)

// maxTyped bounds a line, in bytes; the terminal itself hands out no more than
// a line at a time.
const maxTyped = 1024

// line waits for a whole line.
func (t *typing) line() (string, event) {
	if t.conn.Pending() {
		return "", interrupted
	}
	daemon := t.conn.Fd()
	for {
		left := time.Until(t.until)
		if left <= 0 {
			return "", late
		}
		var set unix.FdSet
		set.Set(t.fd)
		set.Set(daemon)
		timeout := unix.NsecToTimeval(int64(left))
		// select and not poll, which knows no terminals on macOS.
		n, err := unix.Select(max(t.fd, daemon)+1, &set, nil, nil, &timeout)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return "", ended
		case n == 0:
			return "", late
		case set.IsSet(daemon):
			return "", interrupted
		}
		buf := make([]byte, maxTyped)
		n, err = unix.Read(t.fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return "", ended
		}
		line := strings.TrimSpace(string(buf[:n]))
		clear(buf)
		return line, typed
	}
}
