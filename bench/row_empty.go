package main

import "context"

const emptyTitle = "empty Go program"

// emptyRow is a Go program that does nothing, the floor for any helper in Go.
func emptyRow(ctx context.Context, w *world) (*racer, error) {
	a := &racer{title: emptyTitle, note: "static, built as the helper is"}
	program, err := w.build(ctx, "understudy/bench/empty")
	if err != nil {
		return a, err
	}
	a.command = command{path: program, env: w.env()}
	_, err = a.command.run(ctx)
	return a, err
}
