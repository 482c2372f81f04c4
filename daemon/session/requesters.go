package session

import (
	"slices"

	"understudy/internal/credential"
)

// requesters are the queries that are served a session, each with the plan that
// its configuration gave it last; nil for those of an earlier daemon. It is a
// list, because nearly every session has one: a map of one is ten times as large.
type requesters []requester

type requester struct {
	query credential.Query
	plan  *credential.Plan
}

// maxRequesters bounds them; no one has more profiles for one role.
const maxRequesters = 256

func (r requesters) index(q credential.Query) int {
	return slices.IndexFunc(r, func(one requester) bool { return one.query == q })
}

// plan returns what q's configuration gave last; nil if that is not known.
func (r requesters) plan(q credential.Query) *credential.Plan {
	if i := r.index(q); i >= 0 {
		return r[i].plan
	}
	return nil
}

// set records that q asked and was given p, if there is room.
func (r *requesters) set(q credential.Query, p *credential.Plan) {
	if i := r.index(q); i >= 0 {
		(*r)[i].plan = p
	} else if len(*r) < maxRequesters {
		*r = append(*r, requester{q, p})
	}
}

// remove drops one, unless its configuration gave it another plan meanwhile.
func (r *requesters) remove(one requester) {
	if i := slices.Index(*r, one); i >= 0 {
		*r = slices.Delete(*r, i, i+1)
	}
}

// forgetSecrets drops the plans, which hold keys, and the callers' own
// credentials.
func (r *requesters) forgetSecrets() {
	var bare requesters
	for _, one := range *r {
		one.query.Environment = nil
		bare.set(one.query, nil)
	}
	*r = bare
}
