package sandbox

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// What a token of the sandbox's issuer says of itself, and the provider that
// every account has for it.
const (
	Issuer   = "https://token.example.com"
	Audience = "sts.amazonaws.com"
)

// OIDCProvider is the ARN that a role in the account trusts in order to be
// assumed with a web identity.
func OIDCProvider(account string) string {
	return "arn:aws:iam::" + account + ":oidc-provider/token.example.com"
}

const rejectedClaim = "The identity provider (IdP) reported that authentication failed. This might be because the claim is invalid."

type webIdentityXML struct {
	XMLName          xml.Name        `xml:"AssumeRoleWithWebIdentityResult"`
	Subject          string          `xml:"SubjectFromWebIdentityToken"`
	Audience         string          `xml:",omitempty"`
	AssumedRoleID    string          `xml:"AssumedRoleUser>AssumedRoleId"`
	ARN              string          `xml:"AssumedRoleUser>Arn"`
	Credentials      *credentialsXML `xml:",omitempty"`
	Provider         string
	PackedPolicySize int `xml:",omitempty"`
}

// assumeWithWebIdentity checks the parameters, then the token, then whether the
// role trusts its issuer, then for how long.
func (s *Server) assumeWithWebIdentity(v url.Values, b Behaviour) (any, error) {
	ask, err := parseSession(v, []field{
		{"RoleSessionName", "roleSessionName", 2, 64, nameShape, true},
		{"WebIdentityToken", "webIdentityToken", 4, 20000, nil, true},
		{"ProviderId", "providerId", 4, 2048, nil, false},
	})
	if err == nil {
		err = ask.checkSize()
	}
	if err != nil {
		return nil, err
	}
	c, err := s.idp.readToken(v.Get("WebIdentityToken"), b.now())
	if err != nil {
		return nil, err
	}
	if err := s.federated("AssumeRoleWithWebIdentity", ask, OIDCProvider(accountOf(ask.roleARN)), c.Subject); err != nil {
		return nil, err
	}
	creds, session := s.grant(roleSession(ask.roleARN, ask.sessionName), ask.duration, b)
	return webIdentityXML{
		Subject: c.Subject, Audience: c.Audience, Provider: OIDCProvider(accountOf(ask.roleARN)),
		AssumedRoleID: session.userID, ARN: session.arn, Credentials: creds, PackedPolicySize: ask.packedSize(),
	}, nil
}

// federated checks what a role has to say to somebody whom the provider vouches
// for.
func (s *Server) federated(action string, ask *assume, provider, subject string) error {
	s.mu.Lock()
	rejected := s.rejected[subject]
	s.mu.Unlock()
	if rejected {
		return refuse(http.StatusForbidden, "IDPRejectedClaim", rejectedClaim)
	}
	role, ok := s.role(ask.roleARN)
	trusted := len(role.Trusts) == 0 || slices.Contains(role.Trusts, provider) || slices.Contains(role.Trusts, "*")
	if !ok || !trusted || role.RequireMFA {
		return denied("Not authorized to perform sts:%s", action)
	}
	if ask.duration > role.MaxDuration {
		return invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return nil
}

// Reject has the identity providers turn the subject away from now on: what
// carries its token or assertion is answered with IDPRejectedClaim.
func (s *Server) Reject(subject string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejected[subject] = true
}

// WebIdentity is what a web identity token says.
type WebIdentity struct {
	Subject  string        // "" leaves the claim out
	Issuer   string        // "" means the sandbox's
	Audience string        // "" means the one that providers have
	Lifetime time.Duration // 0 means an hour; less than nothing means that it has ended
}

// WebToken mints a token, a JWT signed by the sandbox's issuer. Two of the same
// WebIdentity differ.
func (s *Server) WebToken(w WebIdentity) string {
	s.mu.Lock()
	now := s.behaviour.now()
	s.mu.Unlock()
	return s.idp.mint(w, now)
}

func notAToken(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, "InvalidIdentityToken", format, args...)
}
