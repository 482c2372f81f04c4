//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// bin is the folder of the binaries under test.
var bin string

func TestMain(m *testing.M) { os.Exit(prepare(m)) }

// prepare builds the binaries, runs the tests and takes everything down. The
// daemons that helpers start become this process's children, so that it can
// wait for their end.
func prepare(m *testing.M) int {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: become the parent of orphans:", err)
		return 1
	}
	dir, err := os.MkdirTemp("", "understudy-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	// Other users run the binaries too.
	if err := os.Chmod(dir, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	if bin, err = binaries(dir); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer removeBaseline()
	defer motoStop()
	return m.Run()
}

// binaries returns the folder that holds both binaries, absolute: built as they are
// given away, but for a daemon under the race detector.
func binaries(dir string) (string, error) {
	if given := os.Getenv("UNDERSTUDY_BIN"); given != "" {
		if !filepath.IsAbs(given) {
			given = filepath.Join("..", given)
		}
		return filepath.Abs(given)
	}
	build := [][]string{{"../scripts/build.sh", dir + "/"}}
	if raceDetector {
		build = append(build, []string{"go", "build", "-race", "-ldflags", "-X main.version=e2e", "-o", dir + "/", "../cmd/understudy"})
	}
	for _, argv := range build {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Env = append(os.Environ(), "BUILD_VERSION=e2e")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w\n%s", argv, err, out)
		}
	}
	return dir, nil
}

// skip says in one line why a test cannot run here. Whoever sets CI=true has
// promised that everything is there.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
