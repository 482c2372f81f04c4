package sandbox

import (
	"encoding/xml"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// SAMLAudience is whom an assertion for AWS is meant for.
const SAMLAudience = "https://signin.aws.amazon.com/saml"

// SAMLProvider is the ARN that a role in the account trusts in order to be
// assumed with an assertion. Every account has it.
func SAMLProvider(account string) string { return "arn:aws:iam::" + account + ":saml-provider/example" }

var providerShape = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:saml-provider/[\w._-]+$`)

type samlXML struct {
	XMLName          xml.Name `xml:"AssumeRoleWithSAMLResult"`
	Issuer           string
	Audience         string
	Subject          string
	SubjectType      string
	NameQualifier    string
	AssumedRoleID    string          `xml:"AssumedRoleUser>AssumedRoleId"`
	ARN              string          `xml:"AssumedRoleUser>Arn"`
	Credentials      *credentialsXML `xml:",omitempty"`
	PackedPolicySize int             `xml:",omitempty"`
}

// assumeWithSAML checks the parameters, then the assertion, then whether the
// role trusts the provider, then for how long.
func (s *Server) assumeWithSAML(v url.Values, b Behaviour) (any, error) {
	ask, err := parseSession(v, []field{
		{"PrincipalArn", "principalArn", 20, 2048, nil, true},
		{"SAMLAssertion", "sAMLAssertion", 4, 100000, nil, true},
	})
	if err == nil {
		err = ask.checkSize()
	}
	if err != nil {
		return nil, err
	}
	provider := v.Get("PrincipalArn")
	if !providerShape.MatchString(provider) {
		return nil, invalid("%s is invalid", provider)
	}
	if provider != SAMLProvider(accountOf(provider)) {
		return nil, notAToken("Specified provider doesn't exist")
	}
	a, err := s.idp.readAssertion(v.Get("SAMLAssertion"), b.now())
	if err != nil {
		return nil, err
	}
	if ask.sessionName, err = a.sessionName(); err != nil {
		return nil, err
	}
	if !a.offers(ask.roleARN, provider) || accountOf(provider) != accountOf(ask.roleARN) {
		return nil, denied("Not authorized to perform sts:AssumeRoleWithSAML")
	}
	if err := s.federated("AssumeRoleWithSAML", ask, provider, a.Subject); err != nil {
		return nil, err
	}
	creds, session := s.grant(roleSession(ask.roleARN, ask.sessionName), a.most(ask.duration, b.now()), b)
	return samlXML{
		Issuer: a.Issuer, Audience: a.Conditions.Audience, Subject: a.Subject, SubjectType: "persistent",
		NameQualifier: "sandbox", AssumedRoleID: session.userID, ARN: session.arn, Credentials: creds, PackedPolicySize: ask.packedSize(),
	}, nil
}

// sessionName is the assertion's: a call has none of its own.
func (a *samlAssertion) sessionName() (string, error) {
	name := a.attribute(sessionNameAttribute)
	switch {
	case len(name) == 0:
		return "", notAToken("RoleSessionName is required in AuthnResponse")
	case len(name[0]) < 2 || len(name[0]) > 64 || !nameShape.MatchString(name[0]):
		return "", notAToken("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
	}
	return name[0], nil
}

// offers reports whether the role is among those the assertion names, as
// ROLE,PROVIDER or the other way round.
func (a *samlAssertion) offers(role, provider string) bool {
	return slices.ContainsFunc(a.attribute(roleAttribute), func(pair string) bool {
		one, other, _ := strings.Cut(pair, ",")
		one, other = strings.TrimSpace(one), strings.TrimSpace(other)
		return one == role && other == provider || one == provider && other == role
	})
}

// accountOf is the account of an ARN, "" where there is none.
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}
