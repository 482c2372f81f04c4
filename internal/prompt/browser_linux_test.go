package prompt

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOnlyPagesOfTheWebAndOfThisMachineAreOpened(t *testing.T) {
	for address, want := range map[string]bool{
		"https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD": true,
		"https://[2001:db8::1]/":                                     true,
		"http://127.0.0.1:4711/oauth":                                true,
		"http://[::1]:4711/":                                         true,
		"http://localhost:4711/":                                     true,
		"http://example.com/":                                        false,
		"http://127.0.0.1.example.com/":                              false,
		"http://localhost.example.com/":                              false,
		"https://alice:secret@example.com/":                          false,
		"https://":                                                   false,
		"https:example.com":                                          false,
		"file:///etc/passwd":                                         false,
		"FILE:///etc/passwd":                                         false,
		"javascript:alert(1)":                                        false,
		"ssh://-oProxyCommand=x/":                                    false,
		"--help":                                                     false,
		"https://example.com/\nhttps://evil":                         false,
		"":                                                           false,
	} {
		if got := fitToOpen(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
	if err := OpenBrowser(t.Context(), "file:///etc/passwd"); !errors.Is(err, errAddress) {
		t.Errorf("OpenBrowser: %v", err)
	}
}

func TestBROWSERNamesCommandsInTheirOrder(t *testing.T) {
	const page = "https://example.com/?a=b&c=%20d"
	for variable, want := range map[string][][]string{
		"":                         nil,
		":: ":                      nil,
		"firefox":                  {{"firefox", page}},
		"w3m -cols 80 %s x:lynx":   {{"w3m", "-cols", "80", page, "x"}, {"lynx", page}},
		"open --url=%s":            {{"open", "--url=" + page}},
		"sh -c 'touch /tmp/x; %s'": {{"sh", "-c", "'touch", "/tmp/x;", page + "'"}}, // no shell takes the quotes off
	} {
		got := browserCommands(variable, page)
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%q: %q, want %q", variable, got, want)
		}
	}
}

// program is a script that writes what it was given beside itself.
func program(t *testing.T, dir, name, status string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	script := "#!/bin/sh\nprintf '%s\\n' \"$@\" >>" + path + ".told\nexit " + status + "\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func told(path string) string {
	b, _ := os.ReadFile(path + ".told") // none is nothing
	return strings.TrimSpace(string(b))
}

func TestAPageIsOpenedByTheFirstCommandThatCan(t *testing.T) {
	const page = "https://example.com/?a=b&c=$(id)"
	dir := t.TempDir()
	bad, good := program(t, dir, "bad", "1"), program(t, dir, "good", "0")
	desktop := program(t, dir, "xdg-open", "0")
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	t.Setenv("WAYLAND_DISPLAY", "")
	for _, c := range []struct{ name, browser, display, by string }{
		{"BROWSER", bad + ":" + dir + "/none:" + good, ":0", good},
		{"BROWSER without a display", good, "", good},
		{"the desktop", "", ":0", desktop},
		{"the desktop, after BROWSER", bad, ":0", desktop},
	} {
		t.Setenv("BROWSER", c.browser)
		t.Setenv("DISPLAY", c.display)
		if err := OpenBrowser(t.Context(), page); err != nil || told(c.by) != page {
			t.Errorf("%s: err %v, told %q", c.name, err, told(c.by))
		}
		os.Remove(c.by + ".told")
	}
	t.Setenv("DISPLAY", "")
	for _, browser := range []string{"", bad} {
		t.Setenv("BROWSER", browser)
		if err := OpenBrowser(t.Context(), page); !errors.Is(err, errNoDialog) {
			t.Errorf("BROWSER=%q and no display: %v", browser, err)
		}
	}
	if told(desktop) != "" {
		t.Error("the desktop was asked where there is none")
	}
}
