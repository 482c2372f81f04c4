package daemon

import (
	"net"
	"slices"
	"sync"
	"time"

	"understudy/internal/wire"
)

// pool bounds the connections of a server. One that has not sent its request
// yet is idle, and the oldest idle one goes when a new one needs its place and no
// answer is about to leave one; those that came so lately that they have had no
// time to send it, or whose request lies there unread, keep theirs. One that waits
// for a fetch is parked: it takes no place, or a slow role would keep out everybody
// who can be answered at once.
type pool struct {
	limit int

	mu     sync.Mutex
	room   sync.Cond // a place is free, or the pool was closed
	slots  []*slot   // the oldest first
	parked int       // of them
	closed bool
}

// maxParked bounds those that wait for a fetch; more keep their places.
const maxParked = 1024

type slot struct {
	conn   net.Conn
	idle   bool
	parked bool
	gone   bool // it has no place any more
	since  time.Time
}

// hush ends the reading of a request, and no more: one that has just been read
// is answered.
func (sl *slot) hush() { sl.conn.SetReadDeadline(time.Unix(1, 0)) }

// grace is how long a connection is idle before it may be taken for silent.
const grace = 20 * time.Millisecond

func newPool(limit int) *pool {
	p := &pool{limit: limit}
	p.room.L = &p.mu
	return p
}

// wait returns when there is a place for one more connection, made free if
// need be; false when the pool was closed.
func (p *pool) wait() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for waited := false; len(p.slots)-p.parked >= p.limit && !p.closed; {
		if !waited && p.answeringLocked() {
			waited = true
			p.roomLocked(grace) // most likely at once
			continue
		}
		wait, evicted := p.evictLocked()
		if evicted {
			continue
		}
		if wait == 0 {
			p.room.Wait() // until one is answered
			continue
		}
		p.roomLocked(wait)
	}
	return !p.closed
}

// roomLocked waits until there may be a place, for d at most. p.mu must be held;
// it is let go meanwhile.
func (p *pool) roomLocked(d time.Duration) {
	t := time.AfterFunc(d, p.wakeAll)
	p.room.Wait()
	t.Stop()
}

// answeringLocked reports whether somebody is being answered, who then gives a
// place back. p.mu must be held.
func (p *pool) answeringLocked() bool {
	return slices.ContainsFunc(p.slots, func(sl *slot) bool { return !sl.idle && !sl.parked })
}

// add gives c a place, and the time in which it has to send its request.
func (p *pool) add(c net.Conn) *slot {
	c.SetReadDeadline(time.Now().Add(wire.ReadTimeout))
	p.mu.Lock()
	defer p.mu.Unlock()
	sl := &slot{conn: c, idle: true, since: time.Now()}
	p.slots = append(p.slots, sl)
	if p.closed {
		sl.hush()
	}
	return sl
}

func (p *pool) busy(sl *slot) {
	p.mu.Lock()
	sl.idle = false
	p.mu.Unlock()
}

// park frees the place of a connection that waits.
func (p *pool) park(sl *slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !sl.parked && !sl.gone && p.parked < maxParked {
		sl.parked = true
		p.parked++
		p.room.Signal()
	}
}

// wakeAll takes the lock so that nobody is between looking and waiting.
func (p *pool) wakeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.room.Broadcast()
}

func (p *pool) remove(sl *slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.removeLocked(sl)
}

func (p *pool) removeLocked(sl *slot) {
	sl.gone = true
	for i, other := range p.slots {
		if other == sl {
			p.slots = append(p.slots[:i], p.slots[i+1:]...)
			if sl.parked {
				p.parked--
			}
			p.room.Signal()
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

// evictLocked closes the oldest idle connection. Where all came too lately it
// returns how long to wait, and 0 where none is idle. p.mu must be held.
func (p *pool) evictLocked() (wait time.Duration, evicted bool) {
	for _, sl := range p.slots {
		if !sl.idle {
			continue
		}
		if age := time.Since(sl.since); age < grace {
			return grace - age, false // as are all that came after it
		}
		if heard(sl.conn) {
			wait = grace / 4
			continue
		}
		sl.hush()
		p.removeLocked(sl)
		return 0, true
	}
	return wait, false
}

// close ends the idle connections and all waiting for a place.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, sl := range p.slots {
		if sl.idle {
			sl.hush()
		}
	}
	p.room.Broadcast()
}

// closeAll ends every connection.
func (p *pool) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, sl := range p.slots {
		sl.conn.Close()
	}
}
