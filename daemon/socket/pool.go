package socket

import (
	"net"
	"slices"
	"sync"
	"time"

	"understudy/internal/wire"
)

// pool bounds the connections of a server. A connection that has sent no request is
// idle. If the pool is full and no answer is about to free a place, the oldest idle
// connection is evicted, unless it is younger than grace or has unread input. A
// connection whose request waits for a fetch is parked: it takes no place, because a
// slow role would otherwise block callers that can be answered at once.
type pool struct {
	limit int

	mu      sync.Mutex
	notFull sync.Cond // also signaled when the pool is closed
	members []*member // the oldest first
	parked  int       // number of parked members
	closed  bool
}

// maxParked bounds the parked connections; further ones keep their places.
const maxParked = 1024

// member is a connection in the pool.
type member struct {
	conn   net.Conn
	idle   bool
	parked bool
	gone   bool      // no longer in the pool
	since  time.Time // when it was added
}

// stopReading ends the reading of a request. A request that has just been read is
// still answered.
func (m *member) stopReading() { m.conn.SetReadDeadline(time.Unix(1, 0)) }

// grace is the least time that a connection is idle before it is evicted.
const grace = 20 * time.Millisecond

func newPool(limit int) *pool {
	p := &pool{limit: limit}
	p.notFull.L = &p.mu
	return p
}

// wait waits for a place for one more connection, and evicts one if necessary. It
// returns false if the pool was closed.
func (p *pool) wait() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for waited := false; len(p.members)-p.parked >= p.limit && !p.closed; {
		if !waited && p.answeringLocked() {
			waited = true
			p.waitNotFullLocked(grace) // most likely it is soon
			continue
		}
		wait, evicted := p.evictLocked()
		if evicted {
			continue
		}
		if wait == 0 {
			p.notFull.Wait() // until a request is answered
			continue
		}
		p.waitNotFullLocked(wait)
	}
	return !p.closed
}

// waitNotFullLocked waits until there may be a place, for d at most. The caller holds
// p.mu, which is released meanwhile.
func (p *pool) waitNotFullLocked(d time.Duration) {
	t := time.AfterFunc(d, p.wakeAll)
	p.notFull.Wait()
	t.Stop()
}

// answeringLocked reports whether an answer is in progress, which will free a place.
// The caller holds p.mu.
func (p *pool) answeringLocked() bool {
	return slices.ContainsFunc(p.members, func(m *member) bool { return !m.idle && !m.parked })
}

// add gives c a place, and a deadline for its request.
func (p *pool) add(c net.Conn) *member {
	c.SetReadDeadline(time.Now().Add(wire.ReadTimeout))
	p.mu.Lock()
	defer p.mu.Unlock()
	m := &member{conn: c, idle: true, since: time.Now()}
	p.members = append(p.members, m)
	if p.closed {
		m.stopReading()
	}
	return m
}

func (p *pool) busy(m *member) {
	p.mu.Lock()
	m.idle = false
	p.mu.Unlock()
}

// park frees the place of a connection whose request waits for a fetch.
func (p *pool) park(m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !m.parked && !m.gone && p.parked < maxParked {
		m.parked = true
		p.parked++
		p.notFull.Signal()
	}
}

// wakeAll wakes all waiters. It takes the lock so that none is between its check and
// its wait.
func (p *pool) wakeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notFull.Broadcast()
}

func (p *pool) remove(m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.removeLocked(m)
}

func (p *pool) removeLocked(m *member) {
	m.gone = true
	for i, other := range p.members {
		if other == m {
			p.members = append(p.members[:i], p.members[i+1:]...)
			if m.parked {
				p.parked--
			}
			p.notFull.Signal()
			return
		}
	}
}

// evict closes the oldest idle connection, if there is one.
func (p *pool) evict() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.evictLocked()
}

// evictLocked evicts the oldest idle connection. If none can be evicted yet it returns
// how long to wait; 0 if none is idle. The caller holds p.mu.
func (p *pool) evictLocked() (wait time.Duration, evicted bool) {
	for _, m := range p.members {
		if !m.idle {
			continue
		}
		if age := time.Since(m.since); age < grace {
			return grace - age, false // later ones are younger still
		}
		if hasUnreadInput(m.conn) {
			wait = grace / 4
			continue
		}
		m.stopReading()
		p.removeLocked(m)
		return 0, true
	}
	return wait, false
}

// close ends the idle connections and all waits for a place.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, m := range p.members {
		if m.idle {
			m.stopReading()
		}
	}
	p.notFull.Broadcast()
}

// closeAll ends every connection.
func (p *pool) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.members {
		m.conn.Close()
	}
}
