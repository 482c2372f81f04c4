//go:build linux || darwin

package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/place"
)

func TestNoDaemonIsSaidAtOnceWhateverStandsInItsPlace(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"nothing": func(string) error { return nil },
		"a socket left behind": func(path string) error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			if err != nil {
				return err
			}
			l.SetUnlinkOnClose(false)
			return l.Close()
		},
		"a file":                  func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"a folder":                func(path string) error { return os.Mkdir(path, 0o700) },
		"a link to nowhere":       func(path string) error { return os.Symlink(path+".gone", path) },
		"not even the folder":     func(path string) error { return os.Remove(strings.TrimSuffix(path, "/socket")) },
		"a file for the folder's": func(path string) error { return os.Symlink("/dev/null", path) },
	} {
		t.Run(name, func(t *testing.T) {
			path := folder(t)
			if err := put(path); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			if _, err := (Dialer{Path: path}).Dial(5 * time.Second); !errors.Is(err, ErrNotRunning) {
				t.Errorf("says %v", err)
			}
			within(t, begun, 0, time.Second)
		})
	}
}

func TestAPathTooLongForASocketIsNoDaemonThatIsMissing(t *testing.T) {
	path := folder(t) + strings.Repeat("x", 108)
	if _, err := (Dialer{Path: path}).Dial(time.Second); err == nil || errors.Is(err, ErrNotRunning) {
		t.Errorf("says %v", err)
	}
}

func TestARequestGetsItsReply(t *testing.T) {
	token := strings.Repeat("t", 16<<10)
	asked := make(chan string, 1)
	path := serve(t, func(c *net.UnixConn) {
		asked <- takeRequest(c)
		c.Write(appendCredentials(nil, []byte(`{"SessionToken":"`+token+`"}`)))
	})
	c := dialed(t, Dialer{Path: path})
	got, err := c.Do(Request{Op: Credentials, Profile: "prod"}, 5*time.Second)
	if err != nil || string(got.Body) != `{"SessionToken":"`+token+`"}` {
		t.Errorf("%d bytes, %v", len(got.Body), err)
	}
	if line := <-asked; line != `{"v":1,"op":"credentials","profile":"prod"}`+"\n" {
		t.Errorf("the daemon was asked %q", line)
	}
	if peer, err := c.Peer(); err != nil || peer != (Peer{os.Getuid(), os.Getpid()}) {
		t.Errorf("the peer is %+v, %v", peer, err)
	}
}

