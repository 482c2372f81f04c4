//go:build linux && (amd64 || arm64)

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// programs are the helper with its prelude and without.
func programs(t *testing.T, arch string) (with, without string) {
	t.Helper()
	needsPrelude(t)
	with, _ = build(t, "GOARCH="+arch)
	without, _ = build(t, "GOARCH="+arch, "PRELUDE=0")
	return with, without
}

// outcome is what a run shows to its caller and to the daemon.
type outcome struct {
	status         int
	stdout, stderr string
	asked          []wire.Request
}

// runs runs the program with a daemon that answers with replies. started is true if
// the Go runtime started, which prints a trace of its initialisation.
func runs(t *testing.T, program, replies []string, env string, args ...string) (o outcome, started bool) {
	t.Helper()
	asked := daemon(t, []byte(replies[0]), replies[1:]...)
	if name, value, ok := strings.Cut(env, "="); ok {
		t.Setenv(name, value)
	}
	cmd := exec.CommandContext(t.Context(), program[0], append(program[1:], args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	o = outcome{status: cmd.ProcessState.ExitCode(), stdout: stdout.String(), asked: asked()}
	for line := range strings.Lines(stderr.String()) {
		if strings.HasPrefix(line, "init ") {
			started = true
		} else {
			o.stderr += line
		}
	}
	return o, started
}

// The prelude saves time and changes nothing else.
func TestWithAndWithoutItsPreludeTheHelperIsTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute; make unit runs it")
	}
	session := wire.OpenCredentials + answer + wire.CloseLine
	cases := map[string]struct {
		reply string
		args  []string
		env   string // NAME=value
		quick bool   // answered before the runtime is there
	}{
		"a session":               {session, []string{"prod"}, "", true},
		"--profile":               {session, []string{"--profile", "prod"}, "", true},
		"--profile=":              {session, []string{"--profile=prod"}, "", true},
		"files of its own":        {session, []string{"prod"}, "AWS_CONFIG_FILE=/etc/aws/config", true},
		"UNDERSTUDY_PRELUDE=0":    {session, []string{"prod"}, "UNDERSTUDY_PRELUDE=0", false},
		"UNDERSTUDY_PRELUDE=1":    {session, []string{"prod"}, "UNDERSTUDY_PRELUDE=1", true},
		"UNDERSTUDY_PRELUDE=00":   {session, []string{"prod"}, "UNDERSTUDY_PRELUDE=00", true},
		"UNDERSTUDY_PRELUDE=":     {session, []string{"prod"}, "UNDERSTUDY_PRELUDE=", true},
		"a relative file":         {session, []string{"prod"}, "AWS_CONFIG_FILE=config", false},
		"a file below home":       {session, []string{"prod"}, "AWS_SHARED_CREDENTIALS_FILE=~/keys", false},
		"a home to be cleaned":    {session, []string{"prod"}, "HOME=/home/alice/", false},
		"no home":                 {session, []string{"prod"}, "HOME=", false},
		"AWS_PROFILE":             {session, nil, "AWS_PROFILE=prod", false},
		"a name to be escaped":    {session, []string{`a"b\cé`}, "", false},
		"two names":               {session, []string{"prod", "dev"}, "", false},
		"an option":               {session, []string{"--role"}, "", false},
		"help":                    {session, []string{"--help"}, "", false},
		"a relative socket":       {session, []string{"prod"}, "UNDERSTUDY_SOCKET=socket", false},
		"a refusal":               {string(wire.AppendError(nil, wire.Denied, "no", "ask")), []string{"prod"}, "", false},
		"a wait, then a session":  {string(wire.AppendWait(nil, time.Second)) + session, []string{"prod"}, "", true},
		"a wait, then a refusal":  {string(wire.AppendWait(nil, time.Second)) + string(wire.AppendError(nil, wire.Denied, "no", "ask")), []string{"prod"}, "", false},
		"nonsense":                {"hello\n", []string{"prod"}, "", false},
		"two in one":              {`{"v":1,"credentials":` + answer + `,"more":{}}` + "\n", []string{"prod"}, "", false},
		"an open string":          {`{"v":1,"credentials":{"a}}` + "\n", []string{"prod"}, "", false},
		"a session that is long":  {`{"v":1,"credentials":{"SessionToken":"` + strings.Repeat("t", 5000) + "\"}}\n", []string{"prod"}, "", false},
		"a session much too long": {`{"v":1,"credentials":{"SessionToken":"` + strings.Repeat("t", wire.MaxLine) + "\"}}\n", []string{"prod"}, "", false},
	}
	for arch, emulator := range map[string]string{"amd64": "qemu-x86_64", "arm64": "qemu-aarch64"} {
		t.Run(arch, func(t *testing.T) {
			var runner []string
			if arch != runtime.GOARCH {
				path, err := exec.LookPath(emulator)
				if err != nil {
					t.Skipf("there is no %s to run it", emulator)
				}
				runner = []string{path}
			}
			with, without := programs(t, arch)
			for name, c := range cases {
				t.Run(name, func(t *testing.T) {
					want, _ := runs(t, append(slices.Clip(runner), without), []string{c.reply}, c.env, c.args...)
					got, started := runs(t, append(slices.Clip(runner), with), []string{c.reply}, c.env, c.args...)
					if got.status != want.status || got.stdout != want.stdout || got.stderr != want.stderr {
						t.Errorf("with it:    %+v\nwithout it: %+v", got, want)
					}
					if !slices.Equal(got.asked, want.asked) {
						t.Errorf("asks %d times with it, %d without, or for something else", len(got.asked), len(want.asked))
					}
					if started == c.quick {
						t.Errorf("the runtime was started: %v", started)
					}
				})
			}
		})
	}
}

