package credential

import (
	"sync"
	"time"
)

// Moment is one reading of both clocks. The wall clock is what AWS and the
// SDKs compare an expiry with, but people and NTP set it; the boot clock
// counts every second since the machine started, sleep included, and nobody
// sets it, but it starts again with each boot.
type Moment struct {
	Wall time.Time     // without a monotonic reading
	Boot time.Duration // since the boot named by BootID
	ID   string        // names the boot; empty when the platform cannot tell
}

var bootID = sync.OnceValue(readBootID)

// Now reads both clocks.
func Now() Moment {
	return Moment{Wall: time.Now().Round(0), Boot: sinceBoot(), ID: bootID()}
}

// Since returns the time from t to m on the boot clock; ok is false when the
// two were not read in the same boot.
func (m Moment) Since(t Moment) (d time.Duration, ok bool) {
	if m.ID == "" || m.ID != t.ID {
		return 0, false
	}
	return m.Boot - t.Boot, true
}
