package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// A peer is a program that others name in credential_process. It is measured
// at its best: once more for a role of which it has a session.
type peer struct {
	name  string // as on PATH
	note  string
	args  []string                        // print the session of profile peer, as its manual says
	setup []string                        // run once before, if there is any
	find  func(context.Context) []command // in place of the one on PATH
}

const (
	peerProfile = "peer" // a role
	heldProfile = "held" // a session that stands in the file
	cached      = "its own cache warm"
)

// peers were read from their manuals. One that is on PATH and does not answer
// here, with plain keys, no browser and an STS on loopback, is left out with
// what it said.
var peers = []peer{
	{name: "aws", note: "from a file, no role assumed", args: []string{"configure", "export-credentials", "--profile", heldProfile}, find: findAWS},
	{name: "aws-vault", note: cached, args: []string{"export", "--format=json", peerProfile}, setup: []string{"add", "--env", "base"}},
	{name: "aws-runas", note: cached, args: []string{"-O", "json", peerProfile}},
	{name: "granted", note: cached, args: []string{"credential-process", "--profile", peerProfile}},
	{name: "aws-sso", note: cached, args: []string{"process", "--profile", peerProfile}},
	{name: "elhaz", note: cached, args: []string{"export", "--format", "credential-process", "--name", peerProfile}},
}

// patience is for a peer that asks a person, or looks for its AWS.
const patience = 20 * time.Second

func (p peer) enter(ctx context.Context, w *world) (*racer, error) {
	a := &racer{title: p.title(), note: p.note, slow: true, peer: true}
	if err := w.peerProfile(); err != nil {
		return a, err
	}
	err := error(&absence{p.name + " is not on PATH"})
	for _, c := range p.candidates(ctx) {
		if a.command, err = p.try(ctx, w, c); err == nil {
			return a, nil
		}
		err = &absence{fmt.Sprintf("%s is there, but does not answer here: %v", p.name, err)}
	}
	return a, err
}

// try sets c up and asks it twice: the second answer is from its cache.
func (p peer) try(ctx context.Context, w *world, c command) (command, error) {
	c.env = w.peerEnv(c.env)
	if p.setup != nil {
		if _, err := (command{c.path, slices.Concat(c.args, p.setup), c.env}).within(ctx, patience); err != nil {
			return c, err
		}
	}
	c.args = slices.Concat(c.args, p.args)
	for range 2 {
		out, err := c.within(ctx, patience)
		if err != nil {
			return c, err
		}
		var answer struct{ AccessKeyId string }
		if err := json.Unmarshal(out, &answer); err != nil || !strings.HasPrefix(answer.AccessKeyId, "ASIA") {
			return c, fmt.Errorf("the answer has no session in it")
		}
	}
	return c, nil
}

// title is the part of the command line that says what is measured.
func (p peer) title() string {
	words := []string{p.name}
	for _, arg := range p.args {
		if strings.HasPrefix(arg, "-") || arg == peerProfile {
			break
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

func (p peer) candidates(ctx context.Context) []command {
	if p.find != nil {
		return p.find(ctx)
	}
	path, err := exec.LookPath(p.name)
	if err != nil {
		return nil
	}
	return []command{{path: path}}
}

// findAWS is the AWS CLI without the launcher that a Python manager puts before
// it, which is no part of it, then the one on PATH, which may be another: only
// version 2 exports credentials.
func findAWS(ctx context.Context) (found []command) {
	const ask = `import sys, site, awscli; print(sys.executable); print(site.getuserbase())`
	out, err := exec.CommandContext(ctx, "python3", "-c", ask).Output()
	if lines := strings.Fields(string(out)); err == nil && len(lines) == 2 {
		found = append(found, command{path: lines[0], args: []string{"-m", "awscli"}, env: []string{"PYTHONUSERBASE=" + lines[1]}})
	}
	if path, err := exec.LookPath("aws"); err == nil {
		found = append(found, command{path: path})
	}
	return found
}

// peerProfile adds, once, the role as every AWS tool reads it, and a session as
// it stands in a file.
func (w *world) peerProfile() error {
	if w.peered {
		return nil
	}
	w.peered = true
	return w.more(fmt.Sprintf(`
[profile %s]
region = eu-west-1
endpoint_url = %s
role_arn = arn:aws:iam::123456789012:role/Peer
source_profile = base

[profile %s]
region = eu-west-1
aws_access_key_id = ASIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
aws_session_token = made-up
`, peerProfile, w.url, heldProfile))
}

// peerEnv leads nobody out of this machine: what does not know the sandbox ends
// at a proxy that is not there.
func (w *world) peerEnv(more []string) []string {
	return w.env(append([]string{
		"AWS_ENDPOINT_URL_STS=" + w.url, "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_REGION=eu-west-1",
		"HTTPS_PROXY=http://127.0.0.1:9", "HTTP_PROXY=http://127.0.0.1:9", "NO_PROXY=127.0.0.1",
		"AWS_VAULT_BACKEND=file", "AWS_VAULT_FILE_PASSPHRASE=made-up", "AWS_VAULT_PROMPT=none",
	}, more...)...)
}

// within is output with a bound, and an error of one line.
func (c command) within(ctx context.Context, d time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	cmd.Env = c.env
	cmd.WaitDelay = time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("it took more than %v", d)
	}
	// The last line is the reason, where the first may be how it is used.
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	if last := lines[len(lines)-1]; err != nil && last != "" {
		return nil, fmt.Errorf("%w: %s", err, last)
	}
	return out, err
}
