package daemon

import (
	"sync"
	"time"
)

// parents finds the programs that run helpers. An SDK that needs credentials
// for fifty clients runs fifty helpers, so what was found of a program is
// remembered for a moment.
type parents struct {
	mu    sync.Mutex
	known map[int]program // by process id
}

// program is one process that was looked at.
type program struct {
	name   string
	parent int
	at     time.Time
}

const (
	// programMemory is far less than a system takes to come round to the same
	// process id again.
	programMemory = time.Second
	maxPrograms   = 64
)

// of returns the program that started process pid, the shell that some SDKs put
// in between left out. It is read while the helper waits for its answer, since
// the helper then goes, and with it the way to its parent.
func (p *parents) of(pid int) (int, string) {
	parent := ppidOf(pid)
	if parent <= 0 {
		return 0, ""
	}
	by := p.look(parent)
	switch by.name {
	case "sh", "dash", "bash", "zsh":
		if by.parent > 1 {
			if above := p.look(by.parent); above.name != "" {
				return by.parent, above.name
			}
		}
	}
	return parent, by.name
}

func (p *parents) look(pid int) program {
	now := time.Now()
	p.mu.Lock()
	known, ok := p.known[pid]
	p.mu.Unlock()
	if ok && now.Sub(known.at) < programMemory {
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
