package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// emptyRow is a Go program that does nothing, the floor for any helper in Go.
func emptyRow(ctx context.Context, w *world) (*racer, error) {
	a := &racer{title: "empty Go program", note: "static, built as the helper is"}
	tool, err := onPath("go")
	if err != nil {
		return a, err
	}
	program := filepath.Join(w.dir, "empty")
	cmd := exec.CommandContext(ctx, tool, "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "understudy/bench/empty")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return a, fmt.Errorf("go build: %w: %s", err, out)
	}
	a.command = command{path: program, env: w.env()}
	_, err = a.command.output(ctx)
	return a, err
}
