package socket

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ends are a connection as Accept makes it, and its client's end.
func ends(t *testing.T) (c *socketConn, client net.Conn) {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(pair[1]), "client")
	client, err = net.FileConn(f)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	c = &socketConn{fd: pair[0]}
	t.Cleanup(func() { c.Close(); client.Close() })
	return c, client
}

// waiting registers c with the poller, as a Read that must wait does.
func waiting(t *testing.T, c *socketConn) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.pollLocked(); err != nil {
		t.Fatal(err)
	}
}

func TestARequestThatIsThereIsAnsweredWithoutThePoller(t *testing.T) {
	c, client := ends(t)
	c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := client.Write([]byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	if line, err := readLine(c, make([]byte, 64)); string(line) != "hello" || err != nil {
		t.Fatalf("read %q, %v", line, err)
	}
	if !bytes.Equal(readAfter(t, client, func() { reply(c, []byte("answer\n")); c.Close() }), []byte("answer\n")) {
		t.Error("not the answer")
	}
	if c.file != nil {
		t.Error("the poller was told of it")
	}
}

func readAfter(t *testing.T, client net.Conn, do func()) []byte {
	t.Helper()
	do()
	got, err := io.ReadAll(client)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAReadWaitsForWhatComes(t *testing.T) {
	c, client := ends(t)
	go client.Write([]byte("hel"))
	buf := make([]byte, 8)
	if n, err := c.Read(buf); string(buf[:n]) != "hel" || err != nil {
		t.Fatalf("read %q, %v", buf[:n], err)
	}
	client.Close()
	if n, err := c.Read(buf); n != 0 || err != io.EOF {
		t.Errorf("at the end: %d, %v", n, err)
	}
}

func TestAConnectionKeepsItsDeadlines(t *testing.T) {
	past := time.Unix(1, 0)
	full := make([]byte, 4<<20)
	for name, prepare := range map[string]func(*testing.T, *socketConn){
		"the poller does not know": func(*testing.T, *socketConn) {}, "the poller knows": waiting,
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := ends(t)
			prepare(t, c)
			for _, by := range []time.Time{past, time.Now().Add(10 * time.Millisecond)} {
				c.SetDeadline(by)
				if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("read: %d, %v", n, err)
				}
				if n, err := c.Write(full); n == len(full) || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("write to one who does not read: %d, %v", n, err)
				}
			}
		})
	}
}

func TestADeadlineAndACloseEndAReadThatWaits(t *testing.T) {
	for name, end := range map[string]struct {
		by   func(*socketConn)
		with error
	}{
		"deadline": {func(c *socketConn) { c.SetReadDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded},
		"close":    {func(c *socketConn) { c.Close() }, os.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := ends(t)
			waiting(t, c)
			got := make(chan error, 1)
			go func() {
				_, err := c.Read(make([]byte, 1))
				got <- err
			}()
			end.by(c)
			if err := <-got; !errors.Is(err, end.with) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestALongAnswerComesWholeToASlowReader(t *testing.T) {
	c, client := ends(t)
	answer := bytes.Repeat([]byte("0123456789abcdef"), 1<<17)
	sent := make(chan error, 1)
	got := readAfter(t, client, func() {
		go func() {
			_, err := c.Write(answer)
			c.Close()
			sent <- err
		}()
	})
	if err := <-sent; err != nil || !bytes.Equal(got, answer) {
		t.Errorf("%d bytes of %d, %v", len(got), len(answer), err)
	}
}

func TestAClosedConnectionGivesNoDescriptorAway(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T, *socketConn){
		"the poller does not know": func(*testing.T, *socketConn) {}, "the poller knows": waiting,
	} {
		t.Run(name, func(t *testing.T) {
			c, client := ends(t)
			prepare(t, c)
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := client.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("its client reads %v", err)
			}
			_, rerr := c.Read(make([]byte, 1))
			_, werr := c.Write([]byte("x"))
			for what, err := range map[string]error{
				"read": rerr, "write": werr, "close": c.Close(), "control": c.control(func(uintptr) { t.Error("given") }),
			} {
				if err == nil {
					t.Errorf("%s: no error", what)
				}
			}
		})
	}
}

func TestAnAnswerToOneWhoHasGoneIsAnErrorAndNoSignal(t *testing.T) {
	c, client := ends(t)
	client.Close()
	if _, err := c.Write([]byte("x")); !errors.Is(err, unix.EPIPE) {
		t.Errorf("got %v", err)
	}
}
