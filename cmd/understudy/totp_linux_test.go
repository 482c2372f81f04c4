package main

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/credential"
	"understudy/internal/keychain/keyringtest"
	"understudy/internal/sandbox"
)

const (
	aliceDevice = "arn:aws:iam::111111111111:mfa/alice"
	madeUpSeed  = "CANARYINTHEMINECANARYINTHEMINEAA"
)

// totpVerb runs a verb of the real program on a keyring of the test.
func totpVerb(t *testing.T, ring *keyringtest.Keyring, stdin string, args ...string) (out, said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(binaries, "understudy"), append([]string{"totp"}, args...)...)
	cmd.Env = ring.Env()
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("totp %v: %v\n%s", args, err, stderr.String())
	}
	return stdout.String(), stderr.String()
}

func TestASeedIsKeptListedAndRemovedAndNeverShown(t *testing.T) {
	ring := keyringtest.Start(t)
	var seen strings.Builder
	for _, step := range []struct {
		stdin string
		args  []string
		out   string
		said  string
	}{
		{"", []string{"list"}, "", "no seed is kept"},
		{madeUpSeed + "\n", []string{"add", aliceDevice}, "keeps the seed of " + aliceDevice + "\n", "whoever reads your keychain has both factors"},
		{"otpauth://totp/x?secret=" + madeUpSeed, []string{"add", aliceDevice + "2"}, "keeps the seed of " + aliceDevice + "2\n", "understudy_totp = keychain"},
		{"", []string{"list"}, aliceDevice + "\n" + aliceDevice + "2\n", ""},
		{"", []string{"remove", aliceDevice}, "removed the seed of " + aliceDevice + "\n", ""},
		{"", []string{"remove", aliceDevice}, "there was no seed of " + aliceDevice + "\n", ""},
		{"", []string{"list"}, aliceDevice + "2\n", ""},
	} {
		out, said := totpVerb(t, ring, step.stdin, step.args...)
		if out != step.out || !strings.Contains(said, step.said) {
			t.Errorf("totp %v: %q, said %q", step.args, out, said)
		}
		seen.WriteString(out + said)
	}
	if strings.Contains(strings.ToUpper(seen.String()), "CANARY") {
		t.Errorf("the seed is shown:\n%s", seen.String())
	}
	if err := filepath.WalkDir(ring.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte("CANARY")) {
			t.Errorf("the seed stands in %s", path)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// The sandbox's STS makes the codes of the seed by itself, and takes none twice.
func TestAKeptSeedAnswersForThePerson(t *testing.T) {
	ring := keyringtest.Start(t)
	sts := sandbox.New()
	alice := sandbox.Example()
	alice.TOTPSeed = credential.NewSecret(madeUpSeed)
	sts.AddUser(alice)
	server := httptest.NewServer(sts)
	defer server.Close()
	aws := filepath.Join(ring.Dir, ".aws")
	if err := os.Mkdir(aws, 0o700); err != nil {
		t.Fatal(err)
	}
	config := exampleConfig + "understudy_mfa_serial = " + aliceDevice + "\nunderstudy_totp = keychain\n" // of the last, staging
	if err := os.WriteFile(filepath.Join(aws, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, filepath.Join(binaries, "understudy"), args...)
		cmd.Env = append(ring.Env(), "UNDERSTUDY_SOCKET="+filepath.Join(ring.Dir, "s", "s"), "UNDERSTUDY_STS_ENDPOINT_URL="+server.URL)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	defer run("daemon", "stop")
	if said, err := run("get", "staging"); err == nil || !strings.Contains(said, "understudy totp add "+aliceDevice) {
		t.Errorf("without a seed: %v\n%s", err, said)
	}
	totpVerb(t, ring, madeUpSeed, "add", aliceDevice)
	if said, err := run("get", "staging"); err != nil {
		t.Errorf("with a seed: %v\n%s", err, said)
	}
	if n := sts.Count("GetSessionToken"); n != 1 {
		t.Errorf("%d calls of GetSessionToken, want 1", n)
	}
}

func TestASeedTypedInATerminalIsNotShownThere(t *testing.T) {
	ring := keyringtest.Start(t)
	master, terminal := pseudoTerminal(t)
	cmd := exec.CommandContext(t.Context(), filepath.Join(binaries, "understudy"), "totp", "add", aliceDevice)
	cmd.Env = ring.Env()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	terminal.Close()
	var seen strings.Builder
	readUntil(t, master, &seen, "not shown: ")
	if _, err := master.WriteString(strings.ToLower(madeUpSeed) + "\r"); err != nil {
		t.Fatal(err)
	}
	readUntil(t, master, &seen, "keeps the seed of "+aliceDevice)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if strings.Contains(strings.ToUpper(seen.String()), "CANARY") {
		t.Errorf("it is shown: %q", seen.String())
	}
}

// Ctrl-C in the middle of it leaves a terminal that shows what is typed.
func TestALineThatIsNotShownGivesTheTerminalBackWhateverHappens(t *testing.T) {
	echoes := func(terminal *os.File) bool {
		state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		return state.Lflag&unix.ECHO != 0
	}
	for name, end := range map[string]func(master *os.File, cancel func()){
		"a line":   func(m *os.File, _ func()) { m.WriteString("typed\r") },
		"Ctrl-C":   func(m *os.File, _ func()) { m.WriteString("12\x03") },
		"Ctrl-D":   func(m *os.File, _ func()) { m.WriteString("\x04") },
		"stopping": func(_ *os.File, cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			master, terminal := pseudoTerminal(t)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			a := &app{in: terminal, err: terminal}
			type outcome struct {
				line credential.Secret
				err  error
			}
			came := make(chan outcome, 1)
			go func() {
				line, err := a.readHidden(ctx, "what? ")
				came <- outcome{line, err}
			}()
			readUntil(t, master, new(strings.Builder), "what? ")
			if echoes(terminal) {
				t.Error("what is typed now would be shown")
			}
			end(master, cancel)
			o := <-came
			if (o.line.Reveal() == "typed") != (name == "a line") || (o.err == nil) != (name == "a line") ||
				o.err != nil && !errors.Is(o.err, context.Canceled) {
				t.Errorf("%q, err %v", o.line.Reveal(), o.err)
			}
			if !echoes(terminal) {
				t.Error("the terminal shows nothing any more")
			}
			if name == "stopping" {
				master.WriteString("\n") // ends the reading that is still under way
			}
		})
	}
}
