package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// tail reads the end of a log that another process writes, renames to path.1
// when it is full, and begins anew.
type tail struct {
	path string
	f    *os.File // nil until there is one
	part []byte   // the beginning of a line whose end is not written yet
}

const (
	lookEvery = 250 * time.Millisecond
	// maxPart bounds a line that does not end; it is printed in pieces.
	maxPart = 64 << 10
)

// last returns the last n whole lines of the log, those before the last rename
// included. Where there is no log the error wraps fs.ErrNotExist.
func (t *tail) last(n int) ([]string, error) {
	var before []byte
	err := regular(t.path + ".1")
	if err == nil {
		before, err = os.ReadFile(t.path + ".1")
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	lines := split(before)
	if err := t.open(); err != nil {
		if len(before) == 0 || !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return lines[max(len(lines)-n, 0):], nil
	}
	now, err := t.more()
	lines = append(lines, now...)
	return lines[max(len(lines)-n, 0):], err
}

func split(b []byte) []string {
	if len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

func (t *tail) open() (err error) {
	if err := regular(t.path); err != nil {
		return err
	}
	t.f, err = os.Open(t.path)
	if err != nil {
		t.f = nil // and not a nil file that looks open
	}
	return err
}

// regular refuses what is not a file: opening a pipe waits for its writer.
func regular(path string) error {
	st, err := os.Stat(path)
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	return err
}

func (t *tail) close() {
	if t.f != nil {
		t.f.Close()
		t.f = nil
	}
}

// more returns the whole lines written since it was last called.
func (t *tail) more() ([]string, error) {
	b, err := io.ReadAll(t.f)
	t.part = append(t.part, b...)
	end := bytes.LastIndexByte(t.part, '\n') + 1
	if end == 0 && len(t.part) > maxPart {
		end = len(t.part)
	}
	lines := split(t.part[:end])
	t.part = bytes.Clone(t.part[end:])
	return lines, err
}

// follow hands on what is written until ctx ends.
func (t *tail) follow(ctx context.Context, emit func([]string) error) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		lines, err := t.next()
		if err := errors.Join(err, emit(lines)); err != nil {
			return err
		}
	}
}

// next is more that goes on with the next file when the log was renamed,
// removed or cut short.
func (t *tail) next() ([]string, error) {
	if t.f == nil {
		if err := t.open(); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
	// Whether it is still the log is asked first: what is written to it before
	// it is renamed is then read below.
	there, err := os.Stat(t.path)
	here, herr := t.f.Stat()
	if herr != nil {
		return nil, herr
	}
	if at, _ := t.f.Seek(0, io.SeekCurrent); here.Size() < at {
		t.f.Seek(0, io.SeekStart)
		t.part = nil
	}
	lines, rerr := t.more()
	if rerr != nil || err == nil && os.SameFile(here, there) {
		return lines, rerr
	}
	t.close()
	lines, t.part = append(lines, split(t.part)...), nil
	if t.open() != nil {
		return lines, nil // between the rename and the first line of the next
	}
	next, err := t.more()
	return append(lines, next...), err
}
