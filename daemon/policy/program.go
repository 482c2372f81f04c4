package policy

import (
	"sync"
	"time"
)

// programs finds the programs that run helpers. An SDK that needs credentials for
// fifty clients runs fifty helpers, so results are cached for a moment.
type programs struct {
	mu    sync.Mutex
	known map[int]program // by process id
}

// program is one process.
type program struct {
	name   string
	parent int
	at     time.Time // when it was looked up
}

const (
	// programTTL is far shorter than the time after which a process ID is reused.
	programTTL  = time.Second
	maxPrograms = 64
)

// of returns the program that started process pid, and its process ID. It skips a
// shell in which an SDK ran the helper.
func (p *programs) of(pid int) (int, string) {
	parent := ppidOf(pid)
	if parent <= 0 {
		return 0, ""
	}
	by := p.lookUp(parent)
	switch by.name {
	case "sh", "dash", "bash", "zsh":
		if by.parent > 1 {
			if above := p.lookUp(by.parent); above.name != "" {
				return by.parent, above.name
			}
		}
	}
	return parent, by.name
}

func (p *programs) lookUp(pid int) program {
	now := time.Now()
	p.mu.Lock()
	known, ok := p.known[pid]
	p.mu.Unlock()
	if ok && now.Sub(known.at) < programTTL {
		return known
	}
	found := program{at: now}
	found.name, found.parent = programOf(pid)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) >= maxPrograms {
		p.known = make(map[int]program, maxPrograms)
	}
	p.known[pid] = found
	return found
}