// internal/prelude has connected and sent the request.
func TestResumeContinuesAConnectionThatHasSentItsRequest(t *testing.T) {
	whole := string(appendCredentials(nil, []byte(`{"Version":1}`)))
	for name, c := range map[string]struct {
		read, rest string
		wait       time.Duration
	}{
		"nothing read":     {"", whole, 0},
		"a part":           {whole[:7], whole[7:], 0},
		"all":              {whole, "", 0},
		"a wait":           {string(AppendWait(nil, time.Second)), whole, 0},
		"a wait and a bit": {string(AppendWait(nil, time.Second)) + whole[:7], whole[7:], 0},
		"a wait was read":  {"", whole, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			path := serve(t, func(s *net.UnixConn) { s.Write([]byte(c.rest)); takeRequest(s) })
			begun := dialed(t, Dialer{Path: path})
			fd, err := unix.Dup(begun.Fd())
			if err != nil {
				t.Fatal(err)
			}
			conn, err := Dialer{Path: path}.Resume(fd, []byte(c.read), c.wait)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			timeout := 5 * time.Second
			if c.wait > 0 {
				timeout = 0 // the wait replaces it
			}
			if got, err := conn.Await(timeout); err != nil || string(got.Body) != `{"Version":1}` {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestARefusalIsAReplyAndNoError(t *testing.T) {
	path := serve(t, func(c *net.UnixConn) { takeRequest(c); c.Write(AppendError(nil, Denied, "no", "ask")) })
	got, err := dialed(t, Dialer{Path: path}).Do(Request{Op: Credentials}, 5*time.Second)
	if err != nil || got.Err == nil || *got.Err != (Error{Denied, "no", "ask"}) {
		t.Errorf("%+v, %v", got.Err, err)
	}
}

func TestASilentDaemonIsGivenUpInTime(t *testing.T) {
	release := make(chan struct{})
	path := serve(t, func(*net.UnixConn) { <-release })
	c := dialed(t, Dialer{Path: path})
	begun := time.Now()
	_, err := c.Do(Request{Op: Status}, 150*time.Millisecond)
	within(t, begun, 130*time.Millisecond, time.Second)
	close(release)
	if err != ErrSilent { // and nothing around it
		t.Errorf("says %v", err)
	}
}

func TestADrippingDaemonIsGivenUpInTime(t *testing.T) {
	release := make(chan struct{})
	path := serve(t, func(c *net.UnixConn) {
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-release:
				return
			case <-tick.C:
				c.Write([]byte("{"))
			}
		}
	})
	c := dialed(t, Dialer{Path: path})
	begun := time.Now()
	_, err := c.Do(Request{Op: Status}, 150*time.Millisecond)
	within(t, begun, 130*time.Millisecond, time.Second)
	close(release)
	if !errors.Is(err, ErrSilent) {
		t.Errorf("says %v", err)
	}
}

func TestAConnectionClosedWithoutAWholeAnswerIsSaidSo(t *testing.T) {
	for name, f := range map[string]func(*net.UnixConn){
		"at once":            func(*net.UnixConn) {},
		"after the request":  func(c *net.UnixConn) { takeRequest(c) },
		"in mid-answer":      func(c *net.UnixConn) { takeRequest(c); c.Write([]byte(`{"v":1,"credentials":{"Ac`)) },
		"before the newline": func(c *net.UnixConn) { takeRequest(c); c.Write([]byte(`{"v":1,"credentials":{}}`)) },
		"after a wait":       func(c *net.UnixConn) { takeRequest(c); c.Write(AppendWait(nil, FetchWait)) },
	} {
		t.Run(name, func(t *testing.T) {
			got, err := dialed(t, Dialer{Path: serve(t, f)}).Do(Request{Op: Status}, 5*time.Second)
			if !errors.Is(err, ErrClosed) || got.Body != nil {
				t.Errorf("%q, %v", got.Body, err)
			}
		})
	}
}

func TestADaemonThatLeavesBeforeItAcceptsHasClosed(t *testing.T) {
	path := folder(t)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	c := dialed(t, Dialer{Path: path})
	l.Close()
	if _, err := c.Do(Request{Op: Status}, 5*time.Second); !errors.Is(err, ErrClosed) {
		t.Errorf("says %v", err)
	}
}

func TestAnAnswerOfMoreThanALineIsRefused(t *testing.T) {
	frame := len(AppendResult(nil, []byte(`{"":""}`)))
	for name, c := range map[string]struct {
		answer []byte
		taken  bool
	}{
		"64 KiB with the newline":       {AppendResult(nil, []byte(`{"":"`+strings.Repeat("x", MaxLine-frame)+`"}`)), true},
		"one byte more":                 {AppendResult(nil, []byte(`{"":"`+strings.Repeat("x", MaxLine-frame+1)+`"}`)), false},
		"half as much again":            {AppendResult(nil, []byte(`{"":"`+strings.Repeat("x", MaxLine*3/2)+`"}`)), false},
		"and no newline at all":         {[]byte(strings.Repeat("x", 2*MaxLine)), false},
		"of which the first half waits": {append(AppendWait(nil, FetchWait), strings.Repeat("x", 2*MaxLine)...), false},
	} {
		t.Run(name, func(t *testing.T) {
			path := serve(t, func(conn *net.UnixConn) { takeRequest(conn); conn.Write(c.answer) })
			conn := dialed(t, Dialer{Path: path})
			got, err := conn.Do(Request{Op: Status}, 5*time.Second)
			conn.Close() // lets a daemon that still writes go on
			if c.taken && (err != nil || len(got.Body) == 0) {
				t.Errorf("%d bytes, %v", len(got.Body), err)
			}
			if !c.taken && (err == nil || !strings.Contains(err.Error(), "longer than 65536 bytes")) {
				t.Errorf("says %v", err)
			}
		})
	}
}

func TestAWaitLengthensTheTimeForAnAnswer(t *testing.T) {
	path := serve(t, func(c *net.UnixConn) {
		takeRequest(c)
		c.Write(AppendWait(nil, 10*time.Second))
		<-time.After(250 * time.Millisecond) // as long as the issuer takes
		c.Write(AppendResult(nil, []byte(`{}`)))
	})
	got, err := dialed(t, Dialer{Path: path}).Do(Request{Op: Status}, 100*time.Millisecond)
	if err != nil || string(got.Body) != `{}` {
		t.Errorf("%q, %v", got.Body, err)
	}
}

func TestAWaitAndItsAnswerMayComeInOnePiece(t *testing.T) {
	path := serve(t, func(c *net.UnixConn) {
		takeRequest(c)
		c.Write(AppendResult(AppendWait(AppendWait(nil, FetchWait), AskWait), []byte(`{"n":1}`)))
	})
	got, err := dialed(t, Dialer{Path: path}).Do(Request{Op: Status}, 5*time.Second)
	if err != nil || string(got.Body) != `{"n":1}` {
		t.Errorf("%q, %v", got.Body, err)
	}
}

func TestAForeignDaemonIsRefused(t *testing.T) {
	path := folder(t)
	listenAsNobody(t, path)
	_, err := Dialer{Path: path}.Dial(time.Second)
	if !errors.Is(err, place.ErrForeign) || !strings.Contains(err.Error(), "belongs to user 65534") {
		t.Errorf("says %v", err)
	}
}

func TestADaemonInAFolderThatIsOpenToOthersIsNotCalled(t *testing.T) {
	path := serve(t, func(*net.UnixConn) { t.Error("called") })
	if err := os.Chmod(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := (Dialer{Path: path}).Dial(time.Second); !errors.Is(err, place.ErrForeign) {
		t.Errorf("got %v", err)
	}
}

// On a busy machine this process may have had no processor since the answer came.
func TestAnAnswerThatIsThereIsReadAlthoughTheTimeIsOver(t *testing.T) {
	path := serve(t, func(c *net.UnixConn) { io.WriteString(c, `{"v":1,"result":{}}`+"\n") })
	conn, err := Dialer{Path: path}.Dial(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	time.Sleep(50 * time.Millisecond)
	if line, err := conn.readLine(-time.Second); err != nil || len(line) == 0 {
		t.Errorf("%s, %v", line, err)
	}
	if line, err := conn.readLine(-time.Second); err == nil {
		t.Errorf("%s comes from nowhere", line)
	}
}
