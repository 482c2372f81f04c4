//go:build linux || darwin

package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"understudy/internal/wire"
)

// envHelper makes the test binary the helper itself.
const envHelper = "UNDERSTUDY_TEST_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(envHelper) != "" {
		main()
	}
	os.Exit(m.Run())
}

const answer = `{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"made-up","SessionToken":"made-up-too","Expiration":"2026-03-01T13:00:00Z","AccountId":"123456789012"}`

// daemon answers every request with reply, and with what comes later each a moment
// later, an empty one being silence to the end of the test; asked returns what it
// was asked so far. No daemon can be started beside it.
func daemon(t *testing.T, reply []byte, later ...string) (asked func() []wire.Request) {
	t.Helper()
	dir, err := os.MkdirTemp("", "helper") // t.TempDir's names are too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "socket")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("UNDERSTUDY_SOCKET", path)
	t.Setenv("PATH", dir)
	t.Setenv("HOME", "/home/alice")
	for _, name := range []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		t.Setenv(name, "")
	}
	var requests []wire.Request
	ended, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			var r wire.Request
			if json.NewDecoder(c).Decode(&r) == nil {
				requests = append(requests, r)
			}
			c.Write(reply)
			for _, piece := range later {
				time.Sleep(60 * time.Millisecond)
				if piece == "" {
					<-over
				}
				c.Write([]byte(piece))
			}
			c.Close()
		}
	}()
	stop := sync.OnceFunc(func() { close(over) })
	asked = func() []wire.Request {
		l.Close()
		stop()
		<-ended
		return requests
	}
	t.Cleanup(func() { asked(); os.RemoveAll(dir) })
	return asked
}

// call runs the helper in this process.
func call(args ...string) (status int, stdout, stderr string) {
	var out, err strings.Builder
	status = run(args, &out, &err)
	return status, out.String(), err.String()
}

// checkRefusal wants a status, nothing printed, one reason line for the profile
// and one hint.
func checkRefusal(t *testing.T, status, want int, stdout, stderr, profile string) {
	t.Helper()
	if status != want || stdout != "" {
		t.Errorf("status %d, want %d; printed %q", status, want, stdout)
	}
	lines := strings.Split(stderr, "\n")
	if len(lines) != 3 || lines[2] != "" {
		t.Fatalf("not two lines: %q", stderr)
	}
	if reason, ok := strings.CutPrefix(lines[0], "understudy: "+profile+": "); !ok || reason == "" {
		t.Errorf("the reason is %q", lines[0])
	}
	if hint, ok := strings.CutPrefix(lines[1], "hint: "); !ok || hint == "" {
		t.Errorf("the hint is %q", lines[1])
	}
}

func TestTheAnswerIsPrintedToTheByteAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		args        []string
		env, asksOf string
	}{
		"no argument":              {nil, "", "default"},
		"no argument, AWS_PROFILE": {nil, "from-env", "from-env"},
		"a name":                   {[]string{"prod"}, "from-env", "prod"},
		"--profile name":           {[]string{"--profile", "prod"}, "from-env", "prod"},
		"--profile=name":           {[]string{"--profile=prod"}, "", "prod"},
		"a name with a space":      {[]string{"my prod"}, "", "my prod"},
		"a name like an option":    {[]string{"--profile", "--odd"}, "", "--odd"},
		"a dash":                   {[]string{"-"}, "", "-"},
		"quotes and more":          {[]string{`a"b\cé`}, "", `a"b\cé`},
	} {
		t.Run(name, func(t *testing.T) {
			asked := daemon(t, []byte(wire.OpenCredentials+answer+wire.CloseLine))
			t.Setenv("AWS_PROFILE", c.env)
			t.Setenv("AWS_DEFAULT_PROFILE", "not-this")
			status, stdout, stderr := call(c.args...)
			if status != 0 || stdout != answer+"\n" || stderr != "" {
				t.Errorf("status %d, %q, %q", status, stdout, stderr)
			}
			want := wire.Request{V: 1, Op: wire.Credentials, Profile: c.asksOf, ConfigFile: "/home/alice/.aws/config", CredentialsFile: "/home/alice/.aws/credentials"}
			if got := asked(); len(got) != 1 || got[0] != want {
				t.Errorf("asked %+v, want %+v", got, want)
			}
		})
	}
}

func TestTheCallersFilesAreSentAbsolute(t *testing.T) {
	asked := daemon(t, []byte(wire.OpenCredentials+answer+wire.CloseLine))
	t.Chdir("/usr")
	t.Setenv("AWS_CONFIG_FILE", "aws/config")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "~/keys")
	call("prod")
	if got := asked(); len(got) != 1 || got[0].ConfigFile != "/usr/aws/config" || got[0].CredentialsFile != "/home/alice/keys" {
		t.Errorf("asked %+v", got)
	}
}

