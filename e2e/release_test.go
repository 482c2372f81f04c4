//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// baselineCommit is the commit that upgrades start from. A released version reads
// what it wrote to the state folder and to the keychain.
const baselineCommit = "6c561b9"

// release is a folder with both binaries of one version.
type release struct{ dir, version string }

func (r release) helper() string     { return filepath.Join(r.dir, "understudy-credentials") }
func (r release) understudy() string { return filepath.Join(r.dir, "understudy") }

// current is the version under test.
func current(t *testing.T) release {
	t.Helper()
	r := release{dir: bin}
	out, err := exec.Command(r.helper(), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	r.version = strings.TrimSpace(strings.TrimPrefix(string(out), "understudy-credentials "))
	return r
}

// baseline is built once for all tests.
var baseline struct {
	once    sync.Once
	release release
	missing bool
	err     error
}

// needBaseline returns the binaries of baselineCommit, built from git. The test is
// skipped if the history does not hold that commit.
func needBaseline(t *testing.T) release {
	t.Helper()
	baseline.once.Do(func() {
		if exec.Command("git", "-C", "..", "cat-file", "-e", baselineCommit+"^{commit}").Run() != nil {
			baseline.missing = true
			return
		}
		baseline.release.version = "baseline-" + baselineCommit
		baseline.release.dir, baseline.err = buildBaseline(baseline.release.version)
	})
	switch {
	case baseline.missing:
		skip(t, "commit %s is missing from the git history: clone the repository with its full history", baselineCommit)
	case baseline.err != nil:
		t.Fatalf("build commit %s: %v", baselineCommit, baseline.err)
	}
	return baseline.release
}

// buildBaseline returns a new folder with the binaries.
func buildBaseline(version string) (dir string, err error) {
	dir, err = os.MkdirTemp("", "understudy-baseline-")
	if err != nil {
		return "", err
	}
	source := filepath.Join(dir, "source")
	if err := os.Mkdir(source, 0o700); err != nil {
		return dir, err
	}
	for _, argv := range [][]string{
		{"git", "-C", "..", "archive", "--output=" + source + ".tar", baselineCommit},
		{"tar", "-xf", source + ".tar", "-C", source},
		{filepath.Join(source, "scripts", "build.sh"), dir + "/"},
	} {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Env = append(os.Environ(), "BUILD_VERSION="+version)
		if out, err := cmd.CombinedOutput(); err != nil {
			return dir, fmt.Errorf("%v: %w\n%s", argv, err, out)
		}
	}
	return dir, nil
}

// removeBaseline deletes what needBaseline built.
func removeBaseline() {
	if dir := baseline.release.dir; dir != "" {
		os.RemoveAll(dir)
	}
}

// serves asserts that this release's helper prints a session.
func (s *stand) serves(r release) keys {
	s.t.Helper()
	return s.served(s.Run(r.helper(), "actor"))
}

// does asserts that a command of this release succeeds.
func (s *stand) does(r release, args ...string) outcome {
	s.t.Helper()
	o := s.Run(append([]string{r.understudy()}, args...)...)
	if o.Status != 0 {
		s.t.Fatalf("want status 0: %v\n%s", o, s.log())
	}
	return o
}

// runs asserts that the daemon is one of this release.
func (s *stand) runs(r release) {
	s.t.Helper()
	if d := s.status().Daemon; d.Version != r.version || d.Store != "keychain" {
		s.t.Errorf("the daemon has version %q and store %q, want %q and the keychain", d.Version, d.Store, r.version)
	}
}

// only returns the status of the one session.
func (s *stand) only() sessionStatus {
	s.t.Helper()
	all := s.status().Sessions
	if len(all) != 1 {
		s.t.Fatalf("status lists %d sessions, want 1: %+v", len(all), all)
	}
	return all[0]
}

// fetched asserts how many sessions STS has issued so far.
func (s *stand) fetched(want int) {
	s.t.Helper()
	if n := len(s.STS.Calls()); n != want {
		s.t.Errorf("STS was called %d times, want %d", n, want)
	}
}
