//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"understudy/internal/sandbox"
)

// unheeded is row 20.
func unheeded(t *trial) {
	dialogUnheeded(t)
	nobodyThere(t)
}

// wantsCode makes a world whose role is assumed with alice's device.
func (t *trial) wantsCode() *world {
	w := t.world()
	w.STS.AddRole(sandbox.Role{ARN: roleARN + actor, RequireMFA: true, MaxDuration: time.Hour})
	w.config = fmt.Sprintf("[profile base]\nregion = us-east-1\nendpoint_url = %s\nunderstudy_mfa_serial = %s\n", w.URL, sandbox.Example().MFASerial) + w.profile(actor)
	w.write(".aws/config", w.config)
	return w
}

// dialogUnheeded has a dialog on the screen that stays there.
func dialogUnheeded(t *trial) {
	w := t.wantsCode()
	dir := filepath.Join(w.Dir, "trap")
	shown, answer := filepath.Join(w.Dir, "shown"), filepath.Join(w.Dir, "answer")
	t.must(os.MkdirAll(dir, 0o755))
	t.must(os.WriteFile(filepath.Join(dir, "pinentry"), fmt.Appendf(nil, `#!/bin/sh
echo OK
while read -r line; do
	case "$line" in
	GETPIN*)
		echo shown >>%s
		while [ ! -f %[2]s ]; do sleep 0.2; done
		echo "D $(cat %[2]s)" ;;
	esac
	echo OK
done
`, shown, answer), 0o755))
	w.give()
	w.Vars["PATH"] = dir + ":" + w.Vars["PATH"]
	w.Vars["DISPLAY"] = ":4711"
	w.start()
	questions := func() int {
		text, _ := os.ReadFile(shown)
		return strings.Count(string(text), "\n")
	}
	for _, o := range w.paced(1000, t.pace(), askLimit, actor) {
		t.most("given up after", o.Took)
		t.check(refused(o, 3))
	}
	t.checkf(questions() == 1, "%d questions for all helpers", questions())
	t.worst("questions", float64(questions()), "")
	t.checkf(len(w.STS.Calls()) == 0, "STS was asked without a code")
	// The question is still there, and its answer counts for the retry.
	t.must(os.WriteFile(answer, []byte("123456"), 0o644))
	for _, o := range w.crowd(20, askLimit, actor) {
		t.check(served(o))
	}
	t.checkf(questions() == 1 && w.STS.Count("GetSessionToken") == 1, "%d questions, %d calls with a code", questions(), w.STS.Count("GetSessionToken"))
}

// nobodyThere has neither a display nor a terminal. The question stays open for
// three minutes, in case a helper with a terminal asks.
func nobodyThere(t *trial) {
	w := t.wantsCode()
	w.lasting = []string{"understudy/daemon/session.(*Broker).flightLocked.func1"}
	w.start()
	for _, o := range w.paced(1000, t.pace(), quickLimit, actor) {
		t.most("refused after", o.Took)
		t.check(refused(o, 3, "login"))
	}
	t.checkf(len(w.STS.Calls()) == 0, "STS was asked without a code")
}
