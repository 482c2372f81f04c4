package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/sandbox"
)

// TestMain lets the test binary stand in for sandboxd.
func TestMain(m *testing.M) {
	if os.Getenv("SANDBOXD_TEST_RUN") == "1" {
		main()
	}
	os.Exit(m.Run())
}

// start runs sandboxd in this process until the test ends, and returns its
// URL.
func start(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, args, nil, w, &stderr)
		w.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if status := <-done; status != 0 {
			t.Errorf("exit status %d, %s", status, stderr.String())
		}
	})
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func assume(t *testing.T, url, role string) (*sts.AssumeRoleOutput, error) {
	t.Helper()
	u := sandbox.Example()
	c := sts.New(sts.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(url), Retryer: retry.AddWithMaxAttempts(retry.NewStandard(), 1),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: u.AccessKeyID, SecretAccessKey: u.Secret.Reveal()}, nil
		}),
	})
	return c.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(account + role), RoleSessionName: aws.String("alice")})
}

// ask makes a control call and returns its status and body.
func ask(t *testing.T, method, url, body string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, out
}

func TestAScriptSteersTheSandboxAndReadsItsCalls(t *testing.T) {
	url := start(t, "-lifetime", "20m10s", "-skew", "-4m", "-mark", "CANARY")
	out, err := assume(t, url, "Admin")
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(*out.Credentials.Expiration).Round(10 * time.Second); left != 16*time.Minute+10*time.Second {
		t.Errorf("%v left, want 16m10s", left)
	}
	if !strings.Contains(*out.Credentials.SessionToken, "CANARY") {
		t.Error("the token is not marked")
	}
	if status, body := ask(t, "POST", url+"/_sandbox/behaviour", `{"status":503,"retry_after":"2s","next":1}`); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	if _, err := assume(t, url, "Admin"); err == nil || !strings.Contains(err.Error(), "ServiceUnavailable") {
		t.Errorf("got %v, want the 503", err)
	}
	if out, err = assume(t, url, "Admin"); err != nil || time.Until(*out.Credentials.Expiration) > 17*time.Minute {
		t.Errorf("a behaviour set later forgot the flags: %v", err)
	}
	if _, err := assume(t, url, "Closed"); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("got %v, want a refusal", err)
	}
	if status, body := ask(t, "POST", url+"/_sandbox/roles", `{"arn":"`+account+`Closed","max_duration":"2h"}`); status != 204 {
		t.Fatalf("%d %s", status, body)
	}
	if _, err := assume(t, url, "Closed"); err != nil {
		t.Error(err)
	}
	ask(t, "POST", url+"/_sandbox/revoke", `{"access_key_id":"`+sandbox.Example().AccessKeyID+`"}`)
	if _, err := assume(t, url, "Admin"); err == nil || !strings.Contains(err.Error(), "InvalidClientTokenId") {
		t.Errorf("a revoked key: %v", err)
	}
	var log struct {
		Total  int
		Counts map[string]int
		Calls  []call
	}
	_, body := ask(t, "GET", url+"/_sandbox/calls", "")
	if err := json.Unmarshal(body, &log); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if log.Total != 6 || log.Counts["AssumeRole"] != 6 || log.Calls[1].Status != 503 || log.Calls[0].Params["RoleSessionName"] != "alice" {
		t.Errorf("%s", body)
	}
}

func TestASettingThatIsNotUnderstoodChangesNothing(t *testing.T) {
	url := start(t)
	for _, in := range []string{`{"sttaus":503}`, `{"delay":5}`, `{"delay":"5"}`, `{"mutate":"nothing"}`, `{"status":99}`, `{} {}`, `[`, `{"token_size":-1}`} {
		if status, body := ask(t, "POST", url+"/_sandbox/behaviour", in); status != 400 {
			t.Errorf("%s: %d %s", in, status, body)
		}
	}
	if _, body := ask(t, "GET", url+"/_sandbox/behaviour", ""); strings.TrimSpace(string(body)) != "{}" {
		t.Errorf("behaviour %s", body)
	}
	if _, err := assume(t, url, "Admin"); err != nil {
		t.Error(err)
	}
	if status, _ := ask(t, "GET", url+"/_sandbox/nothing", ""); status != 404 {
		t.Errorf("status %d for no such control", status)
	}
}

func TestTheConfigurationItLeavesIsForItsOwnerAndNamesTheHelper(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "aws")
	url := start(t, "-write", dir, "-helper", "/opt/bin/understudy-credentials")
	config, err := os.ReadFile(filepath.Join(dir, "config"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"[profile demo]\nregion = eu-west-1\nendpoint_url = " + url + "\ncredential_process = /opt/bin/understudy-credentials demo\n",
		"understudy_role_arn = " + account + "Admin\nunderstudy_source_profile = base\n",
	} {
		if !strings.Contains(string(config), want) {
			t.Errorf("no %q in:\n%s", want, config)
		}
	}
	if strings.Contains(string(config), sandbox.Example().Secret.Reveal()) {
		t.Error("the secret is in the config file")
	}
	info, err := os.Stat(filepath.Join(dir, "credentials"))
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("credentials has mode %v", info.Mode())
	}
}

func TestItEndsWithItsInputAndOnSIGTERM(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGTERM on Windows")
	}
	for _, how := range []string{"stdin", "signal"} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-stdin", "-silent")
		cmd.Env = append(os.Environ(), "SANDBOXD_TEST_RUN=1")
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(stdout)
		url, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		held := make(chan error, 1)
		go func() { // a call that is never answered does not hold it
			_, err := http.Get(strings.TrimSpace(url))
			held <- err
		}()
		for n := 0; n == 0; {
			_, body := ask(t, "GET", strings.TrimSpace(url)+"/_sandbox/calls", "")
			n = strings.Count(string(body), `"action"`)
		}
		if how == "stdin" {
			stdin.Close()
		} else if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if rest, _ := io.ReadAll(lines); len(rest) > 0 {
			t.Errorf("more than one line of output: %q", rest)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", how, err)
		}
		if <-held == nil {
			t.Error("the silent server answered")
		}
	}
}

func TestArgumentsThatAreNotUnderstoodAreAUsageError(t *testing.T) {
	for _, args := range [][]string{{"-nothing"}, {"-lifetime", "20"}} {
		var stderr bytes.Buffer
		if status := run(t.Context(), args, nil, io.Discard, &stderr); status != 2 || stderr.Len() == 0 {
			t.Errorf("%v: status %d, %q", args, status, stderr.String())
		}
	}
	if status := run(t.Context(), []string{"-status", "42"}, nil, io.Discard, io.Discard); status != 1 {
		t.Errorf("a status that is none: exit status %d", status)
	}
}
