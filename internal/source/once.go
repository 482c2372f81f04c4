package source

import "sync"

// maxRemembered bounds the sets that live as long as the daemon. A full set is
// emptied, which costs one more log line or call per entry.
const maxRemembered = 1024

// logOnce is the set of messages that are logged once.
type logOnce struct {
	mu    sync.Mutex
	texts map[string]bool
}

// do calls log unless it was called for text before.
func (l *logOnce) do(text string, log func()) {
	l.mu.Lock()
	known := l.texts[text]
	if !known {
		if l.texts == nil || len(l.texts) >= maxRemembered {
			l.texts = make(map[string]bool)
		}
		l.texts[text] = true
	}
	l.mu.Unlock()
	if !known {
		log()
	}
}

// shortRoles is the set of plans, by ID, whose role allows shorter sessions than
// the profile asks for.
type shortRoles struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (s *shortRoles) has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids[id]
}

func (s *shortRoles) add(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil || len(s.ids) >= maxRemembered {
		s.ids = make(map[string]bool)
	}
	s.ids[id] = true
}
