//go:build linux && !race

package e2e

import "time"

const (
	raceDetector = false
	atOnce       = 250 * time.Millisecond
)
