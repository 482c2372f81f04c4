package source

import "sync"

// maxRemembered bounds what is remembered for as long as the daemon lives. Past
// it everything is forgotten, which costs one more log line or call each.
const maxRemembered = 1024

// said keeps what was logged from being logged again.
type said struct {
	mu    sync.Mutex
	texts map[string]bool
}

// once calls say unless it has been called for text before.
func (s *said) once(text string, say func()) {
	s.mu.Lock()
	known := s.texts[text]
	if !known {
		if s.texts == nil || len(s.texts) >= maxRemembered {
			s.texts = make(map[string]bool)
		}
		s.texts[text] = true
	}
	s.mu.Unlock()
	if !known {
		say()
	}
}

// shortened remembers the plans whose role allows no session as long as the
// profile asks for.
type shortened struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (s *shortened) has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids[id]
}

func (s *shortened) add(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil || len(s.ids) >= maxRemembered {
		s.ids = make(map[string]bool)
	}
	s.ids[id] = true
}
