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
	spare func() uint64 // at least how many bytes could be returned
	free  func()

	uses      atomic.Uint64
	scheduled atomic.Bool // a check is scheduled
}

const (
	burstCheck = time.Second // interval of the checks
	burstOver  = 3           // checks without a request end the burst; by then the index is written, too
	worthwhile = 1 << 20     // bytes; less is not worth a collection
)

func newMemory() *memory { return &memory{spare: spareMemory, free: debug.FreeOSMemory} }

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
		if now := m.uses.Load(); now != seen {
			m.checkLater(now, 0)
			return
		}
		if quiet++; quiet < burstOver {
			m.checkLater(seen, quiet)
			return
		}
		m.scheduled.Store(false)
		if m.spare() >= worthwhile {
			m.free()
		}
	})
}

// spareMemory returns the free memory of the heap, plus the memory that may have become
// garbage since the last collection.
func spareMemory() uint64 {
	read := []metrics.Sample{
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(read)
	free, objects, live := read[0].Value.Uint64(), read[1].Value.Uint64(), read[2].Value.Uint64()
	return free + objects - min(live, objects)
}
