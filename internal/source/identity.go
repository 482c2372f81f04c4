package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
)

// identity is the plan's ID: SHA-256 over every parameter that has an effect on
// what the session may do or on who is asked for it. Whatever comes in lists is
// sorted where its order means nothing to STS. Each part is written with its
// length, so that no two different sets of parts read the same.
func (c *call) identity() string {
	h := sha256.New()
	part(h, "understudy plan 1")
	switch {
	case c.proof != nil:
		part(h, "proof", string(c.proof.kind), c.proof.file, c.proof.command(), c.proof.provider)
	case c.signer.plan != nil:
		part(h, "base", c.signer.plan.ID)
	case c.signer.kept:
		part(h, "kept", c.signer.profile, c.signer.mark)
	default:
		part(h, "keys", c.signer.keys.AccessKeyID)
	}
	c.to.part(h)
	if c.device != nil {
		part(h, "mfa", c.device.serial)
	}
	if c.role == nil {
		part(h, "session", c.keyLife.String())
		return hex.EncodeToString(h.Sum(nil))
	}
	part(h, "role", c.role.arn.text, c.role.sessionName, c.role.externalID, c.role.sourceIdentity,
		c.role.duration.String(), c.role.policy)
	part(h, "policy-arns", sorted(c.role.policyARNs)...)
	tags := slices.SortedFunc(slices.Values(c.role.tags), func(a, b tag) int { return strings.Compare(a.key, b.key) })
	for _, t := range tags {
		part(h, "tag", t.key, t.value)
	}
	part(h, "transitive", sorted(c.role.transitive)...)
	return hex.EncodeToString(h.Sum(nil))
}

// part writes what a site changes about an answer.
func (s site) part(h hash.Hash) {
	part(h, "site", s.region, s.resolved, strconv.FormatBool(s.fips), strconv.FormatBool(s.dual))
}

func part(h hash.Hash, name string, values ...string) {
	fmt.Fprintf(h, "%s %d\n", name, len(values))
	for _, v := range values {
		fmt.Fprintf(h, "%d:%s\n", len(v), v)
	}
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
