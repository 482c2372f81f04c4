package main

import (
	"context"
	"fmt"
	"strings"
)

const (
	cliStaticTitle  = "aws sts get-caller-identity, static keys"
	cliPluggedTitle = "aws sts get-caller-identity, through understudy"
)

// cliStaticRow is the AWS CLI as it is without us: keys from a file.
func cliStaticRow(ctx context.Context, w *world) (*racer, error) {
	return cli(ctx, w, &racer{title: cliStaticTitle}, "base", ":user/")
}

// cliPluggedRow is the same CLI making the same call with what the helper gives
// it; the difference is all that understudy costs a person.
func cliPluggedRow(ctx context.Context, w *world) (*racer, error) {
	const profile = "plugged"
	a := &racer{title: cliPluggedTitle, against: []against{
		{other: cliStaticTitle, most: 1.03, margin: 0.02},
		{other: cliStaticTitle, over: true, most: 5, margin: 1},
	}}
	if err := w.more(fmt.Sprintf("\n[profile %s]\nregion = eu-west-1\nendpoint_url = %s\ncredential_process = %s %s\n", profile, w.url, w.helper, warmProfile)); err != nil {
		return a, err
	}
	return cli(ctx, w, a, profile, ":assumed-role/Bench0/")
}

// cli lets the CLI ask who it is as profile, which the answer must show.
func cli(ctx context.Context, w *world, a *racer, profile, arn string) (*racer, error) {
	a.slow, a.note = true, "STS on loopback"
	found := findAWS(ctx)
	if len(found) == 0 {
		return a, &absence{"the AWS CLI is not here"}
	}
	c := found[0]
	c.env = w.peerEnv(c.env)
	c.args = append(c.args, "sts", "get-caller-identity", "--profile", profile)
	a.command = c
	out, err := c.within(ctx, patience)
	if err == nil && !strings.Contains(string(out), arn) {
		err = fmt.Errorf("%s is not in its answer", arn)
	}
	return a, err
}
