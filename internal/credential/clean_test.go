package credential

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
