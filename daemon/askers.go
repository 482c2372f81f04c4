package daemon

import (
	"slices"

	"understudy/internal/credential"
)

// askers are who is served a session, each with the plan that its configuration
// gave it last; nil for those of an earlier daemon. It is a list, because nearly
// every session has one: a map of one is ten times as large.
type askers []asker

type asker struct {
	query credential.Query
	plan  *credential.Plan
}

// maxAskers bounds them; more profiles for one role are nobody's.
const maxAskers = 256

func (a askers) index(q credential.Query) int {
	return slices.IndexFunc(a, func(one asker) bool { return one.query == q })
}

// plan returns what q's configuration gave last; nil where that is not known.
func (a askers) plan(q credential.Query) *credential.Plan {
	if i := a.index(q); i >= 0 {
		return a[i].plan
	}
	return nil
}

// set notes that q asked and was given p, as long as there is room.
func (a *askers) set(q credential.Query, p *credential.Plan) {
	if i := a.index(q); i >= 0 {
		(*a)[i].plan = p
	} else if len(*a) < maxAskers {
		*a = append(*a, asker{q, p})
	}
}

// remove forgets one, unless its configuration gave it another plan meanwhile.
func (a *askers) remove(one asker) {
	if i := slices.Index(*a, one); i >= 0 {
		*a = slices.Delete(*a, i, i+1)
	}
}
