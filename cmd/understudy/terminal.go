package main

import (
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"
)

// screen is what is known of the place that output goes to.
type screen struct {
	terminal      bool
	width, height int // of a terminal in cells; 0 means no limit
	colour        bool
	unicode       bool
}

func screenOf(out io.Writer, getenv func(string) string) screen {
	s := screen{unicode: speaksUnicode(getenv)}
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return s
	}
	s.terminal = true
	s.colour = getenv("NO_COLOR") == "" && getenv("TERM") != "dumb" && enableEscapes(f)
	if w, h, err := term.GetSize(int(f.Fd())); err == nil {
		s.width, s.height = w, h
	}
	return s
}

// speaksUnicode follows the order in which the C library reads the variables.
// On Windows the console takes any text.
func speaksUnicode(getenv func(string) string) bool {
	if runtime.GOOS == "windows" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// style is a way to show text, an SGR parameter; "" means plain.
type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

// paint puts text into a style where the screen has colours.
func (s screen) paint(text string, as style) string {
	if !s.colour || as == plain || text == "" {
		return text
	}
	return "\x1b[" + string(as) + "m" + text + "\x1b[0m"
}
