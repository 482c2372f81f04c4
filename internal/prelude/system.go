//go:build linux && (amd64 || arm64)

package prelude

import "syscall"

// system makes a system call and returns its result, or the negative errno. The
// cause is of no interest to most callers: main runs into the same error.
func system(call, a, b, c, d, e uintptr) int {
	result, _, errno := syscall.RawSyscall6(call, a, b, c, d, e, 0)
	if errno != 0 {
		return -int(errno)
	}
	return int(result)
}

// sheet is a buffer of fixed size that is filled from its start.
type sheet struct {
	b    []byte
	n    int
	full bool // something did not fit
}

func (s *sheet) add(text string) {
	if len(text) > len(s.b)-s.n {
		s.full = true
		return
	}
	s.n += copy(s.b[s.n:], text)
}

// number adds n in decimal.
func (s *sheet) number(n uint32) {
	digits := [10]byte{}
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + n%10)
		n /= 10
		if n == 0 || i == 0 {
			break
		}
	}
	if len(digits)-i > len(s.b)-s.n {
		s.full = true
		return
	}
	s.n += copy(s.b[s.n:], digits[i:])
}
