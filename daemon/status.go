package daemon

import (
	"os"
	"time"

	"understudy/internal/status"
)

// status returns what `understudy status` prints. Whoever reads it may read the
// access log next, so that is written first.
func (d *daemon) status() status.Report {
	if d.access != nil {
		d.access.Flush()
	}
	kind, reason := d.store.describe()
	d.mu.Lock()
	skew := d.skew
	d.mu.Unlock()
	return status.Report{
		Daemon: status.Daemon{
			PID: os.Getpid(), Version: d.options.Version, Store: kind, StoreReason: reason,
			StartedAt: status.Time{Time: d.began}, ClockSkewS: int(skew / time.Second),
		},
		Sessions: d.broker.Status(),
	}
}

// reportSkew is how far off the clock may be before the log says so.
const reportSkew = time.Minute

// noteSkew records how far STS's clock is ahead of this machine's.
func (d *daemon) noteSkew(skew time.Duration) {
	d.mu.Lock()
	before := d.skew
	d.skew = skew
	d.mu.Unlock()
	if skew.Abs() > reportSkew && before.Abs() <= reportSkew {
		d.log.Warn("this machine's clock is off", "skew", skew.Round(time.Second).String())
	}
}
