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
// one is evicted, unless it is younger than grace or has an unread request. One
// that waits for a fetch is parked: it takes no place, or a slow role would keep
// out all who can be answered at once.
type pool struct {
	limit int

	mu      sync.Mutex
	notFull sync.Cond // or the pool was closed
	members []*member // the oldest first
	parked  int       // of them
	closed  bool
}

// maxParked bounds those that wait for a fetch; more keep their places.
const maxParked = 1024

// member is what one connection has in the pool.
type member struct {
	conn   net.Conn
	idle   bool
	parked bool
	gone   bool // it is no longer in the pool
	since  time.Time
}

// hush ends the reading of a request, and nothing else: one that has just been read
// is answered.
func (m *member) hush() { m.conn.SetReadDeadline(time.Unix(1, 0)) }

// grace is how long a connection is idle before it may be evicted.
const grace = 20 * time.Millisecond

func newPool(limit int) *pool {
	p := &pool{limit: limit}
	p.notFull.L = &p.mu
	return p
}

// wait returns when there is a place for one more connection, after an eviction if
// need be; false if the pool was closed.
func (p *pool) wait() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for waited := false; len(p.members)-p.parked >= p.limit && !p.closed; {
		if !waited && p.answeringLocked() {
			waited = true
			p.notFullLocked(grace) // most likely at once
			continue
		}
		wait, evicted := p.evictLocked()
		if evicted {
			continue
		}
		if wait == 0 {
			p.notFull.Wait() // until one is answered
			continue
		}
		p.notFullLocked(wait)
	}
	return !p.closed
}

// notFullLocked waits until there may be a place, for d at most. The caller holds
// p.mu, which is released meanwhile.
func (p *pool) notFullLocked(d time.Duration) {
	t := time.AfterFunc(d, p.wakeAll)
	p.notFull.Wait()
	t.Stop()
}

// answeringLocked reports whether an answer is in progress, after which a place is
// free. The caller holds p.mu.
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
		m.hush()
	}
	return m
}

func (p *pool) busy(m *member) {
	p.mu.Lock()
	m.idle = false
	p.mu.Unlock()
}

// park frees the place of a connection that waits.
func (p *pool) park(m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !m.parked && !m.gone && p.parked < maxParked {
		m.parked = true
		p.parked++
		p.notFull.Signal()
	}
}

// wakeAll takes the lock so that no goroutine is between looking and waiting.
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

// evictLocked closes the oldest idle connection. If all are too young it returns
// how long to wait, and 0 if none is idle. The caller holds p.mu.
func (p *pool) evictLocked() (wait time.Duration, evicted bool) {
	for _, m := range p.members {
		if !m.idle {
			continue
		}
		if age := time.Since(m.since); age < grace {
			return grace - age, false // as are all that came after it
		}
		if hasUnreadInput(m.conn) {
			wait = grace / 4
			continue
		}
		m.hush()
		p.removeLocked(m)
		return 0, true
	}
	return wait, false
}

// close ends the idle connections and every wait for a place.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, m := range p.members {
		if m.idle {
			m.hush()
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
