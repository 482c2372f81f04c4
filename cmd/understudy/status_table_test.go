package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"understudy/internal/status"
)

var tableNow = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)

func at(d time.Duration) status.Time { return status.Time{Time: tableNow.Add(d)} }

func example() overview {
	return overview{
		Daemon: &status.Daemon{PID: 7, Version: "1", Store: "keychain", StoreReason: "gnome-keyring answers"},
		Sessions: []status.Session{
			{Profiles: []string{"dev", "prod"}, RoleARN: "arn:aws:iam::123456789012:role/team/Admin", AccountID: "123456789012",
				State: status.Ready, IssuedAt: at(-23 * time.Minute), ExpiresAt: at(37 * time.Minute), LastUsedAt: at(-2 * time.Minute)},
			{Profiles: []string{"mfa"}, State: status.LoginNeeded, LastUsedAt: at(-time.Hour),
				LastError: &status.LastError{Code: "login-needed", Message: "an MFA code\x1b[2J is \u2028wanted " + strings.Repeat("again and ", 20), At: at(-time.Minute)}},
		},
	}
}

func TestTableShowsWhatThereIsInColumns(t *testing.T) {
	got := table(example(), tableNow, screen{width: 100})
	want := `sessions are kept in the keychain: gnome-keyring answers

PROFILE    ROLE   ACCOUNT       STATE         TIME LEFT       LAST USED  LAST ERROR
dev, prod  Admin  123456789012  ready         ######.... 37m  2m ago
mfa        -      -             login-needed  -               1h00m ago  login-needed 1m ago: an...
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTableKeepsToTheTerminalsWidth(t *testing.T) {
	for _, width := range []int{100, 120, 200} {
		for line := range strings.Lines(table(example(), tableNow, screen{width: width})) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("at width %d a line has %d: %s", width, n, line)
			}
		}
	}
	if got := table(example(), tableNow, screen{}); !strings.Contains(got, strings.Repeat("again and ", 19)) {
		t.Error("an error is cut where no terminal is")
	}
}

func TestTableLetsNothingOutThatMovesTheCursor(t *testing.T) {
	o := example()
	o.Daemon.StoreReason = "a\rb"
	o.Sessions[0].Profiles = []string{"dev\x1b]0;x\a"}
	o.Sessions[0].RoleARN = "arn:x/a\tb"
	got := table(o, tableNow, screen{})
	if i := strings.IndexFunc(got, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r == '\u2028' }); i >= 0 {
		t.Errorf("a control character comes through: %q", got[i:])
	}
}

func TestTablePaintsOnlyWhereThereAreColours(t *testing.T) {
	painted := table(example(), tableNow, screen{colour: true})
	if !strings.Contains(painted, "\x1b[32mready\x1b[0m") || !strings.Contains(painted, "\x1b[33mlogin-needed\x1b[0m") {
		t.Errorf("no colours in\n%s", painted)
	}
	bare := painted
	for _, s := range []style{bold, dim, red, green, yellow, cyan} {
		bare = strings.ReplaceAll(bare, "\x1b["+string(s)+"m", "")
	}
	if bare = strings.ReplaceAll(bare, "\x1b[0m", ""); bare != table(example(), tableNow, screen{}) {
		t.Errorf("colours change more than the colour:\n%s", bare)
	}
}

func TestHeadTellsWhenTheClockIsOff(t *testing.T) {
	for skew, want := range map[int]string{
		0: "", 60: "", -60: "",
		61:   "this machine's clock is 1m behind that of STS; set it\n",
		-600: "this machine's clock is 10m ahead of that of STS; set it\n",
	} {
		got := about(status.Daemon{Store: "memory", ClockSkewS: skew}, screen{})
		if got != "sessions are kept in memory only\n"+want {
			t.Errorf("skew %d s: %q", skew, got)
		}
	}
}

func TestFrameFitsTheScreenAndClearsWhatStoodThere(t *testing.T) {
	draw := func(screen) string { return strings.Repeat("line\n", 10) }
	got := frame(draw, screen{height: 5})
	if n := strings.Count(got, "\n") + 1; n > 5 {
		t.Errorf("%d lines on a screen of 5", n)
	}
	if !strings.Contains(got, "more than fits here") || !strings.HasPrefix(got, toTop) || !strings.HasSuffix(got, clearLine+clearBelow) {
		t.Errorf("%q", got)
	}
	if got := frame(draw, screen{height: 40}); strings.Contains(got, "more than fits") || strings.Count(got, "line") != 10 {
		t.Errorf("%q", got)
	}
}

func TestUnicodeFollowsTheLocale(t *testing.T) {
	for _, c := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "en_US.UTF-8", true},
		{"", "", "de_DE.utf8", true},
		{"", "", "", false},
		{"C", "", "en_US.UTF-8", false},
		{"", "C.UTF-8", "C", true},
		{"", "", "de_DE.ISO-8859-1", false},
	} {
		got := speaksUnicode(func(name string) string {
			return map[string]string{"LC_ALL": c.all, "LC_CTYPE": c.ctype, "LANG": c.lang}[name]
		})
		if got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
