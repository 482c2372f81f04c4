package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed client/*.c
var sources embed.FS

// compile compiles client/NAME.c.
func (w *world) compile(ctx context.Context, name string, flags ...string) (program string, err error) {
	cc, err := onPath("cc")
	if err != nil {
		return "", err
	}
	text, err := sources.ReadFile("client/" + name + ".c")
	if err != nil {
		return "", err
	}
	program = filepath.Join(w.dir, name+"-client")
	if err := os.WriteFile(program+".c", text, 0o600); err != nil {
		return "", err
	}
	return program, output(exec.CommandContext(ctx, cc, append(flags, "-O2", "-o", program, program+".c")...))
}

// build compiles a Go package of this module with the helper's build flags.
func (w *world) build(ctx context.Context, pkg string) (program string, err error) {
	tool, err := onPath("go")
	if err != nil {
		return "", err
	}
	program = filepath.Join(w.dir, filepath.Base(pkg))
	cmd := exec.CommandContext(ctx, tool, "build", "-trimpath", "-ldflags", "-s -w", "-o", program, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	return program, output(cmd)
}

// plain builds the helper without its prelude.
func (w *world) plain(ctx context.Context) (program string, err error) {
	tool, err := onPath("go")
	if err != nil {
		return "", err
	}
	root, err := exec.CommandContext(ctx, tool, "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("go list -m: %w", err)
	}
	dir := filepath.Join(w.dir, "plain")
	cmd := exec.CommandContext(ctx, filepath.Join(strings.TrimSpace(string(root)), "scripts", "build.sh"), dir+"/", "understudy-credentials")
	cmd.Env = append(os.Environ(), "PRELUDE=0", "BUILD_VERSION=bench")
	return filepath.Join(dir, "understudy-credentials"), output(cmd)
}

// output runs a compiler. The error includes what the compiler printed.
func output(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, out)
	}
	return nil
}
