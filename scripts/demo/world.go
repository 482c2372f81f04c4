package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"understudy/internal/sandbox"
)

const account = "arn:aws:iam::123456789012:role/"

// world is a user with a home of its own and an STS on loopback.
type world struct {
	dir, bin string
	env      []string
	sts      *sandbox.Server
	server   *httptest.Server
	keyring  bool
}

func newWorld(ctx context.Context, bin string) (*world, error) {
	dir, err := os.MkdirTemp("", "understudy-demo-")
	if err != nil {
		return nil, err
	}
	w := &world{dir: dir, bin: bin, sts: sandbox.New()}
	alice := sandbox.Example()
	for _, r := range []sandbox.Role{
		{ARN: account + "Admin", Trusts: []string{alice.ARN()}},
		{ARN: account + "Partner", Trusts: []string{alice.ARN()}, ExternalID: "example-external-id"},
		{ARN: account + "Billing", Trusts: []string{alice.ARN()}, RequireMFA: true},
		{ARN: account + "Audit", Trusts: []string{alice.ARN()}, RequireMFA: true},
		{ARN: account + "Closed", Trusts: []string{"arn:aws:iam::111111111111:user/bob"}},
	} {
		w.sts.AddRole(r)
	}
	w.server = httptest.NewServer(http.Handler(w.sts))
	w.env = []string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "UNDERSTUDY_SOCKET=" + filepath.Join(dir, "run", "socket"),
		"DBUS_SESSION_BUS_ADDRESS=" + os.Getenv("DBUS_SESSION_BUS_ADDRESS"),
	}
	if os.Getenv(inside) == "" {
		w.env = append(w.env, "UNDERSTUDY_STORE=memory")
	} else if err := w.openKeyring(ctx); err != nil {
		w.close()
		return nil, err
	}
	if err := w.writeConfig(alice); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// openKeyring starts a keyring in the private session; the command returns when
// it is there, and it ends with the session.
func (w *world) openKeyring(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "gnome-keyring-daemon", "--unlock", "--components=secrets")
	cmd.Env = w.env
	cmd.Stdin = strings.NewReader("demo")
	w.keyring = true
	return cmd.Run()
}

func (w *world) writeConfig(u sandbox.User) error {
	aws := filepath.Join(w.dir, ".aws")
	if err := os.Mkdir(aws, 0o700); err != nil {
		return err
	}
	keys := fmt.Sprintf("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n", u.AccessKeyID, u.Secret.Reveal())
	if err := os.WriteFile(filepath.Join(aws, "credentials"), []byte(keys), 0o600); err != nil {
		return err
	}
	var config strings.Builder
	for _, p := range []struct{ name, role, extra string }{
		{"demo", "Admin", ""}, {"partner", "Partner", "understudy_external_id = example-external-id\n"}, {"closed", "Closed", ""},
		{"billing", "Billing", w.device(u)}, {"audit", "Audit", w.device(u)},
	} {
		config.WriteString(w.profile(p.name, p.role) + p.extra + "\n")
	}
	return os.WriteFile(filepath.Join(aws, "config"), []byte(config.String()), 0o600)
}

func (w *world) profile(name, role string) string {
	return fmt.Sprintf("[profile %s]\nregion = eu-west-1\nendpoint_url = %s\ncredential_process = %s/understudy-credentials %s\nunderstudy_role_arn = %s%s\nunderstudy_source_profile = base\n",
		name, w.server.URL, w.bin, name, account, role)
}

// device makes a profile's role one that is assumed with MFA. A command stands in
// for the person, and notes each time that it is asked.
func (w *world) device(u sandbox.User) string {
	return fmt.Sprintf("understudy_mfa_serial = %s\nunderstudy_mfa_process = echo asked >>%s; echo 123456\n", u.MFASerial, w.asked())
}

func (w *world) asked() string { return filepath.Join(w.dir, "asked") }

// command is one of our programs, or another, as this user runs it.
func (w *world) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	if strings.HasPrefix(name, "understudy") {
		name = filepath.Join(w.bin, name)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = w.env
	return cmd
}

// credentials are what the helper printed.
type credentials struct{ AccessKeyId, Expiration string }

// helper runs the helper and returns what it printed and how long it took.
func (w *world) helper(ctx context.Context, profile string) (credentials, time.Duration, error) {
	var c credentials
	var stderr bytes.Buffer
	cmd := w.command(ctx, "understudy-credentials", profile)
	cmd.Stderr = &stderr
	began := time.Now()
	out, err := cmd.Output()
	took := time.Since(began)
	if err != nil {
		return c, took, fmt.Errorf("%w: %s", err, stderr.String())
	}
	return c, took, json.Unmarshal(out, &c)
}

// assumed counts the calls of AssumeRole for a role so far.
func (w *world) assumed(role string) (n int) {
	for _, c := range w.sts.Calls() {
		if c.Action == "AssumeRole" && c.RoleARN == account+role {
			n++
		}
	}
	return n
}

// kept waits until the profile's session is in the keychain, which is written
// behind the answer, and returns the daemon's process. Without a keychain there
// is nothing to wait for.
func (w *world) kept(ctx context.Context, profile string) (pid int, err error) {
	for ctx.Err() == nil {
		out, err := w.command(ctx, "understudy", "status", "--json").Output()
		if err != nil {
			return 0, err
		}
		var st struct {
			Daemon   struct{ PID int }
			Sessions []struct {
				Profiles []string
				Stored   bool
			}
		}
		if err := json.Unmarshal(out, &st); err != nil {
			return 0, err
		}
		if st.Daemon.PID == 0 {
			return 0, errors.New("no daemon runs")
		}
		for _, s := range st.Sessions {
			if !w.keyring || s.Stored && slices.Contains(s.Profiles, profile) {
				return st.Daemon.PID, nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return 0, ctx.Err()
}

// close ends what the demo started and removes its folder.
func (w *world) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	w.command(ctx, "understudy", "daemon", "stop").Run()
	w.server.Close()
	os.RemoveAll(w.dir)
}
