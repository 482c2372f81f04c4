package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	clientTitle = "C client"
	staticTitle = "C client, static"
)

//go:embed client/client.c
var clientSource []byte

// clientRow is the yardstick: a C program that makes the same round trip, as
// cc links it by default.
func clientRow(ctx context.Context, w *world) (*racer, error) {
	return compile(ctx, w, &racer{title: clientTitle, note: "same round trip, cc -O2"})
}

// staticRow is the same linked as the helper is, which saves it the dynamic
// linker: the least any program could take.
func staticRow(ctx context.Context, w *world) (*racer, error) {
	return compile(ctx, w, &racer{title: staticTitle, note: "same round trip, cc -O2 -static"}, "-static")
}

func compile(ctx context.Context, w *world, a *racer, flags ...string) (*racer, error) {
	cc, err := onPath("cc")
	if err != nil {
		return a, err
	}
	source := filepath.Join(w.dir, "client.c")
	program := filepath.Join(w.dir, "client"+strings.Join(flags, ""))
	if err := os.WriteFile(source, clientSource, 0o600); err != nil {
		return a, err
	}
	args := append([]string{"-O2", "-o", program, source}, flags...)
	if out, err := exec.CommandContext(ctx, cc, args...).CombinedOutput(); err != nil && len(flags) > 0 {
		return a, &absence{"cc cannot link it so"}
	} else if err != nil {
		return a, fmt.Errorf("cc: %w: %s", err, out)
	}
	a.command = command{path: program, args: []string{warmProfile}, env: w.env()}
	out, err := a.command.output(ctx)
	if err == nil && !strings.Contains(string(out), `"AccessKeyId":"ASIA`) {
		err = fmt.Errorf("the daemon's answer has no session in it")
	}
	return a, err
}
