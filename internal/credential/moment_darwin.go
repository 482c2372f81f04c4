package credential

import (
	"time"

	"golang.org/x/sys/unix"
)

// On macOS CLOCK_MONOTONIC goes on while the machine sleeps
// (CLOCK_UPTIME_RAW is the one that stops).
const clockMonotonic = 6

func sinceBoot() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(clockMonotonic, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

func readBootID() string {
	id, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return id
}
