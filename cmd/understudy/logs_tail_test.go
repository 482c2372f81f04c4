package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/logfile"
)

func put(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestLastLinesReachBackOverARotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	put(t, path+".1", "1\n2\n3\n")
	put(t, path, "4\n5\n6 is not whole")
	for n, want := range map[int][]string{0: {}, 1: {"5"}, 3: {"3", "4", "5"}, 99: {"1", "2", "3", "4", "5"}} {
		l := &tail{path: path}
		got, err := l.last(n)
		l.close()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("last %d: %q, %v; want %q", n, got, err, want)
		}
	}
}

func TestFollowLosesNoLineHoweverTheLogIsRotated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.log")
		log := logfile.New(path, 200)
		defer log.Close()
		say := func(n int) { fmt.Fprintf(log, "line %d\n", n) }
		say(0)
		l := &tail{path: path}
		defer l.close()
		got, err := l.last(10)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- l.follow(ctx, func(lines []string) error { got = append(got, lines...); return nil })
		}()
		var want []string
		for n := range 100 {
			if n > 0 {
				say(n)
			}
			want = append(want, fmt.Sprintf("line %d", n))
			if n%9 == 0 { // less often than the file is full, which takes 22 lines
				time.Sleep(lookEvery)
			}
		}
		time.Sleep(2 * lookEvery)
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
	})
}

func TestFollowWaitsForALogAndForTheEndOfALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.log")
		l := &tail{path: path}
		defer l.close()
		lines := make(chan string, 10)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- l.follow(ctx, func(ls []string) error {
				for _, s := range ls {
					lines <- s
				}
				return nil
			})
		}()
		time.Sleep(3 * lookEvery)
		put(t, path, "half")
		time.Sleep(2 * lookEvery)
		if len(lines) != 0 {
			t.Errorf("half a line came: %q", <-lines)
		}
		put(t, path, " and half\n")
		time.Sleep(2 * lookEvery)
		os.Truncate(path, 0)
		put(t, path, "anew\n")
		time.Sleep(2 * lookEvery)
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		close(lines)
		var got []string
		for s := range lines {
			got = append(got, s)
		}
		if !slices.Equal(got, []string{"half and half", "anew"}) {
			t.Errorf("got %q", got)
		}
	})
}

func TestAccessLineIsReadableWhateverItHolds(t *testing.T) {
	t.Setenv("TZ", "UTC")
	for line, want := range map[string]string{
		`{"at":"2026-01-02T03:04:05Z","profile":"prod","role_arn":"arn:r","pid":7,"by":"aws","by_pid":6,"result":"ok"}`: "  ok               prod  arn:r  by aws (6)",
		`{"at":"2026-01-02T03:04:05Z","profile":"x","pid":7,"result":"denied","lost":3}`:                                "  denied           x  by process 7  (3 requests before it not recorded)",
		`{"at":"2026-01-02T03:04:05Z","profile":"a\u001b[2Jb","result":"ok"}`:                                           "  ok               a [2Jb",
		"no json \x1b[2J": "no json  [2J",
		"{}":              "{}",
		"":                "",
	} {
		if got := accessLine(line); !strings.HasSuffix(got, want) {
			t.Errorf("%s\nreads %q, want %q", line, got, want)
		}
	}
}

func FuzzAccessLineStaysOneLine(f *testing.F) {
	f.Add(`{"at":"2026-01-02T03:04:05Z","profile":"a\nb","result":"ok"}`)
	f.Add("{\"at\":")
	f.Add("\x9b2J")
	f.Fuzz(func(t *testing.T, line string) {
		if got := accessLine(line); strings.ContainsFunc(got, isControl) {
			t.Errorf("%q", got)
		}
	})
}
