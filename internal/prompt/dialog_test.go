package prompt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"understudy/internal/credential"
)

var question = Question{
	About: "arn:aws:iam::111111111111:mfa/alice", Kind: Code, Profile: "prod",
	Text: "MFA code of arn:aws:iam::111111111111:mfa/alice_b, for prod",
}

// says is a dialog with one outcome.
type says struct {
	answer string
	err    error
	asked  *int
}

func (s says) Ask(context.Context, Question) (Answer, error) {
	*s.asked++
	return credential.NewSecret(s.answer), s.err
}

func TestTheNextDialogIsTriedOnlyWhereTheFirstShowsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		first  error
		err    error
		second int
	}{
		"it shows nothing":      {errNoDialog, nil, 1},
		"the person says no":    {ErrClosed, ErrClosed, 0},
		"it was killed":         {errEnded, errEnded, 0},
		"nobody was there":      {ErrExpired, ErrExpired, 0},
		"the question is moot":  {context.Canceled, context.Canceled, 0},
		"the person answers it": {nil, nil, 0},
	} {
		var first, second int
		_, err := dialogs{says{"1", c.first, &first}, says{"2", nil, &second}}.Ask(t.Context(), question)
		if !errors.Is(err, c.err) || first != 1 || second != c.second {
			t.Errorf("%s: err %v, asked %d and %d times", name, err, first, second)
		}
	}
}

func TestWhereNothingCanBeShownThereIsNoDialog(t *testing.T) {
	everything := func(name string) (string, error) { return "/nowhere/" + name, nil }
	nothing := func(string) (string, error) { return "", os.ErrNotExist }
	display := func(name string) string { return map[string]string{"DISPLAY": ":0"}[name] }
	if hasDisplay(func(string) string { return "" }) {
		t.Log("this system's programs find out by themselves whether there is a display")
	} else if _, err := findDialog(func(string) string { return "" }, everything); !errors.Is(err, errNoDialog) {
		t.Errorf("no display: %v", err)
	}
	if _, err := findDialog(display, nothing); !errors.Is(err, errNoDialog) {
		t.Errorf("no program: %v", err)
	}
	if d, err := findDialog(display, everything); err != nil || d == nil {
		t.Errorf("all there: %v", err)
	}
}

func TestAProgramIsTriedOnceAndNoneThatWantsATerminal(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"pinentry-curses", "pinentry-gtk-2"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	find := func(name string) (string, error) {
		_, err := os.Stat(filepath.Join(dir, name))
		return filepath.Join(dir, name), err
	}
	display := func(name string) string { return map[string]string{"DISPLAY": ":0"}[name] }
	for target, want := range map[string]int{"pinentry-curses": 1, "pinentry-gtk-2": 1} {
		link := filepath.Join(dir, "pinentry")
		os.Remove(link)
		if err := os.Symlink(target, link); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
		d, err := findDialog(display, find)
		if hasDisplay(func(string) string { return "" }) {
			continue // other names than those of Linux
		}
		if found, _ := d.(dialogs); err != nil || len(found) != want {
			t.Errorf("pinentry is %s: %v, err %v", target, d, err)
		}
	}
}

func TestThePinentryOfGPGIsTheFirstChoice(t *testing.T) {
	home := t.TempDir()
	env := map[string]string{"DISPLAY": ":0", "HOME": home}
	getenv := func(name string) string { return env[name] }
	chosen := func(conf string, dir string) string {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "gpg-agent.conf"), []byte(conf), 0o600); err != nil {
			t.Fatal(err)
		}
		return pinentries(getenv, "pinentry")[0].program
	}
	program := filepath.Join(home, "my pinentry")
	if got := pinentries(getenv, "pinentry")[0].program; got != "pinentry" {
		t.Errorf("without a file: %q", got)
	}
	if got := chosen("# pinentry-program /no\npinentry-program /usr/bin/other\n  pinentry-program   "+program+"\n", filepath.Join(home, ".gnupg")); got != program {
		t.Errorf("~/.gnupg: %q", got)
	}
	env["GNUPGHOME"] = filepath.Join(home, "elsewhere")
	if got := chosen("pinentry-program pinentry-qt\nmax-cache-ttl 1\n", env["GNUPGHOME"]); got != "pinentry" {
		t.Errorf("a name that is no path: %q", got)
	}
	if got := chosen(`pinentry-program "`+program+`"`, env["GNUPGHOME"]); got != program {
		t.Errorf("in quotes, in GNUPGHOME: %q", got)
	}
}

func FuzzGPGAgentsFileNamesAPathOrNothing(f *testing.F) {
	for _, conf := range []string{"pinentry-program /usr/bin/pinentry-gtk-2\n", "pinentry-program", "# x\n\n--pinentry-program  \"/a b\"", "\x00", "pinentry-program /a\npinentry-program b"} {
		f.Add(conf)
	}
	f.Fuzz(func(t *testing.T, conf string) {
		if path := pinentryProgram(strings.NewReader(conf)); path != "" && (!filepath.IsAbs(path) || strings.Contains(path, "\n")) {
			t.Fatalf("%q names %q", conf, path)
		}
	})
}
