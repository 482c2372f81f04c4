package main

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
	startsMost = 3 // that came to nothing, before the next does without what is kept
)

// starts counts the starts that were never over. Nothing that a daemon keeps
// should be able to end it; a file system that does, or a fault of ours, must not
// keep a person from their credentials for good.
type starts struct{ path string }

// begin notes a start at now and reports whether too many before it came to
// nothing. Without a folder to count in it never does.
func (s starts) begin(now time.Time) (tooMany bool) {
	if st, err := os.Lstat(s.path); err == nil && !st.Mode().IsRegular() {
		return false // a pipe would never end
	}
	text, _ := os.ReadFile(s.path) // none is the rule
	lines, unended := "", 0
	for line := range strings.Lines(string(text)) {
		second, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		if age := now.Sub(time.Unix(second, 0)); err == nil && age >= 0 && age < startsSpan {
			lines += line
			unended++
		}
	}
	// When this cannot be written the next start does not count this one.
	_ = os.WriteFile(s.path, fmt.Appendf(nil, "%s%d\n", lines, now.Unix()), 0o600)
	return unended >= startsMost
}

// over says that the start is, and was a good one.
func (s starts) over() { os.Remove(s.path) }

// startsIn counts in the state folder.
func startsIn(state string) starts { return starts{filepath.Join(state, startsFile)} }
