package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain/keyringtest"
	"understudy/internal/sandbox"
)

const canarySecret = "CANARYrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE"

// keysPlace is a home with a keyring and an AWS of its own, where alice's secret
// is a marked one.
type keysPlace struct {
	t    *testing.T
	ring *keyringtest.Keyring
	aws  *sandbox.Server
	url  string

	mu     sync.Mutex
	before func(action string) // each call is answered
	after  func(action string) // each call took effect, before it is answered
}

func newKeysPlace(t *testing.T) *keysPlace {
	p := &keysPlace{t: t, ring: keyringtest.Start(t), aws: sandbox.New()}
	alice := sandbox.Example()
	alice.Secret = credential.NewSecret(canarySecret)
	p.aws.AddUser(alice)
	p.aws.Set(sandbox.Behaviour{SecretMark: "CANARY"})
	server := httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(server.Close)
	p.url = server.URL
	t.Cleanup(func() { p.run("", "daemon", "stop") })
	p.write("config", "[profile base]\nendpoint_url = "+p.url+"\n[profile admin]\nendpoint_url = "+p.url+
		"\nunderstudy_role_arn = arn:aws:iam::123456789012:role/Admin\nunderstudy_source_profile = base\n")
	return p
}

func (p *keysPlace) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	before, after := p.before, p.after
	p.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	action := form.Get("Action")
	if before != nil {
		before(action)
	}
	answer := httptest.NewRecorder()
	p.aws.ServeHTTP(answer, r)
	if after != nil {
		after(action)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	w.Write(answer.Body.Bytes())
}

func (p *keysPlace) path(name string) string { return filepath.Join(p.ring.Dir, ".aws", name) }

