//go:build linux && (amd64 || arm64)

package prelude

import (
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// Main would print the same.
func FuzzASessionIsOneForTheHelperToo(f *testing.F) {
	f.Add([]byte(session))
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"a":"b"},"c":{"d":"e"}`))
	f.Add([]byte(`{"a":"\"}`))
	f.Add([]byte(`{"a"}`))
	f.Add([]byte(`{"a}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		line := []byte(wire.OpenCredentials + string(body) + wire.CloseLine)
		if !isSession(line) {
			return
		}
		if got := wire.ParseReply(line[:len(line)-1]); string(got.Body) != string(body) {
			t.Errorf("prints %q, main %q", body, got.Body)
		}
	})
}

func FuzzAWaitIsOneForTheHelperToo(f *testing.F) {
	for _, digits := range []string{"1", "50", "51", "0", "-1", "+1", "1s", "", "007", "99999999999999999999"} {
		f.Add([]byte(wire.OpenWait + digits + wire.CloseLine))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		seconds := waitOf(line)
		if seconds == 0 {
			return
		}
		if got := wire.ParseReply(line[:len(line)-1]); got.Wait != time.Duration(seconds)*time.Second {
			t.Errorf("%q: waits %d s, main %v", line, seconds, got.Wait)
		}
	})
}

func TestOnlyAWholeSessionIsPrinted(t *testing.T) {
	for _, line := range []string{"", "\n", wire.OpenCredentials, wire.OpenCredentials + "}\n", wire.OpenCredentials + "}}\n", wire.OpenCredentials + "{}\n", wire.OpenCredentials + "{}}", wire.OpenCredentials + "{}} \n", wire.OpenCredentials + `{"a}}` + "\n"} {
		if isSession([]byte(line)) {
			t.Errorf("%q is accepted", line)
		}
	}
	if !isSession([]byte(wire.OpenCredentials + "{}}\n")) {
		t.Error("a session is not accepted")
	}
}

func TestAnAnswerThatCannotBePrintedIsLeftToMain(t *testing.T) {
	signal.Ignore(syscall.SIGPIPE) // as it is after the prelude, until Go sets it
	defer signal.Reset(syscall.SIGPIPE)
	pipe := func() (r, w int) {
		fds := make([]int, 2)
		if err := unix.Pipe2(fds, unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
			t.Fatal(err)
		}
		return fds[0], fds[1]
	}
	r, unread := pipe()
	defer unix.Close(r)
	defer unix.Close(unread)
	for {
		if _, err := unix.Write(unread, make([]byte, 4096)); err != nil {
			break
		}
	}
	r, gone := pipe()
	unix.Close(r)
	defer unix.Close(gone)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	for name, out := range map[string]int{"a full pipe": unread, "a reader that is gone": gone, "a full disk": int(full.Fd()), "a descriptor that is shut": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			reply := wire.OpenCredentials + session + wire.CloseLine
			socket, _ := daemon(t, reply, true)
			made, whole := callTo(t, socket, out)
			if whole || made.printed != 0 || made.fd == 0 {
				t.Fatalf("%v, printed %d, connection %d", whole, made.printed, made.fd)
			}
			if got := string(made.buf[:made.read]); got != reply {
				t.Errorf("main finds %q", got)
			}
		})
	}
}

// A file that may not grow takes a part.
func TestAPartThatIsPrintedIsCounted(t *testing.T) {
	reply := wire.OpenCredentials + session + wire.CloseLine
	socket, _ := daemon(t, reply, true)
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	small := unix.Rlimit{Cur: 50, Max: limit.Max}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &small); err != nil {
		t.Fatal(err)
	}
	made, whole := callTo(t, socket, int(out.Fd()))
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	if whole || made.printed != 50 || string(made.buf[:made.read]) != reply {
		t.Errorf("%v, printed %d, main finds %q", whole, made.printed, made.buf[:made.read])
	}
}
