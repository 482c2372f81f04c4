package text

import (
	"strings"
	"testing"
)

func TestWhatPeopleAreToldIsOnePrintableLineOfALengthTheyRead(t *testing.T) {
	for s, want := range map[string]string{
		"":                               "",
		" two\n lines\t":                 "two lines",
		"Access denied.":                 "Access denied",
		"and so on...":                   "and so on...",
		"\x1b[31mred\x1b[0m \u202e\xff":  "[31mred [0m",
		strings.Repeat("ä", MaxReason):   strings.Repeat("ä", MaxReason),
		strings.Repeat("ä", MaxReason+1): strings.Repeat("ä", MaxReason-3) + "...",
	} {
		if got := Clean(s); got != want {
			t.Errorf("Clean(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestLineIsOneLineFitForATerminal(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"plain, é € 𝄞":            "plain, é € 𝄞",
		"two\nlines\r\n":          "two lines  ",
		"\x1b[31mred\x1b[0m":      " [31mred [0m",
		"\u009b31mred":            " 31mred",
		"a\x00b\x7fc\u0085d":      "a b c d",
		"line\u2028and\u2029more": "line and more",
		"bad\xffbyte":             "bad\ufffdbyte",
	} {
		if got := Line(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
