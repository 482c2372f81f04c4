package daemon

import (
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// memory returns unused memory to the system after a burst of requests: the daemon is
// idle most of the time, and users judge it by its resident memory. It collects
// garbage when the burst is over, because collecting during the burst would slow
// each request.
type memory struct {
	heap    func() heap
	free    func()
	collect func(percent int) // sets when the next collection begins, as GOGC does
	trim    func()            // returns what only the start needed

	uses      atomic.Uint64
	scheduled atomic.Bool // a check is scheduled; what follows belongs to the check
	large     bool        // the heap was large at the last check
	trimmed   bool
}

const (
	burstCheck = time.Second // interval of the checks
	burstOver  = 3           // checks without a request end the burst; by then the index is written, too
	worthwhile = 1 << 20     // bytes; less is not worth a collection

	// Sessions share their pages with the garbage of the fetches that made them, so
	// half of each page is lost if a collection begins when the heap has doubled. A
	// large heap is therefore collected twice as often; a small one is mostly spare
	// anyway, and its collections would cost the requests more than they give.
	largeHeap    = 12 << 20 // bytes
	largePercent = 50
	smallPercent = 100 // Go's default
)

func newMemory() *memory {
	m := &memory{heap: readHeap, free: debug.FreeOSMemory, trim: trimProgram, collect: func(int) {}}
	chosen := debug.SetGCPercent(smallPercent)
	debug.SetGCPercent(chosen)
	if chosen == smallPercent { // otherwise the user has set GOGC
		m.collect = func(percent int) { debug.SetGCPercent(percent) }
	}
	return m
}

// used records a request. It is cheap: every request calls it.
func (m *memory) used() {
	m.uses.Add(1)
	if m.scheduled.CompareAndSwap(false, true) {
		m.checkLater(m.uses.Load(), 0)
	}
}

// checkLater schedules a check for requests since the count was seen. quiet is the
// number of checks before that found none.
func (m *memory) checkLater(seen uint64, quiet int) {
	time.AfterFunc(burstCheck, func() {
		heap := m.heap()
		m.tune(heap)
		if now := m.uses.Load(); now != seen {
			m.checkLater(now, 0)
			return
		}
		if quiet++; quiet < burstOver {
			m.checkLater(seen, quiet)
			return
		}
		if heap.spare >= worthwhile {
			m.free()
		}
		if !m.trimmed {
			m.trimmed = true
			m.trim()
		}
		m.scheduled.Store(false) // only now, so that no two checks run at the same time
		if now := m.uses.Load(); now != seen && m.scheduled.CompareAndSwap(false, true) {
			m.checkLater(now, 0)
		}
	})
}

// tune sets how often the heap is collected: a large one more often.
func (m *memory) tune(h heap) {
	large := h.live >= largeHeap || m.large && h.live >= largeHeap/4*3 // hysteresis, because each change has a cost
	if large == m.large {
		return
	}
	m.large = large
	if large {
		m.collect(largePercent)
	} else {
		m.collect(smallPercent)
	}
}

// heap is what a check needs to know of Go's heap, in bytes.
type heap struct {
	live  uint64 // found by the last collection
	spare uint64 // free, or garbage since the last collection
}

func readHeap() heap {
	read := []metrics.Sample{
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(read)
	free, objects, live := read[0].Value.Uint64(), read[1].Value.Uint64(), read[2].Value.Uint64()
	return heap{live: live, spare: free + objects - min(live, objects)}
}
