package prompt

import (
	"strings"
	"sync"
	"time"

	"understudy/internal/credential"
)

// codeStep is how long a code of RFC 6238 stands; STS takes each once.
const codeStep = 30 * time.Second

// spent remembers the codes that were given away lately.
type spent struct {
	mu    sync.Mutex
	codes []spentCode
}

type spentCode struct {
	code Answer
	at   time.Time
}

// spentFor is longer than any device shows a code or a server takes it.
const spentFor = 10 * time.Minute

// add notes a code; false when it was noted before.
func (s *spent) add(a Answer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.codes[:0]
	for _, c := range s.codes {
		if time.Since(c.at) < spentFor {
			fresh = append(fresh, c)
		}
	}
	s.codes = fresh
	for _, c := range s.codes {
		if c.code.Equal(a) {
			return false
		}
	}
	s.codes = append(s.codes, spentCode{a, time.Now()})
	return true
}

// tidy takes out the blank that some devices show in the middle of a code.
func tidy(a Answer) Answer {
	return credential.NewSecret(strings.Join(strings.Fields(a.Reveal()), ""))
}

// untilNextCode is how long a device still shows the code of now.
func untilNextCode(now time.Time) time.Duration {
	return codeStep - time.Duration(now.UnixNano()%int64(codeStep))
}
