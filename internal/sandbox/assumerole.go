package sandbox

import (
	"encoding/xml"
	"net/url"
	"time"
)

type assumedXML struct {
	XMLName          xml.Name        `xml:"AssumeRoleResult"`
	AssumedRoleID    string          `xml:"AssumedRoleUser>AssumedRoleId"`
	ARN              string          `xml:"AssumedRoleUser>Arn"`
	Credentials      *credentialsXML `xml:",omitempty"`
	PackedPolicySize int             `xml:",omitempty"`
	SourceIdentity   string          `xml:",omitempty"`
}

// assumeRole checks the parameters first, then who may, then for how long, as
// the real one does.
func (s *Server) assumeRole(v url.Values, p *principal, b Behaviour) (any, error) {
	ask, err := parseAssume(v)
	if err != nil {
		return nil, err
	}
	role, ok := s.role(ask.roleARN)
	if !ok || !p.trustedBy(role) || (role.ExternalID != "" && role.ExternalID != ask.externalID) {
		return nil, notAuthorized("AssumeRole", p, ask.roleARN)
	}
	mfa, err := s.checkMFA(v, p, b)
	if err != nil {
		return nil, err
	}
	if role.RequireMFA && !mfa && !p.mfa {
		return nil, notAuthorized("AssumeRole", p, ask.roleARN)
	}
	if err := ask.checkChain(p); err != nil {
		return nil, err
	}
	switch {
	case p.temporary() && ask.duration > time.Hour:
		return nil, invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case ask.duration > role.MaxDuration:
		return nil, invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	identity := ask.sourceIdentity
	if identity == "" {
		identity = p.sourceIdentity
	}
	next := roleSession(ask.roleARN, ask.sessionName)
	next.mfa = mfa || p.mfa
	next.sourceIdentity = identity
	next.transitive = ask.passedOn(p)
	creds, session := s.grant(next, ask.duration, b)
	return assumedXML{
		AssumedRoleID:    session.userID,
		ARN:              session.arn,
		Credentials:      creds,
		PackedPolicySize: ask.packedSize(),
		SourceIdentity:   identity,
	}, nil
}

// grant issues a session of the asked life, or of the one the Behaviour sets,
// and writes its credentials down for the answer.
func (s *Server) grant(p principal, life time.Duration, b Behaviour) (*credentialsXML, *principal) {
	if b.Lifetime > 0 {
		life = b.Lifetime
	}
	now := b.now()
	p.expires = now.Add(life).Truncate(time.Second)
	issued := s.issue(p, b)
	return b.Mutate.mutate(&credentialsXML{
		AccessKeyID:     issued.keyID,
		SecretAccessKey: issued.secret.Reveal(),
		SessionToken:    issued.token.Reveal(),
		Expiration:      issued.expires.Format(time.RFC3339),
	}, now), issued
}
