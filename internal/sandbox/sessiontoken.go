package sandbox

import (
	"encoding/xml"
	"net/url"
)

type sessionTokenXML struct {
	XMLName     xml.Name        `xml:"GetSessionTokenResult"`
	Credentials *credentialsXML `xml:",omitempty"`
}

// maxSessionToken and defSessionToken are lives of a GetSessionToken session,
// in seconds.
const (
	maxSessionToken = 129600
	defSessionToken = 43200
)

// getSessionToken issues a session that speaks for the user itself; only a
// long-lived key may ask.
func (s *Server) getSessionToken(v url.Values, p *principal, b Behaviour) (any, error) {
	life, err := parseDuration(v, defSessionToken, maxSessionToken)
	if err != nil {
		return nil, err
	}
	if p.temporary() {
		return nil, denied("Cannot call GetSessionToken with session credentials")
	}
	mfa, err := s.checkMFA(v, p, b)
	if err != nil {
		return nil, err
	}
	creds, _ := s.grant(principal{
		accountID: p.accountID,
		arn:       p.arn,
		userID:    p.userID,
		mfa:       mfa,
	}, life, b)
	return sessionTokenXML{Credentials: creds}, nil
}
