package session

import (
	"slices"

	"understudy/internal/credential"
)

// requesters are the queries that get a session, each with the plan that it resolved
// to last; nil for a query of an earlier daemon. It is a list, not a map, because
// nearly every session has one requester: a map of one is ten times as large.
type requesters []requester

type requester struct {
	query credential.Query
	plan  *credential.Plan
}

// maxRequesters bounds them; no configuration has more profiles for one role.
const maxRequesters = 256

func (r requesters) index(q credential.Query) int {
	return slices.IndexFunc(r, func(one requester) bool { return one.query == q })
}

// plan returns the plan that q resolved to last; nil if it is unknown.
func (r requesters) plan(q credential.Query) *credential.Plan {
	if i := r.index(q); i >= 0 {
		return r[i].plan
	}
	return nil
}

// set records that q resolved to p, if there is room.
func (r *requesters) set(q credential.Query, p *credential.Plan) {
	if i := r.index(q); i >= 0 {
		(*r)[i].plan = p
	} else if len(*r) < maxRequesters {
		*r = append(*r, requester{q, p})
	}
}

// remove drops gone, unless its query resolved to another plan meanwhile.
func (r *requesters) remove(gone requester) {
	if i := slices.Index(*r, gone); i >= 0 {
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
