package keychain

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// gate says whether the keychain can be used now, and opens it. Neither check
// ever puts a prompt on the screen; unlock may.
type gate interface {
	check(ctx context.Context) error
	unlock(ctx context.Context) error
}

// vault is one machine's keychain as the worker sees it.
type vault struct {
	gate  gate
	shelf shelf
}

// Serve is the worker: it answers the requests on in, one at a time, until in
// ends, and returns then even if the keychain hangs, as soon as the request
// under way has had its time; a prompt is taken back at once. The process is
// expected to end when Serve returns.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	return serve(ctx, in, out, system())
}

func serve(ctx context.Context, in io.Reader, out io.Writer, v vault) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	requests := make(chan request)
	ended := make(chan error, 1)
	go func() { // ends with in
		defer cancel()
		ended <- read(ctx, in, requests)
	}()
	for {
		select {
		case r := <-requests:
			a, err := v.within(ctx, r)
			if err != nil {
				return err
			}
			line, err := json.Marshal(a)
			if err != nil {
				return err
			}
			if _, err := out.Write(append(line, '\n')); err != nil {
				return fmt.Errorf("answer %s: %w", r.Op, err)
			}
		case err := <-ended:
			return err
		case <-ctx.Done():
			return nil
		}
	}
}

func read(ctx context.Context, in io.Reader, requests chan<- request) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return errors.New("a request is no JSON of ours") // its text could leak
		}
		select {
		case requests <- r:
		case <-ctx.Done():
			return nil
		}
	}
	return lines.Err()
}

// within gives r the time it brought along.
func (v vault) within(ctx context.Context, r request) (answer, error) {
	limit := time.Duration(r.Millis) * time.Millisecond
	if r.Op != opUnlock {
		// A write goes on although nobody waits any more.
		ctx = context.WithoutCancel(ctx)
	}
	// A little less, so that a prompt can be taken back before the end.
	ctx, cancel := context.WithTimeout(ctx, limit-min(limit/10, time.Second/2))
	defer cancel()
	done := make(chan answer, 1)
	go func() { done <- v.answer(ctx, r) }() // the library may hang; the process then ends
	select {
	case a := <-done:
		return a, nil
	case <-time.After(limit + limit/10):
		return answer{}, fmt.Errorf("%s: %w", r.Op, ErrTimeout)
	}
}

func (v vault) answer(ctx context.Context, r request) answer {
	value, ok, err := v.do(ctx, r)
	switch {
	case err != nil:
		code, text := codeOf(err)
		return answer{Code: code, Text: text}
	case r.Op == opGet && !ok:
		return answer{Code: codeMiss}
	}
	return answer{Value: []byte(value)}
}

func (v vault) do(ctx context.Context, r request) (value string, ok bool, err error) {
	if r.Op == opUnlock {
		return "", true, v.gate.unlock(ctx)
	}
	if err := v.gate.check(ctx); err != nil {
		return "", false, err
	}
	switch r.Op {
	case opProbe:
		return "", true, nil
	case opGet:
		value, ok, err = v.shelf.get(r.Key)
	case opSet:
		err = v.shelf.set(r.Key, string(r.Value))
	case opDelete:
		err = v.shelf.remove(r.Key)
	default:
		err = fmt.Errorf("no operation %q", r.Op)
	}
	if err == nil || errors.Is(err, ErrTorn) || errors.Is(err, ErrLost) {
		return value, ok, err
	}
	// What went wrong may be that the service left or was locked just now.
	if now := v.gate.check(ctx); now != nil {
		return "", false, now
	}
	return "", false, fmt.Errorf("%s: %w", r.Op, err)
}
