package credential

import (
	"strconv"
	"time"

	"golang.org/x/sys/windows"
)

func sinceBoot() time.Duration { return windows.DurationSinceBoot() }

// Windows names its boots only in the registry of the memory manager; the
// second the machine started, taken once per process and rounded to a minute
// so that two processes agree, serves as well.
func readBootID() string {
	started := time.Now().Add(-windows.DurationSinceBoot()).Round(time.Minute)
	return strconv.FormatInt(started.Unix(), 10)
}
