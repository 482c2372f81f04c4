package source

import "sync"

// maxRemembered bounds the sets that live as long as the daemon. A full set is
// emptied, which costs one more log line or call per entry.
const maxRemembered = 1024

// logged is the set of messages that are logged once.
type logged struct {
	mu    sync.Mutex
	texts map[string]bool
}

// once calls log unless it was called for text before.
func (s *logged) once(text string, log func()) {
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
		log()
	}
}

// shortened is the set of plans, by ID, whose role allows shorter sessions than
// the profile asks for.
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
