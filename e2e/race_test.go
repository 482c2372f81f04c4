//go:build linux && race

package e2e

import "time"

// raceDetector says that the daemon is to be built with it, as the tests were.
const raceDetector = true

// atOnce bounds a helper that asks nobody, start of the process included. The
// detector slows the daemon, and the test itself, several times.
const atOnce = 300 * time.Millisecond
