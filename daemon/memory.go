package daemon

import (
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// memory returns to the system what a burst of requests has left behind. A daemon
// that holds little and is idle most of its life is judged by its resident memory.
// To collect garbage all the time would slow each request of a burst, so it is done
// when the burst is over.
type memory struct {
	spare func() uint64 // bytes that could be returned, at least
	free  func()

	uses   atomic.Uint64
	waking atomic.Bool // a look is due
}

const (
	burstLook  = time.Second // during a burst and until it is over
	burstOver  = 3           // looks without a request; by then the index of sessions is written, too
	worthwhile = 1 << 20     // less is not worth the collection
)

func newMemory() *memory { return &memory{spare: spareMemory, free: debug.FreeOSMemory} }

// used records a request. It costs next to nothing.
func (m *memory) used() {
	m.uses.Add(1)
	if m.waking.CompareAndSwap(false, true) {
		m.lookLater(m.uses.Load(), 0)
	}
}

// lookLater checks for uses since those seen. There were none for so many quiet
// looks before.
func (m *memory) lookLater(seen uint64, quiet int) {
	time.AfterFunc(burstLook, func() {
		if now := m.uses.Load(); now != seen {
			m.lookLater(now, 0)
			return
		}
		if quiet++; quiet < burstOver {
			m.lookLater(seen, quiet)
			return
		}
		m.waking.Store(false)
		if m.spare() >= worthwhile {
			m.free()
		}
	})
}

// spareMemory returns what the last collection found free, plus what may have become
// garbage since.
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
