//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"understudy/internal/sandbox"
)

// boto3 asks for new credentials when 15 minutes are left, and on every use
// from then on unless what it gets has more. Sessions of 20 minutes from an STS
// whose clock is 4 minutes behind arrive with 16 minutes and 10 seconds, so a
// run of a minute and a half sees the whole of it.
func TestBoto3CrossesTheRenewalWithoutNoticing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a minute and a half")
	}
	s := newStand(t, newWorld(t))
	python := s.python()
	s.STS.Set(sandbox.Behaviour{Lifetime: 20*time.Minute + 10*time.Second, Skew: -4 * time.Minute})
	counter := s.countHelpers("actor")

	o := s.runWithin(3*patience, func(cmd *exec.Cmd) {
		cmd.Env = append(cmd.Env, "AWS_PROFILE=actor", "AWS_EC2_METADATA_DISABLED=true")
	}, python, client(t, "py/renew.py"), "95")
	if o.Status != 0 {
		t.Fatalf("the client noticed: %v", o)
	}
	keys := strings.Fields(o.Stdout)
	if len(keys) < 2 {
		t.Fatalf("the credentials did not change within the run: %v", keys)
	}
	if n := counter(); n != len(keys) {
		t.Errorf("the helper ran %d times for %d sessions", n, len(keys))
	}
	// One renewal in the background, that boto3 has not seen yet, is fair.
	if n := s.STS.Count("AssumeRole"); n > len(keys)+1 {
		t.Errorf("%d AssumeRole for the %d sessions that were used", n, len(keys))
	}
}

// countHelpers puts a script that counts its runs in front of the helper in
// the profile, and returns the count so far.
func (s *stand) countHelpers(profile string) func() int {
	s.t.Helper()
	script, runs := filepath.Join(s.Dir, "counted"), filepath.Join(s.Dir, "runs")
	helper := filepath.Join(bin, "understudy-credentials")
	text := fmt.Sprintf("#!/bin/sh\necho >>%s\nexec %s \"$@\"\n", runs, helper)
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		s.t.Fatal(err)
	}
	config := filepath.Join(s.Home, ".aws", "config")
	old, err := os.ReadFile(config)
	if err != nil {
		s.t.Fatal(err)
	}
	plugged := strings.ReplaceAll(string(old), helper+" "+profile, script+" "+profile)
	s.Write(".aws/config", plugged)
	return func() int {
		lines, err := os.ReadFile(runs)
		if err != nil {
			s.t.Fatal(err)
		}
		return len(lines)
	}
}
