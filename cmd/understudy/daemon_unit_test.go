package main

import (
	"encoding/xml"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestLaunchdPlistIsXMLWhateverTheProgramsPath(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("paths are of another kind")
	}
	for _, path := range []string{"/usr/local/bin/understudy", "/a <b> & \"c\"/understudy"} {
		text, err := unit("launchd", path)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for d := xml.NewDecoder(strings.NewReader(text)); ; {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if c, ok := token.(xml.CharData); ok && strings.TrimSpace(string(c)) != "" {
				words = append(words, string(c))
			}
		}
		if all := strings.Join(words, " "); !strings.Contains(all, path+" daemon run --detached") {
			t.Errorf("the program's arguments read %q", all)
		}
	}
}

func TestSystemdWordIsReadBackAsOneWord(t *testing.T) {
	for path, want := range map[string]string{
		"/usr/bin/understudy": "/usr/bin/understudy",
		"/a b/understudy":     `"/a b/understudy"`,
		"/100%/$HOME/u":       "/100%%/$$HOME/u",
		`/a"b\c`:              `"/a\"b\\c"`,
		"/it's":               `"/it's"`,
	} {
		if got := systemdWord(path); got != want {
			t.Errorf("systemdWord(%s) = %s, want %s", path, got, want)
		}
	}
}

func TestUnitRefusesAPathThatWouldStartAnotherLine(t *testing.T) {
	abs, _ := filepath.Abs("x")
	if _, err := unit("systemd", abs+"\nExecStartPre=/bin/sh"); err == nil {
		t.Error("a newline went into the unit")
	}
}
