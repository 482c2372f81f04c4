package source

import (
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
)

// chainedLimit is the longest session that STS gives to a call that temporary
// credentials sign.
const chainedLimit = time.Hour

// role makes the plan of a profile with role_arn: AssumeRole, signed as its
// source_profile or credential_source says.
func role(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	arn, err := parseRoleARN(by)
	if err != nil {
		return nil, err
	}
	ask, err := b.assumeRole(p, arn)
	if err != nil {
		return nil, err
	}
	s, err := b.signing(p)
	if err != nil {
		return nil, err
	}
	if s, err = b.withDevice(p, s, arn.partition); err != nil {
		return nil, err
	}
	to, err := b.endpoint(p, s.region, arn.partition)
	if err != nil {
		return nil, err
	}
	if s.temporary && ask.length > chainedLimit {
		b.r.logOnce.do("clamped "+p.name+" "+ask.length.String(), func() {
			b.r.Log.Warn("a chained session lasts an hour at most; asking for that",
				"profile", p.name, "duration_seconds", int(ask.length.Seconds()))
		})
		ask.length = chainedLimit
	}
	c := &call{r: b.r, to: to, signer: s.signer, op: ask, what: fmt.Sprintf("assume role %q", arn.text), at: p.At()}
	return c.plan(p.name, "role via "+s.description), nil
}

func (q *assumeRole) identity(h hash.Hash) {
	part(h, "role", q.arn.text, q.sessionName, q.externalID, q.sourceIdentity, q.length.String(), q.policy)
	part(h, "policy-arns", sorted(q.policyARNs)...)
	tags := slices.SortedFunc(slices.Values(q.tags), func(a, b aws.Tag) int { return strings.Compare(a.Key, b.Key) })
	for _, t := range tags {
		part(h, "tag", t.Key, t.Value)
	}
	part(h, "transitive", sorted(q.transitive)...)
}

func (q *assumeRole) role() *aws.Role {
	return &aws.Role{
		ARN: q.arn.text, SessionName: q.sessionName, ExternalID: q.externalID, SourceIdentity: q.sourceIdentity,
		Policy: q.policy, PolicyARNs: q.policyARNs, Tags: q.tags, TransitiveTagKeys: q.transitive,
	}
}

func (q *assumeRole) duration() time.Duration { return q.length }

func (q *assumeRole) describe(p *credential.Plan) { p.RoleARN, p.AccountID = q.arn.text, q.arn.account }

// explain sets the hint for a role that may not be assumed: which policies must allow
// it, and which parameters were sent. It does not repeat the external ID.
func (q *assumeRole) explain(r *aws.Refusal) {
	if r.Kind != aws.NoPermission {
		return
	}
	external := "no external_id was sent"
	if q.externalID != "" {
		external = "sent: external_id of " + q.externalAt
	}
	tags := ""
	if len(q.tags) > 0 {
		tags = " and its tags"
	}
	r.Hint = text.Clean(fmt.Sprintf("the caller needs sts:AssumeRole, and the role's trust policy has to allow the caller%s; %s, session name %s",
		tags, external, q.sessionName))
}
