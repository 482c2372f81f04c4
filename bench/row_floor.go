package main

import (
	"context"
	"runtime"
)

const floorTitle = "floor"

// floorRow is the least that a program can do to get its answer from the daemon.
func floorRow(ctx context.Context, w *world) (*racer, error) {
	a := &racer{title: floorTitle, note: "same round trip in C without a libc"}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		return a, &absence{why: "its system calls are those of Linux on amd64 and arm64"}
	}
	program, err := w.compile(ctx, "floor", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector")
	if err != nil {
		return a, err
	}
	a.command = command{path: program, args: []string{warmProfile}, env: w.env()}
	return a, a.command.session(ctx)
}
