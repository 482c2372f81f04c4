//go:build linux

package e2e

// refused asserts how a helper ends that has nothing to give: this status,
// nothing on stdout, on stderr one line with the reason and one with a hint.
func (w *world) refused(o outcome, status int, profile string) {
	w.t.Helper()
	if o.Status != status {
		w.t.Errorf("want status %d: %v", status, o)
	} else if err := o.Refused(profile); err != nil {
		w.t.Errorf("%v: %v", err, o)
	}
}