// Many helpers may wait for STS or for the user; none of them needs a runtime.
func TestWhatTheDaemonSaysToWaitIsWaitedBeforeTheRuntime(t *testing.T) {
	with, without := programs(t, runtime.GOARCH)
	wait := string(wire.AppendWait(nil, time.Second))
	session := wire.OpenCredentials + answer + wire.CloseLine
	refusal := string(wire.AppendError(nil, wire.Denied, "no", "ask"))
	for name, c := range map[string]struct {
		pieces []string
		quick  bool
	}{
		"a session":               {[]string{wait, session}, true},
		"another wait":            {[]string{wait, wait, wait + session}, true},
		"a session in two pieces": {[]string{wait + session[:9], session[9:]}, true},
		"a refusal":               {[]string{wait, refusal}, false},
		"a session that drips":    {[]string{wait, session[:9], session[9:11], session[11:]}, false},
		"silence":                 {[]string{wait, ""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			want, _ := runs(t, []string{without}, c.pieces, "", "prod")
			got, started := runs(t, []string{with}, c.pieces, "", "prod")
			if got.status != want.status || got.stdout != want.stdout || got.stderr != want.stderr || !slices.Equal(got.asked, want.asked) {
				t.Errorf("with it:    %+v\nwithout it: %+v", got, want)
			}
			if started == c.quick {
				t.Errorf("the runtime was started: %v", started)
			}
		})
	}
}

func TestTheReleasedHelperAnswersBeforeTheRuntime(t *testing.T) {
	needsPrelude(t)
	session := wire.OpenCredentials + answer + wire.CloseLine
	got, started := runs(t, []string{release(t)}, []string{session}, "", "prod")
	if got.status != 0 || got.stdout != answer+"\n" || started {
		t.Errorf("%+v, the runtime was started: %v", got, started)
	}
}

// The user may take a minute to answer. The request is in memory all that time, and
// then the session.
func TestWhileItWaitsItsMemoryIsShut(t *testing.T) {
	program := release(t)
	daemon(t, wire.AppendWait(nil, 30*time.Second), "")
	cmd := exec.CommandContext(t.Context(), program, "prod")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	proc := filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid))
	shut := regexp.MustCompile(`(?m)^Max core file size +0 +0 +`)
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		limits, err := os.ReadFile(proc + "/limits")
		if err != nil {
			t.Fatal(err)
		}
		if shut.Match(limits) {
			break
		}
		if time.Since(begun) > 5*time.Second {
			t.Fatalf("it may leave a core:\n%s", limits)
		}
	}
	var st unix.Stat_t
	if err := unix.Stat(proc+"/mem", &st); err != nil || st.Uid != 0 { // for root it says nothing
		t.Errorf("its memory is user %d's, %v", st.Uid, err)
	}
}

// Without a runtime a signal ends the program, unless it ignores the signal.
func TestAFileThatMayNotGrowIsAStatusAndNoSignal(t *testing.T) {
	program, out := release(t), filepath.Join(t.TempDir(), "out")
	daemon(t, []byte(wire.OpenCredentials+answer+wire.CloseLine))
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", `ulimit -f 0; exec "$0" prod >"$1"`, program, out)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	cmd.Run()
	checkRefusal(t, cmd.ProcessState.ExitCode(), 2, "", stderr.String(), "prod")
}
