package daemon

import (
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// inert returns a memory with heap h, which fails the test if it frees or tunes anything.
func inert(t *testing.T, h heap) *memory {
	return &memory{
		heap: func() heap { return h }, free: func() { t.Error("freed") },
		collect: func(int) { t.Error("the collector was set") }, trim: func() {},
	}
}

func TestMemoryIsGivenBackOnceWhenABurstIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var freed atomic.Int32
		m := inert(t, heap{spare: worthwhile})
		m.free = func() { freed.Add(1) }
		for burst := int32(1); burst <= 3; burst++ {
			for range 100 {
				m.used()
				time.Sleep(burstCheck * (burstOver - 1))
			}
			if freed.Load() != burst-1 {
				t.Fatalf("freed %d times in the middle of burst %d", freed.Load(), burst)
			}
			time.Sleep(time.Hour)
			if freed.Load() != burst {
				t.Fatalf("freed %d times after burst %d", freed.Load(), burst)
			}
		}
	})
}

func TestALittleMemoryIsNotWorthACollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inert(t, heap{spare: worthwhile - 1})
		m.used()
		time.Sleep(time.Hour)
	})
}

func TestALargeHeapIsCollectedMoreOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := heap{live: largeHeap - 1}
		var set []int
		m := inert(t, heap{})
		m.heap = func() heap { return now }
		m.collect = func(percent int) { set = append(set, percent) }
		for _, live := range []uint64{largeHeap - 1, largeHeap, 2 * largeHeap, largeHeap - 1, largeHeap, 0} {
			now.live = live
			m.used()
			time.Sleep(time.Hour)
			synctest.Wait()
		}
		if want := []int{largePercent, smallPercent}; !slices.Equal(set, want) {
			t.Errorf("set to %v, want %v", set, want)
		}
	})
}

func TestWhatOnlyTheStartNeededIsReturnedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trimmed := 0
		m := inert(t, heap{})
		m.trim = func() { trimmed++ }
		for range 3 {
			m.used()
			time.Sleep(time.Hour)
			synctest.Wait()
		}
		if trimmed != 1 {
			t.Errorf("%d times", trimmed)
		}
	})
}

var garbage []byte

func TestGarbageCountsAsSpare(t *testing.T) {
	runtime.GC()
	before := readHeap().spare
	for range 64 {
		garbage = make([]byte, 1<<20)
	}
	if got := readHeap().spare; got < worthwhile || got < before/2 {
		t.Errorf("%d bytes are spare, %d before 64 MB of garbage", got, before)
	}
}
