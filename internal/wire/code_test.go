package wire

import "testing"

func TestEachCodeHasItsStatus(t *testing.T) {
	for code, status := range map[Code]int{
		Usage: 2, LoginNeeded: 3, Denied: 4, BadConfig: 4, UnknownProfile: 4, NoDaemon: 5, Temporary: 6,
		"": 5, "of a later version": 5,
	} {
		if got := code.ExitStatus(); got != status {
			t.Errorf("%q ends with %d, want %d", code, got, status)
		}
	}
}
