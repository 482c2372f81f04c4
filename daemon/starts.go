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
	startsMost = 3 // failed starts, after which the next does without the index
)

// starts counts failed starts. No stored state should be able to crash the daemon; if
// it does, because of a file system or a bug, the user must not be left without
// credentials for good. The zero value counts nothing.
type starts struct{ path string }

// begin records a start at now and reports whether too many failed within startsSpan
// before it. Without a state folder it reports false.
func (s starts) begin(now time.Time) (tooMany bool) {
	if s.path == "" {
		return false
	}
	if st, err := os.Lstat(s.path); err == nil && !st.Mode().IsRegular() {
		return false // reading a pipe could block forever
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
	// If this fails, the next start does not count this one.
	_ = os.WriteFile(s.path, fmt.Appendf(nil, "%s%d\n", lines, now.Unix()), 0o600)
	return failed >= startsMost
}

// succeeded records that this start succeeded, and resets the count.
func (s starts) succeeded() {
	if s.path != "" {
		os.Remove(s.path)
	}
}

// startsIn returns the count in the state folder; if that is "", the zero value.
func startsIn(state string) starts {
	if state == "" {
		return starts{}
	}
	return starts{filepath.Join(state, startsFile)}
}
