//go:build linux && race

package e2e

// raceDetector says that the daemon is to be built with it, as the tests were.
const raceDetector = true