func TestBadArgumentsEndWithStatus2AndAskNobody(t *testing.T) {
	for name, c := range map[string]struct {
		args    []string
		profile string
	}{
		"two names":           {[]string{"prod", "dev"}, "prod"},
		"a comment behind it": {[]string{"prod", "#", "my", "role"}, "prod"},
		"an unknown option":   {[]string{"--role", "prod"}, "-"},
		"a short option":      {[]string{"-p", "prod"}, "-"},
		"an option behind":    {[]string{"prod", "--json"}, "prod"},
		"an empty name":       {[]string{""}, "-"},
		"--profile alone":     {[]string{"--profile"}, "-"},
		"--profile and empty": {[]string{"--profile", ""}, "-"},
		"--profile=":          {[]string{"--profile="}, "-"},
		"--profile and two":   {[]string{"--profile", "prod", "dev"}, "prod"},
		"--help and a name":   {[]string{"--help", "prod"}, "-"},
		"many lines":          {[]string{"pr\nod\x1b[31m", "dev"}, "pr od [31m"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := daemon(t, []byte(wire.OpenCredentials+answer+wire.CloseLine))
			status, stdout, stderr := call(c.args...)
			checkRefusal(t, status, 2, stdout, stderr, c.profile)
			if got := asked(); len(got) != 0 {
				t.Errorf("asked %+v", got)
			}
		})
	}
}

func TestEachRefusalHasItsStatusAndTwoLines(t *testing.T) {
	for code, want := range map[wire.Code]int{
		wire.Usage: 2, wire.LoginNeeded: 3, wire.Denied: 4, wire.BadConfig: 4, wire.UnknownProfile: 4,
		wire.NoDaemon: 5, wire.Temporary: 6, "of-a-later-version": 5,
	} {
		t.Run(string(code), func(t *testing.T) {
			daemon(t, wire.AppendError(nil, code, "it is\nso \x1b[2J", "do\r\nthat\u009b"))
			status, stdout, stderr := call("prod")
			checkRefusal(t, status, want, stdout, stderr, "prod")
			if stderr != "understudy: prod: it is so  [2J\nhint: do  that \n" {
				t.Errorf("says %q", stderr)
			}
		})
	}
}

func TestWhatIsNoAnswerEndsWithStatus5(t *testing.T) {
	for name, reply := range map[string]string{
		"nonsense":           "hello\n",
		"a later version":    `{"v":2,"credentials":` + answer + "}\n",
		"cut short":          `{"v":1,"credentials":` + answer[:60] + "}\n",
		"two in one":         `{"v":1,"credentials":` + answer + `,"more":{}}` + "\n",
		"an empty body":      `{"v":1,"credentials":}` + "\n",
		"longer than a line": `{"v":1,"credentials":{"SessionToken":"` + strings.Repeat("t", wire.MaxLine) + "\"}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			daemon(t, []byte(reply))
			status, stdout, stderr := call("prod")
			checkRefusal(t, status, 5, stdout, stderr, "prod")
		})
	}
}

func TestWhereNoDaemonCanBeReachedTheStatusIs5(t *testing.T) {
	for name, spoil := range map[string]func(socket string){
		"none to start":     func(socket string) { os.Remove(socket) },
		"an open folder":    func(socket string) { os.Chmod(filepath.Dir(socket), 0o777) },
		"a relative socket": func(string) { os.Setenv("UNDERSTUDY_SOCKET", "socket") },
		"a long socket":     func(string) { os.Setenv("UNDERSTUDY_SOCKET", "/"+strings.Repeat("x", 200)) },
	} {
		t.Run(name, func(t *testing.T) {
			asked := daemon(t, []byte(wire.OpenCredentials+answer+wire.CloseLine))
			spoil(os.Getenv("UNDERSTUDY_SOCKET"))
			status, stdout, stderr := call("prod")
			checkRefusal(t, status, 5, stdout, stderr, "prod")
			if got := asked(); len(got) != 0 {
				t.Errorf("asked %+v", got)
			}
		})
	}
}

func TestHelpAndVersionAskNobody(t *testing.T) {
	for arg, want := range map[string]string{"--help": usage, "-h": usage, "--version": "understudy-credentials dev\n"} {
		asked := daemon(t, []byte(wire.OpenCredentials+answer+wire.CloseLine))
		if status, stdout, stderr := call(arg); status != 0 || stdout != want || stderr != "" {
			t.Errorf("%s: status %d, %q, %q", arg, status, stdout, stderr)
		}
		if got := asked(); len(got) != 0 {
			t.Errorf("%s: asked %+v", arg, got)
		}
	}
}
