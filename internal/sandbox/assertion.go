package sandbox

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"time"
)

const (
	samlIssuer           = "https://idp.example.com/saml"
	roleAttribute        = "https://aws.amazon.com/SAML/Attributes/Role"
	sessionNameAttribute = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
	assertionLife        = 5 * time.Minute // STS takes none that is older, whatever it says of itself
)

// samlResponse is a SAML response with what STS looks at. The signature is the
// sandbox's own, over all of the rest, in the place where a real one stands.
type samlResponse struct {
	XMLName   xml.Name      `xml:"urn:oasis:names:tc:SAML:2.0:protocol Response"`
	ID        string        `xml:",attr"`
	Version   string        `xml:",attr"`
	Assertion samlAssertion `xml:"urn:oasis:names:tc:SAML:2.0:assertion Assertion"`
}

type samlAssertion struct {
	ID         string          `xml:",attr"`
	Issued     time.Time       `xml:"IssueInstant,attr"`
	Issuer     string          `xml:"Issuer"`
	Signature  string          `xml:"Signature>SignatureValue"`
	Subject    string          `xml:"Subject>NameID"`
	Conditions samlConditions  `xml:"Conditions"`
	Statement  samlStatement   `xml:"AuthnStatement"`
	Attributes []samlAttribute `xml:"AttributeStatement>Attribute"`
}

type samlConditions struct {
	From     time.Time `xml:"NotBefore,attr"`
	Until    time.Time `xml:"NotOnOrAfter,attr"`
	Audience string    `xml:"AudienceRestriction>Audience"`
}

type samlStatement struct {
	At   time.Time `xml:"AuthnInstant,attr"`
	Ends string    `xml:"SessionNotOnOrAfter,attr,omitempty"` // RFC 3339
}

type samlAttribute struct {
	Name   string   `xml:",attr"`
	Values []string `xml:"AttributeValue"`
}

// most is the longest session that a has for somebody who asks for life.
func (a *samlAssertion) most(life time.Duration, now time.Time) time.Duration {
	ends, err := time.Parse(time.RFC3339, a.Statement.Ends)
	if err != nil {
		return life
	}
	return min(life, ends.Sub(now))
}

func (a *samlAssertion) attribute(name string) []string {
	for _, at := range a.Attributes {
		if at.Name == name {
			return at.Values
		}
	}
	return nil
}

// Assertion is what a SAML assertion says.
type Assertion struct {
	RoleARN     string
	Provider    string        // "" means SAMLProvider of the role's account
	Subject     string        // "" means alice
	SessionName string        // "" means alice@example.com; "-" leaves the attribute out
	Audience    string        // "" means SAMLAudience
	Lifetime    time.Duration // 0 means five minutes; less than nothing means that it has ended
	Session     time.Duration // how long a session may last that is got with it; 0 means that it does not say
}

// SAMLAssertion mints an assertion, in base64 as AssumeRoleWithSAML takes it,
// signed by the sandbox's identity provider. Two of the same Assertion differ.
func (s *Server) SAMLAssertion(a Assertion) string {
	s.mu.Lock()
	now := s.behaviour.now().Truncate(time.Second)
	s.mu.Unlock()
	issued := now
	if a.Lifetime < 0 {
		issued = now.Add(2 * a.Lifetime)
	}
	provider := a.Provider
	if provider == "" {
		provider = SAMLProvider(accountOf(a.RoleARN))
	}
	r := &samlResponse{ID: "_" + requestID(), Version: "2.0", Assertion: samlAssertion{
		ID: "_" + requestID(), Issued: issued, Issuer: samlIssuer, Subject: cmp.Or(a.Subject, "alice"),
		Conditions: samlConditions{issued, now.Add(cmp.Or(a.Lifetime, assertionLife)), cmp.Or(a.Audience, SAMLAudience)},
		Statement:  samlStatement{At: issued},
		Attributes: []samlAttribute{{roleAttribute, []string{a.RoleARN + "," + provider}}},
	}}
	if a.Session > 0 {
		r.Assertion.Statement.Ends = now.Add(a.Session).Format(time.RFC3339)
	}
	if a.SessionName != "-" {
		name := samlAttribute{sessionNameAttribute, []string{cmp.Or(a.SessionName, "alice@example.com")}}
		r.Assertion.Attributes = append(r.Assertion.Attributes, name)
	}
	r.Assertion.Signature = s.idp.seal(r)
	return base64.StdEncoding.EncodeToString(encode(r))
}

// seal is the signature over all of r but the signature.
func (i issuer) seal(r *samlResponse) string {
	bare := *r
	bare.Assertion.Signature = ""
	h := hmac.New(sha256.New, i.secret)
	h.Write(encode(bare))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// readAssertion checks an assertion's shape, issuer, signature, audience and
// end, as STS does. Its error is a *refusal.
func (i issuer) readAssertion(text string, now time.Time) (*samlAssertion, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, notAToken("Invalid base64 SAMLResponse")
	}
	r := new(samlResponse)
	if err := xml.Unmarshal(raw, r); err != nil {
		return nil, notAToken("Failed to parse SAML response")
	}
	a := &r.Assertion
	switch {
	case a.Issuer != samlIssuer:
		return nil, notAToken("Issuer not present in specified provider")
	case !hmac.Equal([]byte(i.seal(r)), []byte(a.Signature)):
		return nil, notAToken("Response signature invalid")
	case a.Conditions.Audience != SAMLAudience:
		return nil, notAToken("Response does not contain the required audience.")
	case !now.Before(a.Conditions.Until), now.Before(a.Conditions.From), now.Sub(a.Issued) >= assertionLife:
		return nil, refuse(http.StatusBadRequest, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
	}
	return a, nil
}
