package source

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"understudy/internal/aws"
	"understudy/internal/credential"
)

// roleAttribute is the attribute of an assertion that lists the roles that its
// subject may assume, each with the SAML provider that allows it.
const roleAttribute = "https://aws.amazon.com/SAML/Attributes/Role"

// issuer returns the ARN of the SAML provider: the one that the profile names,
// else the one that the assertion lists for the role. STS requires it, and
// verifies it.
func (p *bearer) issuer(text credential.Secret) (string, error) {
	if p.provider != "" {
		return p.provider, nil
	}
	pairs, err := rolesIn(text.Reveal())
	if err != nil {
		return "", badValue(p.from, fmt.Sprintf("printed what is no %s: %v", p.kind, err),
			"it has to print base64, as the identity provider's form has it in SAMLResponse; where that is encrypted write understudy_saml_provider_arn")
	}
	for _, pair := range pairs {
		if pair.role == p.role {
			return pair.provider, nil
		}
	}
	hint := "the assertion lists no role; ask whoever runs the identity provider, or write understudy_saml_provider_arn"
	if len(pairs) > 0 {
		hint = "it is for " + brief(pairs[0].role) + andMore(len(pairs)-1) + "; ask whoever runs the identity provider for the role"
	}
	return "", badValue(p.from, "printed an assertion that is not for "+p.role, hint)
}

func andMore(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

type rolePair struct{ role, provider string }

// maxRolePairs bounds the roles that are read.
const maxRolePairs = 1000

// rolesIn lists the roles of a base64 assertion. It uses no other part of it.
func rolesIn(text string) ([]rolePair, error) {
	plain, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("it is not base64")
	}
	d := xml.NewDecoder(bytes.NewReader(plain))
	d.Strict = true
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("not UTF-8") }
	var pairs []rolePair
	inside, root := false, false
	for len(pairs) < maxRolePairs {
		t, err := d.Token()
		if err == io.EOF && root {
			return pairs, nil
		}
		if err != nil {
			return nil, errors.New("it is not XML") // the decoder's message may hold a part of it
		}
		switch e := t.(type) {
		case xml.StartElement:
			root = true
			switch e.Name.Local {
			case "Attribute":
				inside = isNamed(e, roleAttribute)
			case "AttributeValue":
				if !inside {
					continue
				}
				var value struct {
					Text string `xml:",chardata"`
				}
				if err := d.DecodeElement(&value, &e); err != nil {
					return nil, errors.New("it is not XML")
				}
				if pair, ok := splitPair(value.Text); ok {
					pairs = append(pairs, pair)
				}
			}
		case xml.EndElement:
			if e.Name.Local == "Attribute" {
				inside = false
			}
		}
	}
	return pairs, nil
}

func isNamed(e xml.StartElement, name string) bool {
	for _, a := range e.Attr {
		if a.Name.Local == "Name" {
			return a.Value == name
		}
	}
	return false
}

// splitPair reads "role,provider", which comes in either order.
func splitPair(text string) (rolePair, bool) {
	a, b, ok := strings.Cut(text, ",")
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if isProviderARN(a) {
		a, b = b, a
	}
	_, problem := splitRoleARN(a)
	return rolePair{a, b}, ok && problem == "" && isProviderARN(b)
}

// isProviderARN reports whether text names a SAML provider of an account.
func isProviderARN(text string) bool {
	parts := strings.SplitN(text, ":", 6)
	if len(text) > maxARN || len(parts) != 6 || strings.ContainsFunc(text, notVisible) {
		return false
	}
	name, ok := strings.CutPrefix(parts[5], "saml-provider/")
	return parts[0] == "arn" && isPartition(parts[1]) && parts[2] == "iam" && parts[3] == "" && aws.IsAccountID(parts[4]) && ok && name != ""
}
