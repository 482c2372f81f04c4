//go:build linux || darwin

package launch

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/place"
	"understudy/internal/wire"
)

func TestManyCallersAtOnceStartOneDaemonAndAllGetItsAnswer(t *testing.T) {
	st := newStage(t, "serve")
	answers := make(chan string, 30)
	var all sync.WaitGroup
	for range cap(answers) {
		all.Go(func() {
			body, err := st.launcher().Do(wire.Request{Op: wire.Status})
			if err != nil {
				t.Error(err)
			}
			answers <- string(body)
		})
	}
	all.Wait()
	started := st.recorded("starts")
	if len(started) != 1 {
		t.Fatalf("%d daemons were started", len(started))
	}
	for range cap(answers) {
		if got, want := <-answers, `{"pid":`+started[0]+`}`; got != want {
			t.Errorf("answered %q, want %q", got, want)
		}
	}
}

func TestADaemonThatIsThereIsNotStartedAgain(t *testing.T) {
	st := newStage(t, "serve")
	for range 3 {
		if _, err := st.launcher().Do(wire.Request{Op: wire.Status}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(st.recorded("starts")); n != 1 {
		t.Errorf("%d daemons were started", n)
	}
}

func TestNoOtherCallerStartsADaemonWhileOneIsReplaced(t *testing.T) {
	st := newStage(t, "serve")
	if _, err := st.launcher().Do(wire.Request{Op: wire.Status}); err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	answers := make(chan string, 5)
	err := st.launcher().Replace(func() error {
		pid, err := strconv.Atoi(st.recorded("starts")[0])
		if err == nil {
			err = errors.Join(unix.Kill(pid, unix.SIGKILL), os.Remove(st.path))
		}
		for range cap(answers) {
			callers.Go(func() {
				body, err := st.launcher().Do(wire.Request{Op: wire.Status})
				if err != nil {
					t.Error(err)
				}
				answers <- string(body)
			})
		}
		<-time.After(150 * time.Millisecond) // several tries of each caller
		if n := len(st.recorded("starts")); n != 1 {
			t.Errorf("%d daemons were started before the replacement", n-1)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	callers.Wait()
	started := st.recorded("starts")
	if len(started) != 2 {
		t.Fatalf("%d daemons were started, want 2", len(started))
	}
	for range cap(answers) {
		if got, want := <-answers, `{"pid":`+started[1]+`}`; got != want {
			t.Errorf("answered %q, want %q", got, want)
		}
	}
}

func TestADaemonThatCannotBeStoppedIsNotReplaced(t *testing.T) {
	st := newStage(t, "serve")
	refusal := errors.New("it stays")
	if err := st.launcher().Replace(func() error { return refusal }); err != refusal {
		t.Errorf("says %v", err)
	}
	if n := len(st.recorded("starts")); n != 0 {
		t.Errorf("%d daemons were started", n)
	}
}

func TestTheDaemonIsStartedDetachedWithTheCallersFiles(t *testing.T) {
	st := newStage(t, "serve")
	l := st.launcher()
	l.ConfigFile, l.CredentialsFile = "/a/config", "/a/credentials"
	if _, err := l.Do(wire.Request{Op: wire.Status}); err != nil {
		t.Fatal(err)
	}
	const want = "daemon run --detached --config-file=/a/config --credentials-file=/a/credentials in / leads true"
	if got := st.recorded("life"); len(got) != 1 || got[0] != want {
		t.Errorf("started as %q, want %q", got, want)
	}
}

func TestTheDaemonGetsNothingOfTheCallersAWSSettings(t *testing.T) {
	st := newStage(t, "serve")
	for _, name := range []string{"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_STS", "AWS_CONFIG_FILE"} {
		t.Setenv(name, "canary")
	}
	t.Setenv("AWS_CA_BUNDLE", "ca.pem")
	t.Setenv("UNDERSTUDY_CA_BUNDLE", "")
	t.Setenv("HTTPS_PROXY", "http://proxy.example:3128")
	t.Chdir("/usr")
	if _, err := st.launcher().Do(wire.Request{Op: wire.Status}); err != nil {
		t.Fatal(err)
	}
	env := st.recorded("environ")
	for _, kv := range env {
		if strings.HasPrefix(kv, "AWS_") || strings.Contains(kv, "canary") {
			t.Errorf("the daemon has %s", kv)
		}
	}
	for _, want := range []string{"UNDERSTUDY_CA_BUNDLE=/usr/ca.pem", "HTTPS_PROXY=http://proxy.example:3128"} {
		if !slices.Contains(env, want) {
			t.Errorf("the daemon lacks %s", want)
		}
	}
}

func TestWhyItDidNotStartReachesTheCallerWithItsHint(t *testing.T) {
	st := newStage(t, "refuse")
	_, err := st.launcher().Do(wire.Request{Op: wire.Status})
	if err == nil || err.Error() != `the daemon did not start: config:3: unknown key "stroe"` {
		t.Errorf("says %v", err)
	}
	if e := Explain(err); e.Code != wire.NoDaemon || e.Hint != "the keys are store, prompt" {
		t.Errorf("code %s, hint %q", e.Code, e.Hint)
	}
}

func TestWhatADaemonSaysWhileItStartsIsNoRefusal(t *testing.T) {
	st := newStage(t, "noise")
	if _, err := st.launcher().Do(wire.Request{Op: wire.Status}); err != nil {
		t.Error(err)
	}
}

func TestADaemonThatHangsAtItsStartIsGivenUp(t *testing.T) {
	if limit >= 5*time.Second {
		t.Errorf("%v is longer than callers are promised", limit)
	}
	st := newStage(t, "hang")
	l := st.launcher()
	l.within = 300 * time.Millisecond
	errs := make(chan error, 5)
	begun := time.Now()
	for range cap(errs) {
		go func() { _, err := l.Do(wire.Request{Op: wire.Status}); errs <- err }()
	}
	var late int
	for range cap(errs) {
		err := <-errs
		if err == nil || Explain(err).Code != wire.NoDaemon {
			t.Errorf("says %v", err)
		}
		if err != nil && err.Error() == "the daemon did not start in time" {
			late++
		}
	}
	if d := time.Since(begun); d > 2*time.Second {
		t.Errorf("it took %v", d)
	}
	if late == 0 {
		t.Error("nobody is told that the daemon hangs")
	}
}

func TestWithoutAProgramToStartThatIsSaid(t *testing.T) {
	for name, put := range map[string]func(t *testing.T, dir string){
		"nothing": func(*testing.T, string) {},
		"a folder": func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, binaryName), 0o700); err != nil {
				t.Fatal(err)
			}
		},
		"a file nobody may run": func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, binaryName), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		},
		"only by a relative path": func(t *testing.T, dir string) {
			for _, where := range []string{dir, filepath.Join(dir, "bin")} {
				os.Mkdir(where, 0o700)
				if err := os.WriteFile(filepath.Join(where, binaryName), []byte("#!/bin/sh\n"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			t.Chdir(dir)
			t.Setenv("PATH", ".::bin:./bin")
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := newStage(t, "serve")
			dir := t.TempDir()
			t.Setenv("PATH", dir)
			put(t, dir)
			_, err := st.launcher().Do(wire.Request{Op: wire.Status})
			if !errors.Is(err, errNoBinary) {
				t.Errorf("says %v", err)
			}
			if n := len(st.recorded("starts")); n != 0 {
				t.Errorf("%d daemons were started", n)
			}
		})
	}
}

func TestAnothersFolderStartsNothing(t *testing.T) {
	st := newStage(t, "serve")
	if err := os.Chmod(filepath.Dir(st.path), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := st.launcher().Do(wire.Request{Op: wire.Status}); !errors.Is(err, place.ErrForeign) {
		t.Errorf("says %v", err)
	}
	if n := len(st.recorded("starts")); n != 0 {
		t.Errorf("%d daemons were started", n)
	}
}

// script answers the connections at the stage's path, one line each; "" closes.
func (st *stage) script(answers ...string) {
	l, err := net.Listen("unix", st.path)
	if err != nil {
		st.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, answer := range answers {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if answer != "" {
				c.Read(make([]byte, 4096))
			}
			c.Write([]byte(answer))
			c.Close()
		}
	}()
	st.t.Cleanup(func() { l.Close(); <-done })
}

func TestADaemonThatWasJustLeavingIsAskedAgain(t *testing.T) {
	st := newStage(t, "serve")
	st.script("", "", string(wire.AppendResult(nil, []byte(`{"n":3}`))))
	if body, err := st.launcher().Do(wire.Request{Op: wire.Status}); err != nil || string(body) != `{"n":3}` {
		t.Errorf("%q, %v", body, err)
	}
}

func TestWhatADaemonDidNotFinishBeforeItsEndIsAskedAgain(t *testing.T) {
	st := newStage(t, "serve")
	end := string(wire.AppendError(nil, wire.Temporary, wire.Stopping, "try again"))
	st.script(end, end, string(wire.AppendResult(nil, []byte(`{"n":3}`))))
	if body, err := st.launcher().Do(wire.Request{Op: wire.Credentials, Profile: "p"}); err != nil || string(body) != `{"n":3}` {
		t.Errorf("%q, %v", body, err)
	}
}

// What was begun is the first try; where it comes to nothing the next is as ever.
func TestWhatWasBegunIsNotAskedAgainUnlessTheDaemonLeft(t *testing.T) {
	st := newStage(t, "serve")
	st.script(string(wire.AppendResult(nil, []byte(`{"n":1}`))), "", string(wire.AppendResult(nil, []byte(`{"n":3}`))))
	for _, want := range []string{`{"n":1}`, `{"n":3}`} {
		l := st.launcher()
		conn, err := l.Dial(time.Second)
		if err != nil {
			t.Fatal(err)
		}
		unix.Write(conn.Fd(), wire.Request{Op: wire.Status}.Append(nil))
		l.Begun = conn
		if body, err := l.Do(wire.Request{Op: wire.Status}); err != nil || string(body) != want {
			t.Errorf("%q, %v; want %s", body, err, want)
		}
	}
}

func TestARefusalIsAnErrorWithItsCode(t *testing.T) {
	st := newStage(t, "serve")
	st.script(string(wire.AppendError(nil, wire.LoginNeeded, "MFA is asked", "answer it")))
	_, err := st.launcher().Do(wire.Request{Op: wire.Credentials, Profile: "p"})
	if e, ok := errors.AsType[*wire.Error](err); !ok || *e != (wire.Error{Code: wire.LoginNeeded, Message: "MFA is asked", Hint: "answer it"}) {
		t.Errorf("says %v", err)
	}
}

func TestASilentDaemonIsGivenUp(t *testing.T) {
	st := newStage(t, "serve")
	l, err := net.Listen("unix", st.path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	caller := st.launcher()
	caller.within = 200 * time.Millisecond
	begun := time.Now()
	if _, err := caller.Do(wire.Request{Op: wire.Status}); !errors.Is(err, wire.ErrSilent) {
		t.Errorf("says %v", err)
	}
	if d := time.Since(begun); d > 2*time.Second {
		t.Errorf("it took %v", d)
	}
}