func (p *keysPlace) write(name, text string) {
	p.t.Helper()
	if err := os.MkdirAll(p.path(""), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.path(name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *keysPlace) read(name string) string {
	p.t.Helper()
	b, err := os.ReadFile(p.path(name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

func (p *keysPlace) command(ctx context.Context, stdin string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(binaries, "understudy"), args...)
	cmd.Env = append(p.ring.Env(), "UNDERSTUDY_SOCKET="+filepath.Join(p.ring.Dir, "s", "s"), "GORACE=atexit_sleep_ms=0")
	cmd.Stdin = strings.NewReader(stdin)
	return cmd
}

// run returns the exit status, and what came on either output.
func (p *keysPlace) run(stdin string, args ...string) (status int, out, said string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := p.command(ctx, stdin, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		status = cmd.ProcessState.ExitCode()
	}
	if both := stdout.String() + stderr.String(); args[0] != "get" && strings.Contains(both, "CANARY") {
		p.t.Errorf("%v shows the secret:\n%s", args, both)
	}
	return status, stdout.String(), stderr.String()
}

func (p *keysPlace) must(stdin string, args ...string) (out, said string) {
	p.t.Helper()
	status, out, said := p.run(stdin, args...)
	if status != 0 {
		p.t.Fatalf("understudy %v: status %d\n%s%s", args, status, out, said)
	}
	return out, said
}

// serves demands that a profile is served a session, and returns its key ID.
func (p *keysPlace) serves(profile string) string {
	p.t.Helper()
	out, _ := p.must("", "get", profile)
	var c struct{ AccessKeyID, SecretAccessKey, SessionToken string }
	if err := json.Unmarshal([]byte(out), &c); err != nil || c.SessionToken == "" || c.SecretAccessKey == canarySecret {
		p.t.Fatalf("get %s: %v, or no session", profile, err)
	}
	return c.AccessKeyID
}

// spilled are the files below home that hold the mark.
func (p *keysPlace) spilled() (all []string) {
	p.t.Helper()
	if err := filepath.WalkDir(p.ring.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte("CANARY")) {
			all = append(all, path)
		}
		return nil
	}); err != nil {
		p.t.Error(err)
	}
	return all
}

func aliceKey() string { return sandbox.Example().AccessKeyID }

func TestAKeyIsAddedUsedRotatedAndRemovedAndNeverShown(t *testing.T) {
	t.Parallel()
	p := newKeysPlace(t)
	if status, _, said := p.run("", "get", "admin"); status != 4 {
		t.Errorf("without a key: %d\n%s", status, said)
	}
	if _, said := p.must("", "keys", "list"); !strings.Contains(said, "no key is kept") {
		t.Errorf("list: %q", said)
	}
	out, said := p.must(aliceKey()+"\n"+canarySecret+"\n", "keys", "add", "base", "--yes")
	if !strings.Contains(out, "keeps the key "+aliceKey()+" of "+sandbox.Example().ARN()) || !strings.Contains(p.read("config"), "[profile base]\ncredential_process = "+binaries+"/understudy-credentials base\nunderstudy_keys = keychain\nendpoint_url") {
		t.Errorf("add: %q %q\n%s", out, said, p.read("config"))
	}
	role, own := p.serves("admin"), p.serves("base")
	if again := p.serves("admin"); again != role {
		t.Error("the session is not kept")
	}
	if out, _ := p.must("", "keys", "list"); !strings.Contains(out, "base     "+aliceKey()+"  111111111111  alice  0d or more") {
		t.Errorf("list: %q", out)
	}

	_, said = p.must("", "keys", "rotate", "base", "--yes")
	left := p.aws.Keys(sandbox.Example().ARN())
	if len(left) != 1 || !left[0].Active || left[0].ID == aliceKey() {
		t.Fatalf("left: %+v\n%s", left, said)
	}
	if p.serves("admin") == role || p.serves("base") == own {
		t.Error("the sessions are those of the old key")
	}
	if out, _ := p.must("", "keys", "list"); !strings.Contains(out, left[0].ID) || !strings.Contains(out, " 0d") || strings.Contains(out, "or more") {
		t.Errorf("list: %q", out)
	}

	out, said = p.must("", "keys", "remove", "base", "--yes")
	if out != "removed the key of base\n" || !strings.Contains(said, "the key "+left[0].ID+" goes on in AWS") {
		t.Errorf("remove: %q %q", out, said)
	}
	if status, _, said := p.run("", "get", "admin"); status != 4 || !strings.Contains(said, "understudy keys add base") {
		t.Errorf("without a key: %d\n%s", status, said)
	}
	if out, _ := p.must("", "keys", "remove", "base", "--yes"); out != "no key of base was kept\n" {
		t.Errorf("remove: %q", out)
	}
	if found := p.spilled(); len(found) > 0 {
		t.Errorf("the secret stands in %q", found)
	}
}

func TestAMigratedHomeHoldsNoLongLivedSecretInAnyFile(t *testing.T) {
	t.Parallel()
	p := newKeysPlace(t)
	plain := "aws_access_key_id = " + aliceKey() + "\naws_secret_access_key = " + canarySecret + "\n"
	config := p.read("config") + "[profile second]\nendpoint_url = " + p.url + "\n" + plain
	p.write("config", config)
	p.write("credentials", "# mine\n[base]\n"+plain+"\n[temporary]\naws_access_key_id = ASIAX\naws_secret_access_key = x\naws_session_token = y\n")
	p.write("credentials.bak", plain)
	p.must("", "adopt", "admin", "--yes") // leaves a copy of the config file, with the key in it
	if n := len(p.spilled()); n != 4 {
		t.Fatalf("%d files hold the key before: the rest proves nothing", n)
	}

	status, _, said := p.run("", "keys", "import", "--all")
	if status != 2 || !strings.Contains(said, "understudy keys import --all --yes") || len(p.spilled()) != 4 {
		t.Errorf("unasked: %d\n%s", status, said)
	}
	if out, _ := p.must("", "keys", "import", "--all", "--dry-run"); !strings.Contains(out, "-aws_secret_access_key = ...") || len(p.spilled()) != 4 {
		t.Errorf("dry run: %s", out)
	}
	out, said := p.must("", "keys", "import", "--all", "--yes")
	for _, want := range []string{"imported base\n", "imported second\n", "+understudy_keys = keychain\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	for _, want := range []string{"base: the key " + aliceKey() + " speaks for " + sandbox.Example().ARN(), "such a key too, and is removed", "the key stands in " + p.path("credentials.bak") + " still"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in\n%s", want, said)
		}
	}
	if got := p.read("credentials"); got != "# mine\n[temporary]\naws_access_key_id = ASIAX\naws_secret_access_key = x\naws_session_token = y\n" {
		t.Errorf("credentials:\n%s", got)
	}
	if found := p.spilled(); len(found) != 1 || found[0] != p.path("credentials.bak") {
		t.Errorf("the secret stands in %q", found)
	}
	if err := os.Remove(p.path("credentials.bak")); err != nil {
		t.Fatal(err)
	}
	for _, profile := range []string{"base", "second", "admin"} {
		p.serves(profile)
	}
	p.must("", "daemon", "stop")
	if found := p.spilled(); len(found) != 0 {
		t.Errorf("the secret stands in %q", found)
	}
	if _, said := p.must("", "keys", "import", "base", "--yes"); !strings.Contains(said, "base has its key in the keychain already") {
		t.Errorf("once more: %q", said)
	}
}

