package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

const (
	cliStaticTitle  = "aws sts get-caller-identity, static keys"
	cliPluggedTitle = "aws sts get-caller-identity, through understudy"
	noCLI           = "the AWS CLI is not installed"
)

// cliFileRow is the AWS CLI printing a session that is in a file. It assumes no
// role, so it is no peer.
func cliFileRow(ctx context.Context, w *world) (*racer, error) {
	a := &racer{title: "aws configure export-credentials", note: "from a file, no role assumed"}
	if err := w.profile("held", `
aws_access_key_id = ASIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
aws_session_token = made-up`); err != nil {
		return a, err
	}
	err := error(&absence{why: noCLI})
	for _, c := range findAWS(ctx) {
		if err = cli(ctx, w, a, c, "held", `"ASIA`, "configure", "export-credentials"); err == nil {
			return a, nil
		}
		err = &absence{why: fmt.Sprintf("the AWS CLI does not answer here: %v", err)}
	}
	return a, err
}

// cliStaticRow is the AWS CLI without understudy: keys from a file.
func cliStaticRow(ctx context.Context, w *world) (*racer, error) {
	return identity(ctx, w, &racer{title: cliStaticTitle, note: "STS on loopback"}, "base", ":user/")
}

// cliPluggedRow is the same CLI making the same call with the helper's session;
// the difference is all that understudy costs a user.
func cliPluggedRow(ctx context.Context, w *world) (*racer, error) {
	a := &racer{title: cliPluggedTitle, note: "STS on loopback", against: []against{
		{other: cliStaticTitle, most: 1.03},
		{other: cliStaticTitle, over: true, most: 5},
	}}
	if err := w.profile("plugged", fmt.Sprintf("\ncredential_process = %s %s", w.helper, warmProfile)); err != nil {
		return a, err
	}
	return identity(ctx, w, a, "plugged", ":assumed-role/Bench0/")
}

// identity sets a up to call get-caller-identity with profile; its output must
// contain arn.
func identity(ctx context.Context, w *world, a *racer, profile, arn string) (*racer, error) {
	found := findAWS(ctx)
	if len(found) == 0 {
		return a, &absence{why: noCLI}
	}
	return a, cli(ctx, w, a, found[0], profile, arn, "sts", "get-caller-identity")
}

// cli sets a up to run c with args and profile; its output must contain want.
func cli(ctx context.Context, w *world, a *racer, c command, profile, want string, args ...string) error {
	c.env = w.env(append(offline("http://127.0.0.1:9"), c.env...)...)
	c.args = slices.Concat(c.args, args, []string{"--profile", profile})
	a.command, a.slow = c, true
	out, err := c.run(ctx)
	if err == nil && !strings.Contains(string(out), want) {
		err = fmt.Errorf("%s is not in its answer", want)
	}
	return err
}

// profile adds a profile to the configuration of the race.
func (w *world) profile(name, settings string) error {
	return w.more(fmt.Sprintf("\n[profile %s]\nregion = eu-west-1\nendpoint_url = %s%s\n", name, w.url, settings))
}

// findAWS returns the AWS CLI of python3, without the launcher of a Python manager,
// and then the one on PATH: only version 2 exports credentials.
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
