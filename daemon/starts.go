package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	startsFile = "starting"
	startsSpan = time.Minute
	startsMost = 3 // that failed, before the next does without the kept state
)

// starts counts the starts that did not succeed. Nothing that a daemon keeps should
// be able to end it; if a file system or a fault of ours does, it must not keep the
// user from their credentials for good. The zero starts counts nothing.
type starts struct{ path string }

// begin records a start at now and reports whether too many before it failed. Without
// a folder to count in it never does.
func (s starts) begin(now time.Time) (tooMany bool) {
	if s.path == "" {
		return false
	}
	if st, err := os.Lstat(s.path); err == nil && !st.Mode().IsRegular() {
		return false // reading a pipe would never end
	}
	content, _ := os.ReadFile(s.path) // usually missing
	lines, failed := "", 0
	for line := range strings.Lines(string(content)) {
		second, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		if age := now.Sub(time.Unix(second, 0)); err == nil && age >= 0 && age < startsSpan {
			lines += line
			failed++
		}
	}
	// If this cannot be written, the next start does not count this one.
	_ = os.WriteFile(s.path, fmt.Appendf(nil, "%s%d\n", lines, now.Unix()), 0o600)
	return failed >= startsMost
}

// succeeded records that the start did.
func (s starts) succeeded() {
	if s.path != "" {
		os.Remove(s.path)
	}
}

// startsIn counts in the state folder; "" counts nothing.
func startsIn(state string) starts {
	if state == "" {
		return starts{}
	}
	return starts{filepath.Join(state, startsFile)}
}
