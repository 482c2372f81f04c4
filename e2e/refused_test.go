//go:build linux

package e2e

import "strings"

// refused asserts how a helper ends that has nothing to give: this status,
// nothing on stdout, on stderr one line with the reason and one with a hint.
func (w *world) refused(o outcome, status int, profile string) {
	w.t.Helper()
	lines := strings.Split(strings.TrimSuffix(o.stderr, "\n"), "\n")
	switch {
	case o.status != status:
		w.t.Errorf("want status %d: %v", status, o)
	case o.stdout != "":
		w.t.Errorf("something stands on stdout: %v", o)
	case len(lines) != 2 || !strings.HasPrefix(lines[0], "understudy: "+profile+": ") || !strings.HasPrefix(lines[1], "hint: "):
		w.t.Errorf("want a reason and a hint: %v", o)
	case len(lines[0]) <= len("understudy: "+profile+": ") || len(lines[1]) <= len("hint: "):
		w.t.Errorf("the reason or the hint is empty: %v", o)
	case strings.HasSuffix(lines[0], "."):
		w.t.Errorf("the reason ends with a full stop: %v", o)
	}
}