func TestAKeyThatDoesNotWorkStaysWhereItIs(t *testing.T) {
	t.Parallel()
	p := newKeysPlace(t)
	good := "[base]\naws_access_key_id = " + aliceKey() + "\naws_secret_access_key = " + canarySecret + "\n"
	bad := "[dead]\naws_access_key_id = AKIADEAD\naws_secret_access_key = CANARYdead\n"
	p.write("credentials", good+bad)
	p.write("config", p.read("config")+"[profile dead]\nendpoint_url = "+p.url+"\n")
	status, _, said := p.run("", "keys", "import", "dead", "--yes")
	if status != 4 || !strings.Contains(said, "InvalidClientTokenId") {
		t.Errorf("by name: %d\n%s", status, said)
	}
	if status, _, said := p.run("AKIADEAD\nCANARYdead\n", "keys", "add", "other"); status != 4 && status != 6 {
		t.Errorf("add: %d\n%s", status, said)
	}
	_, said = p.must("", "keys", "import", "--all", "--yes")
	if !strings.Contains(said, "left dead: ") || p.read("credentials") != bad {
		t.Errorf("%s\n%s", said, p.read("credentials"))
	}
	if out, _ := p.must("", "keys", "list"); strings.Contains(out, "dead") || !strings.Contains(out, "base") {
		t.Errorf("list: %s", out)
	}
}

func TestAKeyTypedInATerminalIsNotShownThere(t *testing.T) {
	t.Parallel()
	p := newKeysPlace(t)
	master, terminal := pseudoTerminal(t)
	cmd := p.command(t.Context(), "", "keys", "add", "base")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	terminal.Close()
	var seen strings.Builder
	for _, step := range []struct{ until, typed string }{
		{"access key ID of base, not shown: ", aliceKey() + "\r"},
		{"secret access key of base, not shown: ", canarySecret + "\r"},
		{"write this? [y/N] ", "y\r"},
	} {
		readUntil(t, master, &seen, step.until)
		if _, err := master.WriteString(step.typed); err != nil {
			t.Fatal(err)
		}
	}
	readUntil(t, master, &seen, "uses the key from the keychain: base")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	before, _, _ := strings.Cut(seen.String(), "keeps the key")
	if strings.Contains(seen.String(), "CANARY") || strings.Contains(before, aliceKey()) {
		t.Errorf("it is shown: %q", seen.String())
	}
	p.serves("admin")
}
