package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestEveryProgramRunsOnceARoundAndTheWarmUpIsDropped(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	say := func(name string) *racer {
		return &racer{title: name, command: command{path: sh, args: []string{"-c", "echo " + name + " >>" + log}}}
	}
	racers := []*racer{say("a"), say("b"), say("c")}
	if err := race(t.Context(), racers, 1, pace{warmup: 1, rounds: 3}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if order := strings.Join(strings.Fields(string(got)), ""); order != "abcbcacababc" {
		t.Errorf("order %s", order)
	}
	for _, a := range racers {
		if len(a.times[1]) != 3 || a.times[1][0] <= 0 || len(a.times[0]) > 0 {
			t.Errorf("%s: %v", a.title, a.times)
		}
	}
}

func TestTheSlowProgramsRunAllThroughAHeat(t *testing.T) {
	for _, tt := range []struct {
		rounds, slow int
		want         []int
	}{
		{6, 2, []int{2, 5}},
		{3, 3, []int{0, 1, 2}},
		{2, 9, []int{0, 1}},
		{4, 0, nil},
	} {
		var got []int
		for round := -2; round < tt.rounds; round++ {
			if (pace{rounds: tt.rounds, slow: tt.slow}).due(round) {
				got = append(got, round)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%d of %d rounds: %v, want %v", tt.slow, tt.rounds, got, tt.want)
		}
	}
}

func TestAProgramThatDoesNotSucceedEndsTheRace(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	err = race(t.Context(), []*racer{{title: "sick", command: command{path: sh, args: []string{"-c", "exit 7"}}}}, 0, pace{rounds: 1})
	if err == nil || !strings.Contains(err.Error(), "sick, round 0: exit status 7") {
		t.Errorf("got %v", err)
	}
}

// build puts both real programs into a folder, as make build does.
func build(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the sandboxed world is made of unix sockets")
	}
	bin := t.TempDir()
	cmd := exec.CommandContext(t.Context(), filepath.Join("..", "scripts", "build.sh"), bin+"/")
	cmd.Env = append(os.Environ(), "BUILD_VERSION=0.0.0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return bin
}

func TestTheRealHelperAndTheClientGetTheirAnswerFromTheStub(t *testing.T) {
	bin := build(t)
	out := filepath.Join(t.TempDir(), "results.json")
	var table, progress strings.Builder
	if status := run(t.Context(), []string{"-stub", "-bin", bin, "-rounds", "3", "-warmup", "1", "-out", out}, &table, &progress); status != 0 {
		t.Fatalf("exit status %d: %s", status, progress.String())
	}
	if !strings.Contains(table.String(), "| "+helperTitle+" | ") || !strings.Contains(table.String(), "A stub answered") {
		t.Errorf("%s", table.String())
	}
	if _, err := os.Stat(out); err != nil {
		t.Error(err)
	}
}

func TestArgumentsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-rounds", "0"}, {"extra"}, {"-nothing"}, {"-sessions", "-1"}} {
		if status := run(t.Context(), args, io.Discard, io.Discard); status != 2 {
			t.Errorf("%v: exit status %d", args, status)
		}
	}
	if status := run(t.Context(), []string{"-bin", t.TempDir()}, io.Discard, io.Discard); status != 3 {
		t.Errorf("no binaries: exit status %d", status)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := race(ctx, []*racer{{}}, 0, pace{rounds: 1}); err == nil {
		t.Error("a race went on after it was called off")
	}
}
