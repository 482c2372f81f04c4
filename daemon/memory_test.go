package daemon

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryIsGivenBackOnceWhenABurstIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var freed atomic.Int32
		m := &memory{spare: func() uint64 { return worthwhile }, free: func() { freed.Add(1) }}
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
		m := &memory{spare: func() uint64 { return worthwhile - 1 }, free: func() { t.Error("freed") }}
		m.used()
		time.Sleep(time.Hour)
	})
}

var garbage []byte

func TestGarbageCountsAsSpare(t *testing.T) {
	runtime.GC()
	before := spareMemory()
	for range 64 {
		garbage = make([]byte, 1<<20)
	}
	if got := spareMemory(); got < worthwhile || got < before/2 {
		t.Errorf("%d bytes are spare, %d before 64 MB of garbage", got, before)
	}
}
