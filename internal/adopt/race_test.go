//go:build race

package adopt

const raceDetector = true
