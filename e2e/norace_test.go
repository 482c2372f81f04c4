//go:build linux && !race

package e2e

import "time"

const (
	raceDetector = false
	atOnce       = 100 * time.Millisecond
)
