package main

import (
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// memory gives back what a burst of requests has left behind. A daemon that holds
// little and rests most of its life is judged by what it keeps resident; but to
// collect garbage all the time for that would cost each request of a burst, so it
// is done when the burst is over.
type memory struct {
	spare func() uint64 // bytes that could be given back, at least
	free  func()

	uses   atomic.Uint64
	waking atomic.Bool // a look is due
}

const (
	burstOver  = 2 * time.Second // without a request
	worthwhile = 1 << 20         // less is not worth the collection
)

func newMemory() *memory { return &memory{spare: spareMemory, free: debug.FreeOSMemory} }

// used says that a request came. It takes no time.
func (m *memory) used() {
	m.uses.Add(1)
	if m.waking.CompareAndSwap(false, true) {
		m.lookLater()
	}
}

func (m *memory) lookLater() {
	seen := m.uses.Load()
	time.AfterFunc(burstOver, func() {
		if m.uses.Load() != seen {
			m.lookLater()
			return
		}
		m.waking.Store(false)
		if m.spare() >= worthwhile {
			m.free()
		}
	})
}

// spareMemory is what the last collection found free, and what may have become
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
