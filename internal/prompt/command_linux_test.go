package prompt

import (
	"context"
	"errors"
	"strings"
	"testing"

	"understudy/internal/process"
)

func TestACommandsFirstLineIsTheCode(t *testing.T) {
	for command, want := range map[string]string{
		`echo 123456`: "123456",
		`printf ' 123456 \r\nand more\n'; echo "not this" >&2`: "123456",
		`printf 123456`: "123456",
	} {
		if a, err := RunCommand(t.Context(), command); err != nil || a.Reveal() != want {
			t.Errorf("%s: %d characters, err %v", command, len(a.Reveal()), err)
		}
	}
}

func TestACommandWithoutACodeSaysWhyAndQuotesNoOutput(t *testing.T) {
	for command, want := range map[string]string{
		`true`:                "the command printed no code",
		`printf '\n123456'`:   "the command printed no code",
		`echo 123456; exit 2`: "the command ended with status 2",
		`echo 123456; echo "no card" >&2; exit 2`: "the command ended with status 2: no card",
		`head -c 2000 /dev/zero`:                  "the command printed more than it may",
	} {
		a, err := RunCommand(t.Context(), command)
		if err == nil || err.Error() != want || !a.Empty() {
			t.Errorf("%s: %v, want %s", command, err, want)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(context.DeadlineExceeded)
	if _, err := RunCommand(ctx, `sleep 60`); !errors.Is(err, process.ErrLate) {
		t.Errorf("too late: %v", err)
	}
}

// The stand-ins for dialogs that this system has not: what they are told, and
// what becomes of what they say.
func TestADialogProgramIsUnderstoodByItsStatusAndItsWords(t *testing.T) {
	for name, c := range map[string]struct {
		d      window
		script string
		want   string
		err    error
	}{
		"kdialog":          {kdialog("").(window), `echo " 123456 "`, "123456", nil},
		"nothing typed":    {kdialog("").(window), `echo`, "", ErrClosed},
		"closed":           {kdialog("").(window), `exit 1`, "", ErrClosed},
		"no display":       {kdialog("").(window), `echo "qt.qpa.xcb: could not connect to display :9" >&2; exit 1`, "", errNoDialog},
		"the display left": {zenity("").(window), `echo "Fatal IO error 11 on X server :1." >&2; exit 1`, "", errEnded},
		"broken":           {kdialog("").(window), `exit 127`, "", errNoDialog},
		"crashed":          {kdialog("").(window), `kill -9 $$`, "", errEnded},
		"osascript":        {osascript("").(window), `echo 123456`, "123456", nil},
		"osascript closed": {osascript("").(window), `echo`, "", ErrClosed},
		"no desktop":       {osascript("").(window), `echo "execution error: No user interaction allowed. (-1713)" >&2; exit 1`, "", errNoDialog},
		"powershell":       {powershell("").(window), `echo 123456`, "123456", nil},
	} {
		args := c.d.args
		c.d.path = "/bin/sh"
		c.d.args = func(q Question) []string {
			if text := strings.Join(args(q), " ") + strings.Join(environment(c.d, q), " "); !strings.Contains(text, "111111111111") {
				t.Errorf("%s: the question is in none of %s", name, text)
			}
			return []string{"-c", c.script}
		}
		a, err := c.d.Ask(t.Context(), question)
		if !errors.Is(err, c.err) || a.Reveal() != c.want {
			t.Errorf("%s: %d characters, err %v, want %v", name, len(a.Reveal()), err, c.err)
		}
	}
}

func environment(w window, q Question) []string {
	if w.env == nil {
		return nil
	}
	return w.env(q)
}
