package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"

	"understudy/internal/aws"
)

// identity returns the plan's ID: SHA-256 over every parameter that has an effect
// on what the session may do, or on which server is asked for it. Lists whose
// order means nothing to STS are sorted. Each part has its length before it, so
// that no two different lists of parts give the same bytes.
//
// Sessions are stored under these IDs: what is hashed must not change from one
// version to the next. testdata/plan-ids.txt records examples.
func (c *call) identity() string {
	h := newIdentity()
	c.signer.identity(h, c.to)
	c.op.identity(h)
	return sum(h)
}

// newIdentity begins the ID of any plan.
func newIdentity() hash.Hash {
	h := sha256.New()
	part(h, "understudy plan 1")
	return h
}

func sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// endpointPart writes what has an effect on an endpoint's answer.
func endpointPart(h hash.Hash, e aws.Endpoint) {
	part(h, "site", e.Region, e.Resolved, strconv.FormatBool(e.FIPS), strconv.FormatBool(e.DualStack))
}

func part(h hash.Hash, name string, values ...string) {
	fmt.Fprintf(h, "%s %d\n", name, len(values))
	for _, v := range values {
		fmt.Fprintf(h, "%d:%s\n", len(v), v)
	}
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
