package sandbox

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
)

type identityXML struct {
	XMLName xml.Name `xml:"GetCallerIdentityResult"`
	ARN     string   `xml:"Arn"`
	UserID  string   `xml:"UserId"`
	Account string
}

type keyInfoXML struct {
	XMLName xml.Name `xml:"GetAccessKeyInfoResult"`
	Account string
}

var keyIDShape = regexp.MustCompile(`^[\w]*$`)

// getAccessKeyInfo tells the account of a key the server knows. The real one
// reads it out of the key ID, so that it knows them all.
func (s *Server) getAccessKeyInfo(v url.Values) (any, error) {
	if err := (field{"AccessKeyId", "accessKeyId", 16, 128, keyIDShape, true}).check(v); err != nil {
		return nil, err
	}
	p, ok := s.principal(v.Get("AccessKeyId"))
	if !ok {
		return nil, refuse(http.StatusForbidden, "AccessDenied", "The access key %s is unknown", v.Get("AccessKeyId"))
	}
	return keyInfoXML{Account: p.accountID}, nil
}
