package source

import (
	"fmt"
	"io/fs"
	"os"
	"sync"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// Bounds of the cache: as many file pairs as the reader keeps, and more
// profiles in one pair than anybody has.
const (
	maxPairs    = 16
	maxProfiles = 16384
)

// plans keeps the plans made from the newest Config of each pair of files, so
// that a request for a profile seen before costs a lookup.
type plans struct {
	mu    sync.Mutex
	pairs map[awsconfig.Files]*pair
	order []awsconfig.Files // oldest first
	drops int               // calls of drop so far
}

type pair struct {
	cfg      *awsconfig.Config
	profiles map[asked]planned
}

// asked is what a plan was made for. Callers' own credentials make plans of
// their own.
type asked struct {
	profile string
	env     *credential.Environment
}

type planned struct {
	plan *credential.Plan
	read []stamp
}

// stamp is a file outside the configuration that a plan was made from.
type stamp struct {
	path string
	info fs.FileInfo // nil when there was none
}

// String tells one state of the file from another.
func (s stamp) String() string {
	if s.info == nil {
		return "missing"
	}
	return fmt.Sprintf("%d bytes of %d", s.info.Size(), s.info.ModTime().UnixNano())
}

// fresh reports whether the file is still the one that was read, as far as a
// stat can tell.
func (s stamp) fresh() bool {
	now, err := os.Stat(s.path)
	if s.info == nil {
		return err != nil
	}
	return err == nil && os.SameFile(now, s.info) && now.Size() == s.info.Size() && now.ModTime().Equal(s.info.ModTime())
}

func (c *plans) get(files awsconfig.Files, cfg *awsconfig.Config, what asked) (*credential.Plan, bool) {
	c.mu.Lock()
	var known planned
	if p := c.pairs[files]; p != nil && p.cfg == cfg {
		known = p.profiles[what]
	}
	c.mu.Unlock()
	for _, s := range known.read {
		if !s.fresh() {
			return nil, false
		}
	}
	return known.plan, known.plan != nil
}

// drop lets every plan go: those made by now, and those of a configuration that
// was read by now.
func (c *plans) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pairs, c.order = nil, nil
	c.drops++
}

func (c *plans) dropped() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drops
}

// put keeps a plan, unless drop was called since dropped said so many.
func (c *plans) put(files awsconfig.Files, cfg *awsconfig.Config, what asked, plan *credential.Plan, read []stamp, drops int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drops != drops {
		return
	}
	p := c.pairs[files]
	if p == nil {
		if c.pairs == nil {
			c.pairs = make(map[awsconfig.Files]*pair)
		}
		if len(c.order) == maxPairs {
			delete(c.pairs, c.order[0])
			c.order = c.order[1:]
		}
		p = &pair{}
		c.pairs[files] = p
		c.order = append(c.order, files)
	}
	if p.cfg != cfg || len(p.profiles) >= maxProfiles {
		p.cfg, p.profiles = cfg, make(map[asked]planned)
	}
	p.profiles[what] = planned{plan, read}
}
