//go:build linux

package e2e

import (
	"bytes"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"understudy/internal/sandbox"
)

// badProfiles are mistakes that people make; the config file of each holds a
// good profile too, which must not suffer.
var badProfiles = []struct {
	name    string
	profile string   // asked for
	config  string   // appended to the good file
	says    []string // in the reason or the hint
}{
	{"an unknown profile", "actro", "", []string{"actor"}},
	{"a profile without a role", "norole",
		"[profile norole]\nunderstudy_source_profile = base\n", []string{"role_arn"}},
	{"an ARN that is none", "badarn",
		"[profile badarn]\nunderstudy_role_arn = arn:aws:iam:role\nunderstudy_source_profile = base\n",
		[]string{"config:", "understudy_role_arn"}},
	{"an ARN of something else", "notrole",
		"[profile notrole]\nunderstudy_role_arn = arn:aws:iam::123456789012:user/alice\nunderstudy_source_profile = base\n",
		[]string{"config:", "understudy_role_arn"}},
	{"a loop", "one",
		"[profile one]\nunderstudy_role_arn = arn:aws:iam::123456789012:role/A\nunderstudy_source_profile = two\n" +
			"[profile two]\nunderstudy_role_arn = arn:aws:iam::123456789012:role/B\nunderstudy_source_profile = one\n",
		[]string{"one", "two"}},
	{"a source that is not there", "orphan",
		"[profile orphan]\nunderstudy_role_arn = arn:aws:iam::123456789012:role/A\nunderstudy_source_profile = bsae\n",
		[]string{"bsae"}},
	{"a duration too short", "short",
		"[profile short]\nunderstudy_role_arn = arn:aws:iam::123456789012:role/A\nunderstudy_source_profile = base\nunderstudy_duration_seconds = 899\n",
		[]string{"config:", "understudy_duration_seconds", "900"}},
	{"a duration that is no number", "nan",
		"[profile nan]\nunderstudy_role_arn = arn:aws:iam::123456789012:role/A\nunderstudy_source_profile = base\nunderstudy_duration_seconds = 1h\n",
		[]string{"config:", "understudy_duration_seconds"}},
	{"a header that is not closed", "torn",
		"[profile torn\nunderstudy_role_arn = arn:aws:iam::123456789012:role/A\nunderstudy_source_profile = base\n",
		[]string{"config:"}},
	{"a line without an equals sign", "noequals",
		"[profile noequals]\nunderstudy_role_arn arn:aws:iam::123456789012:role/A\nunderstudy_source_profile = base\n",
		[]string{"config:"}},
}

func TestAMistakeInTheConfigurationIsTold(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	good := s.served(s.Helper("actor"))
	pid := s.PID()
	config := filepath.Join(".aws", "config")
	text := "[profile base]\nregion = us-east-1\n" + s.role("actor", standRole, s.URL)
	for _, bad := range badProfiles {
		s.Write(config, text+bad.config)
		o := s.Helper(bad.profile)
		s.refused(o, 4, bad.profile)
		for _, word := range bad.says {
			if !strings.Contains(strings.TrimPrefix(o.Stderr, "understudy: "+bad.profile), word) {
				t.Errorf("%s: %q is not said: %v", bad.name, word, o)
			}
		}
		if s.served(s.Helper("actor")).Raw != good.Raw {
			t.Errorf("%s costs another profile its session", bad.name)
		}
	}
	s.alive(pid)
}

func TestAConfigFileThatBreaksLeavesTheLastGoodSessionServed(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	good := s.served(s.Helper("actor"))
	pid := s.PID()
	for name, text := range map[string]string{
		"binary":   "\x00\x01\x02[profile actor]\n",
		"torn":     "[profile actor",
		"an image": "PNG\r\n\x1a\n" + strings.Repeat("\xff\xfe", 1000),
	} {
		s.Write(".aws/config", text)
		if o := s.Helper("actor"); o.Status == 0 {
			if s.served(o).Raw != good.Raw {
				t.Errorf("%s: another session: %v", name, o)
			}
		} else {
			s.refused(o, 4, "actor")
			if !strings.Contains(o.Stderr, "config") {
				t.Errorf("%s: the file is not named: %v", name, o)
			}
		}
	}
	s.alive(pid)
}

func TestArgumentsThatMakeNoSenseAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, args := range [][]string{{"one", "two"}, {"--bogus"}, {"--profile"}, {""}} {
		o := w.Run(append([]string{filepath.Join(bin, "understudy-credentials")}, args...)...)
		if o.Status != 2 || o.Stdout != "" || strings.Count(o.Stderr, "\n") != 2 ||
			!strings.HasPrefix(o.Stderr, "understudy: ") || !strings.Contains(o.Stderr, "\nhint: ") {
			t.Errorf("want status 2, a reason and a hint: %v", o)
		}
	}
	if w.PID() != 0 {
		t.Error("a daemon was started for nothing")
	}
}

func TestAMegabyteOfGarbageOnTheSocketHarmsNobody(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	good := s.served(s.Helper("actor"))
	pid := s.PID()
	for _, piece := range []string{"\x00\xff\x17{", "a", "{\"v\":1,", "[[[[", "\n\n\r\n"} {
		s.garbage(bytes.Repeat([]byte(piece), 1<<20/len(piece)))
		if s.served(s.Helper("actor")).Raw != good.Raw {
			t.Errorf("after %q: another session", piece)
		}
	}
	s.alive(pid)
}

// garbage sends bytes until the daemon will have no more, and reads until it
// hangs up.
func (s *stand) garbage(bytes []byte) {
	s.t.Helper()
	conn, err := net.Dial("unix", s.Socket)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	conn.Write(bytes) // it may hang up in the middle
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buf)
		if strings.Contains(string(buf[:n]), "SecretAccessKey") {
			s.t.Fatalf("garbage is answered with a session")
		}
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			s.t.Fatal("the daemon does not hang up")
		}
		if err != nil {
			return
		}
	}
}

func TestATokenOf16KiBIsServedWhole(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t).withKeyring())
	s.STS.Set(sandbox.Behaviour{TokenSize: 16 << 10})
	first := s.served(s.Helper("actor"))
	if n := len(first.SessionToken); n != 16<<10 {
		t.Errorf("the token has %d characters", n)
	}
	s.eventually("it is in the keychain", patience/6, func() bool { return s.status().Sessions[0].Stored })
	s.Kill()
	if s.served(s.Helper("actor")).Raw != first.Raw {
		t.Error("the keychain gives back another session")
	}
}
