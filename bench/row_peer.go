package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"understudy/internal/sandbox"
	"understudy/internal/sandbox/identitycenter"
)

// enter sets a peer up and runs it twice, so that its session is in its cache.
func (p peer) enter(ctx context.Context, w *world) (*racer, error) {
	a := &racer{title: p.title(), note: "its own cache warm", slow: true, peer: true}
	path, err := p.find(w.options.peers)
	if err != nil {
		return a, &absence{why: p.name + " is not installed", peer: true}
	}
	o, err := w.openOutside()
	if err != nil {
		return a, err
	}
	home := filepath.Join(w.dir, "peers", p.name)
	env, err := p.furnish(home, o)
	if err != nil {
		return a, err
	}
	with := func(args []string) command { return command{path: path, args: args, env: env} }
	if p.end != nil {
		w.stops = append(w.stops, func() {
			with(p.end).run(context.Background()) // the folder goes in any case
		})
	}
	a.command = with(p.args)
	for _, args := range p.setup {
		if _, err := with(args).run(ctx); err != nil {
			return a, p.silent(ctx, err)
		}
	}
	for range 2 {
		out, err := a.command.run(ctx)
		if err == nil {
			err = isSession(out)
		}
		if err != nil {
			return a, p.silent(ctx, err)
		}
	}
	return a, nil
}

// silent returns the reason to leave out a peer that is installed but prints no session.
func (p peer) silent(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &absence{why: fmt.Sprintf("%s does not answer here: %v", p.name, err)}
}

// find looks for the peer in dir, then on PATH.
func (p peer) find(dir string) (string, error) {
	if dir != "" {
		path, err := filepath.Abs(filepath.Join(dir, p.name))
		if err != nil {
			return "", err
		}
		if found, err := exec.LookPath(path); err == nil {
			return found, nil
		}
	}
	return exec.LookPath(p.name)
}

// title is the part of the command line that names what is measured.
func (p peer) title() string {
	words := []string{p.name}
	for _, arg := range p.args {
		if strings.HasPrefix(arg, "-") {
			break
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// furnish writes the peer's own files and the AWS files into its home, and
// returns its environment, which sends requests for AWS to the sandbox.
func (p peer) furnish(home string, o *outside) (env []string, err error) {
	user, login := sandbox.Example(), o.IdentityCenter.SignIn()
	facts := map[string]string{
		"HOME": home, "REGION": identitycenter.Region, "START": identitycenter.StartURL,
		"KEY": user.AccessKeyID, "SECRET": user.Secret.Reveal(), "TOKEN": login.AccessToken.Reveal(),
		"EXPIRES": strconv.FormatInt(login.Expires.Unix(), 10), "ROLE": "arn:aws:iam::123456789012:role/Peer",
	}
	expand := func(text string) string { return os.Expand(text, func(name string) string { return facts[name] }) }
	files := map[string]string{
		".aws/config":      "[profile base]\nregion = $REGION\n\n[profile peer]\nregion = $REGION\nrole_arn = $ROLE\nsource_profile = base\n",
		".aws/credentials": "[base]\naws_access_key_id = $KEY\naws_secret_access_key = $SECRET\n",
	}
	maps.Copy(files, p.files)
	for name, text := range files {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, []byte(expand(text)), 0o600); err != nil {
			return nil, err
		}
	}
	env = append(offline(o.proxy), "HOME="+home, "PATH=/usr/bin:/bin", "SSL_CERT_FILE="+o.bundle, "AWS_CA_BUNDLE="+o.bundle)
	for _, variable := range p.env {
		env = append(env, expand(variable))
	}
	return env, nil
}

// offline returns variables that keep a program's requests on this machine:
// those to other hosts go to proxy.
func offline(proxy string) []string {
	return []string{
		"HTTPS_PROXY=" + proxy, "HTTP_PROXY=" + proxy, "NO_PROXY=127.0.0.1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_REGION=eu-west-1",
	}
}
