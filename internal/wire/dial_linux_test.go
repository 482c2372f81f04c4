package wire

import (
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// full listens at a new path without ever accepting, its queue full.
func full(t *testing.T) (path string) {
	t.Helper()
	path = folder(t)
	open := func() int {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(fd) })
		return fd
	}
	at := &unix.SockaddrUnix{Name: path}
	l := open()
	if err := errors.Join(unix.Bind(l, at), unix.Listen(l, 0)); err != nil {
		t.Fatal(err)
	}
	for {
		err := unix.Connect(open(), at)
		if errors.Is(err, unix.EAGAIN) {
			return path
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFullQueueIsWaitedForAndThenABusyDaemon(t *testing.T) {
	path := full(t)
	begun := time.Now()
	_, err := Dialer{Path: path}.Dial(200 * time.Millisecond)
	within(t, begun, 150*time.Millisecond, time.Second)
	if !errors.Is(err, ErrBusy) {
		t.Errorf("says %v", err)
	}
}

// A timeout of zero means for ever to the kernel.
func TestATimeoutThatHasRunOutIsNotTakenForNone(t *testing.T) {
	path := full(t)
	for _, timeout := range []time.Duration{0, -time.Second, 1} {
		begun := time.Now()
		if _, err := (Dialer{Path: path}).Dial(timeout); !errors.Is(err, ErrBusy) {
			t.Errorf("%v: says %v", timeout, err)
		}
		within(t, begun, 0, time.Second)
	}
}

func TestNoTimeLeftForAnAnswerIsASilentDaemon(t *testing.T) {
	c, server, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(server)
	defer c.Close()
	for _, timeout := range []time.Duration{0, -time.Second, 1} {
		begun := time.Now()
		if _, err := c.Do(Request{Op: Status}, timeout); !errors.Is(err, ErrSilent) {
			t.Errorf("%v: says %v", timeout, err)
		}
		within(t, begun, 0, time.Second)
	}
}

// pair is a connection whose other end is the descriptor.
func pair() (*Conn, int, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, 0, err
	}
	return &Conn{h: handle{fd: fds[0]}}, fds[1], nil
}

func TestADialLeavesNoDescriptorBehind(t *testing.T) {
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	busy, empty := full(t), folder(t)
	before := count()
	for range 50 {
		Dialer{Path: busy}.Dial(time.Millisecond)
		Dialer{Path: empty}.Dial(time.Millisecond)
	}
	if n := count(); n > before {
		t.Errorf("%d descriptors, %d before", n, before)
	}
}
