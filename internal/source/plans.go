package source

import (
	"sync"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/stamp"
)

// The bounds of the cache: as many pairs of files as awsconfig.Reader keeps, and
// more profiles in one pair than a configuration has.
const (
	maxPairs    = 16
	maxProfiles = 16384
)

// plans caches the plans made from the newest Config of each pair of files, so
// that a profile that was requested before costs one look-up.
type plans struct {
	mu    sync.Mutex
	pairs map[awsconfig.Files]*pair
	order []awsconfig.Files // oldest first
	drops int               // number of calls of drop
}

type pair struct {
	cfg      *awsconfig.Config
	profiles map[planKey]entry
}

// planKey identifies a plan in one Config. Other credentials of a caller lead to
// another plan.
type planKey struct {
	profile string
	env     *credential.Environment
}

type entry struct {
	plan *credential.Plan
	read []stamp.File // that the plan was made from, outside the configuration
}

// get returns the plan made before, if the files that it was made from are unchanged.
func (c *plans) get(files awsconfig.Files, cfg *awsconfig.Config, key planKey) (*credential.Plan, bool) {
	c.mu.Lock()
	var known entry
	if p := c.pairs[files]; p != nil && p.cfg == cfg {
		known = p.profiles[key]
	}
	c.mu.Unlock()
	for _, s := range known.read {
		if !s.Fresh() {
			return nil, false
		}
	}
	return known.plan, known.plan != nil
}

// drop removes every plan. A plan made from a configuration that was read before
// drop is not added later.
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

// put adds a plan, unless drop was called since dropped returned drops.
func (c *plans) put(files awsconfig.Files, cfg *awsconfig.Config, key planKey, plan *credential.Plan, read []stamp.File, drops int) {
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
		p.cfg, p.profiles = cfg, make(map[planKey]entry)
	}
	p.profiles[key] = entry{plan, read}
}
