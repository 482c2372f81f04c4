package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"understudy/internal/sandbox"
)

const herdDelay = 200 * time.Millisecond // time that STS takes to answer

// herdRow is a build farm's morning: a thousand helpers start at once, with no
// daemon and no session anywhere. One of them starts the daemon, STS is called
// once, all are answered alike; and they are held against as many programs that
// do nothing.
func herdRow(ctx context.Context, w *world) ([]figure, error) {
	n := w.options.herd
	p, err := w.newPlace("herd", w.url, 1)
	if err != nil {
		return nil, err
	}
	empty, err := emptyRow(ctx, w)
	if err != nil {
		return nil, err
	}
	w.sts.Set(sandbox.Behaviour{Fault: sandbox.Fault{Delay: herdDelay}})
	defer w.sts.Set(sandbox.Behaviour{})
	helper := command{path: w.helper, args: []string{warmProfile}, env: p.env()}
	var ours, theirs samples
	for range heats {
		took, _, err := herd(ctx, empty.command, n, w.dir)
		if err != nil {
			return nil, err
		}
		theirs = append(theirs, took)
		if err := p.blank(); err != nil {
			return nil, err
		}
		before := w.sts.Count("AssumeRole")
		took, said, err := herd(ctx, helper, n, w.dir)
		if err != nil {
			return nil, err
		}
		ours = append(ours, took)
		if calls := w.sts.Count("AssumeRole") - before; calls != 1 {
			return nil, fmt.Errorf("STS was called %d times", calls)
		}
		if err := alike(said, n); err != nil {
			return nil, err
		}
	}
	title := fmt.Sprintf("%d empty Go programs at once", n)
	shares := make([]float64, heats)
	for i := range shares {
		shares[i] = float64(ours[i]-herdDelay) / float64(theirs[i])
	}
	// A heat is a single herd here, so the best share may only be a slow reference.
	share := goal{Of: title, Most: 0.3}.best(shares)
	share.Got = float64(slices.Min(ours)-herdDelay) / float64(slices.Min(theirs))
	return []figure{
		{Title: fmt.Sprintf("%d helpers at once, cold, 1 call to STS", n), Value: milliseconds(slices.Min(ours)), Unit: "ms",
			Note:  fmt.Sprintf("no daemon, no session; best of %d; the share is without the %v of STS", heats, herdDelay),
			Goals: []goal{share}},
		{Title: title, Value: milliseconds(slices.Min(theirs)), Unit: "ms", Note: fmt.Sprintf("best of %d", heats)},
	}, nil
}

// herd starts n processes without waiting for any, and returns how long it took
// until the last had ended well, and all they said. Each writes its one line in
// one piece, so all may write to one file.
func herd(ctx context.Context, c command, n int, dir string) (time.Duration, []byte, error) {
	path := filepath.Join(dir, "said")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, nil, err
	}
	defer os.Remove(path)
	defer out.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, nil, err
	}
	defer null.Close()
	attr := &os.ProcAttr{Env: c.env, Files: []*os.File{null, out, out}}
	argv := append([]string{c.path}, c.args...)
	var running []*os.Process
	began := time.Now()
	for range n {
		process, failed := os.StartProcess(c.path, argv, attr)
		if failed != nil {
			err = failed
			break
		}
		running = append(running, process)
	}
	bad := 0
	for _, process := range running {
		if state, failed := process.Wait(); failed != nil || !state.Success() {
			bad++
		}
	}
	took := time.Since(began)
	said, failed := os.ReadFile(path)
	switch {
	case err != nil:
	case failed != nil:
		err = failed
	case bad > 0:
		first, _, _ := bytes.Cut(said, []byte("\n"))
		err = fmt.Errorf("%d of %d did not end well; what was said first: %s", bad, n, reason(first))
	default:
		err = ctx.Err()
	}
	return took, said, err
}

// reason is a line unless it is an answer, which holds a secret.
func reason(line []byte) string {
	if bytes.HasPrefix(line, []byte("{")) {
		return "an answer"
	}
	return string(line)
}

// alike holds that n lines are one and the same answer.
func alike(said []byte, n int) error {
	lines := bytes.SplitAfter(bytes.TrimSuffix(said, []byte("\n")), []byte("\n"))
	if len(lines) != n || !bytes.Contains(lines[0], []byte(`"AccessKeyId":"ASIA`)) {
		return fmt.Errorf("%d answers for %d helpers, the first: %s", len(lines), n, reason(lines[0]))
	}
	for _, l := range lines {
		if !bytes.Equal(bytes.TrimSpace(l), bytes.TrimSpace(lines[0])) {
			return fmt.Errorf("two answers differ")
		}
	}
	return nil
}
