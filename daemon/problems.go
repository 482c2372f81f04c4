package daemon

import (
	"log/slog"
	"sync/atomic"

	"understudy/internal/awsconfig"
)

// problemLog logs, once for each reading of the configuration, what some program
// would fail on: a line that is ignored here may make the AWS CLI refuse the whole
// file.
type problemLog struct {
	log  *slog.Logger
	seen atomic.Uint64 // the version logged last
}

// mostProblems is how many of one reading are logged.
const mostProblems = 10

func (p *problemLog) note(c *awsconfig.Config) {
	if c == nil || p.seen.Swap(c.Version()) == c.Version() {
		return
	}
	all := c.Problems()
	for _, one := range all[:min(len(all), mostProblems)] {
		p.log.Warn("configuration", "at", one.At(), "problem", one.Text)
	}
	if more := len(all) - mostProblems; more > 0 {
		p.log.Warn("configuration", "more_problems", more)
	}
}
