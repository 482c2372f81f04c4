//go:build linux && (amd64 || arm64)

package prelude

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

const session = `{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"made-up","SessionToken":"made-up-too","Expiration":"2026-03-01T13:00:00Z"}`

// folder is one that a socket's path fits into: t.TempDir's are too long.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "prelude")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// call makes the round trip and returns it with what it printed.
func call(t *testing.T, socket string) (trip *trip, whole bool, printed string) {
	t.Helper()
	out, err := os.Create(filepath.Join(folder(t), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	trip, whole = callTo(t, socket, int(out.Fd()))
	b, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return trip, whole, string(b)
}

func callTo(t *testing.T, socket string, out int) (made *trip, whole bool) {
	t.Helper()
	// The runtime preempts a goroutine after 10 ms by this signal; a process without
	// a runtime does not get it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var without, before unix.Sigset_t
	without.Val[0] = 1 << (unix.SIGURG - 1)
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &without, &before); err != nil {
		t.Fatal(err)
	}
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
	made = new(trip)
	whole = made.run(process([]string{"helper", "prod"}, []string{"HOME=/home/alice", "UNDERSTUDY_SOCKET=" + socket}), out)
	if made.fd != 0 {
		t.Cleanup(func() { unix.Close(made.fd) })
	}
	return made, whole
}

func TestASessionIsPrintedToTheByte(t *testing.T) {
	for name, body := range map[string]string{
		"as ever":           session,
		"as long as a pipe": `{"t":"` + strings.Repeat("t", pipeAtom-len("{\"t\":\"\"}\n")) + `"}`,
	} {
		socket, asked := daemon(t, wire.OpenCredentials+body+wire.CloseLine, true)
		if _, whole, printed := call(t, socket); !whole || printed != body+"\n" {
			t.Errorf("%s: %v, printed %q", name, whole, printed)
		}
		want := wire.Request{Op: wire.Credentials, Profile: "prod", ConfigFile: "/home/alice/.aws/config", CredentialsFile: "/home/alice/.aws/credentials"}
		if got := asked(); got != string(want.Append(nil)) {
			t.Errorf("%s: asked %q", name, got)
		}
	}
}

func TestEveryOtherReplyIsLeftToMainUnread(t *testing.T) {
	for name, reply := range map[string]string{
		"a refusal":           string(wire.AppendError(nil, wire.Denied, "no", "ask")),
		"a result":            string(wire.AppendResult(nil, []byte(`{}`))),
		"nonsense":            "hello\n",
		"an empty line":       "\n",
		"a later version":     `{"v":2,"credentials":` + session + "}\n",
		"two in one":          `{"v":1,"credentials":` + session + `,"more":{}}` + "\n",
		"a body in a body":    `{"v":1,"credentials":{"a":{}}}` + "\n",
		"an empty body":       `{"v":1,"credentials":}` + "\n",
		"an open string":      `{"v":1,"credentials":{"a}}` + "\n",
		"an escape":           `{"v":1,"credentials":{"a":"\u0041"}}` + "\n",
		"a control character": "{\"v\":1,\"credentials\":{\"a\":\"\x1b\"}}\n",
		"a wait of nothing":   `{"v":1,"wait":0}` + "\n",
		"a wait that is none": `{"v":1,"wait":1s}` + "\n",
		"too long a wait":     `{"v":1,"wait":51}` + "\n",
		"a session and more":  string(wire.AppendWait([]byte(wire.OpenCredentials+session+wire.CloseLine), time.Second)),
		"half a line":         `{"v":1,"credentials":` + session[:40],
		"more than it takes":  `{"v":1,"credentials":{"t":"` + strings.Repeat("t", 9000) + "\"}}\n",
		"longer than a pipe":  `{"v":1,"credentials":{"t":"` + strings.Repeat("t", pipeAtom) + "\"}}\n",
		"silence":             "",
	} {
		for _, shut := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, shut %v", name, shut), func(t *testing.T) {
				if !shut && !strings.HasSuffix(reply, "\n") { // it waits in vain
					defer func(before unix.Timeval) { callTimeout = before }(callTimeout)
					callTimeout = unix.Timeval{Sec: 1}
				}
				socket, _ := daemon(t, reply, shut)
				made, whole, printed := call(t, socket)
				if whole || printed != "" || made.printed != 0 || made.fd == 0 {
					t.Fatalf("%v, printed %q, connection %d", whole, printed, made.fd)
				}
				if got := string(made.buf[:made.read]); !strings.HasPrefix(reply, got) || got == "" && reply != "" {
					t.Errorf("it has read %q", got)
				}
			})
		}
	}
}

// What comes on later is in the helper's own tests: the runtime of a test is in
// the way of a process that waits.
func TestWhatTheDaemonSaysToWaitIsTakenIn(t *testing.T) {
	wait := string(wire.AppendWait(nil, 7*time.Second))
	answer := wire.OpenCredentials + session + wire.CloseLine
	refusal := string(wire.AppendError(nil, wire.Denied, "no", "ask"))
	for name, c := range map[string]struct {
		reply string
		left  string // "" where the answer is printed
	}{
		"a session":                 {wait + answer, ""},
		"another wait":              {wait + wait + answer, ""},
		"a refusal":                 {wait + refusal, refusal},
		"a session that is doubled": {wait + answer + answer, answer + answer},
	} {
		t.Run(name, func(t *testing.T) {
			socket, _ := daemon(t, c.reply, true)
			made, whole, printed := call(t, socket)
			if whole != (c.left == "") || whole && printed != session+"\n" || !whole && printed != "" {
				t.Errorf("%v, printed %q", whole, printed)
			}
			if got := string(made.buf[:made.read]); !whole && got != c.left {
				t.Errorf("main finds %q, want %q", got, c.left)
			}
		})
	}
	socket, _ := daemon(t, wait, true)
	if made, whole := callTo(t, socket, 1); whole || made.timedOut || made.wait != 7 || made.read != 0 {
		t.Errorf("of a daemon that leaves: %v, timed out %v, wait %d, %d bytes", whole, made.timedOut, made.wait, made.read)
	}
}

func TestWithoutADaemonNothingIsLeft(t *testing.T) {
	empty := folder(t)
	stale := filepath.Join(folder(t), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	before := descriptors(t)
	for _, socket := range []string{filepath.Join(empty, "s"), stale} {
		if made, whole := callTo(t, socket, 1); whole || made.fd != 0 {
			t.Errorf("%v, connection %d", whole, made.fd)
		}
	}
	if n := descriptors(t); n != before {
		t.Errorf("%d descriptors, %d before", n, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
