package daemon

import (
	"log/slog"
	"sync/atomic"

	"understudy/internal/awsconfig"
)

// problemLog logs the problems of the configuration, once each time it is read. A line
// that understudy ignores may make the AWS CLI reject the whole file.
type problemLog struct {
	log  *slog.Logger
	seen atomic.Uint64 // the version logged last
}

// mostProblems is how many problems are logged each time.
const mostProblems = 10

func (p *problemLog) note(c *awsconfig.Config) {
	if c == nil || p.seen.Swap(c.Version()) == c.Version() {
		return
	}
	all := c.Problems()
	for _, problem := range all[:min(len(all), mostProblems)] {
		p.log.Warn("configuration", "at", problem.At(), "problem", problem.Text)
	}
	if more := len(all) - mostProblems; more > 0 {
		p.log.Warn("configuration", "more_problems", more)
	}
}
