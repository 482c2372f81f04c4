package sandbox

import (
	"cmp"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"understudy/internal/credential"
)

// iamVersion is of the API of which the server knows what a user may do about
// the access keys of its own.
const (
	iamVersion   = "2010-05-08"
	iamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/"
	maxKeys      = 2 // of a user
)

// longKey is what is known of a long-lived access key beside its principal.
type longKey struct {
	id       string
	user     string // ARN
	created  time.Time
	used     time.Time // zero for never
	inactive bool
	unknown  int // calls it signs that are still answered as if it did not exist
}

type keyXML struct {
	UserName        string
	AccessKeyID     string `xml:"AccessKeyId"`
	Status          string
	SecretAccessKey string `xml:",omitempty"`
	CreateDate      string
}

type listKeysXML struct {
	XMLName     xml.Name `xml:"ListAccessKeysResult"`
	UserName    string
	Keys        []keyXML `xml:"AccessKeyMetadata>member"`
	IsTruncated string
}

type createKeyXML struct {
	XMLName xml.Name `xml:"CreateAccessKeyResult"`
	Key     keyXML   `xml:"AccessKey"`
}

type lastUsedXML struct {
	XMLName  xml.Name `xml:"GetAccessKeyLastUsedResult"`
	UserName string
	Date     string `xml:"AccessKeyLastUsed>LastUsedDate,omitempty"`
	Service  string `xml:"AccessKeyLastUsed>ServiceName"`
	Region   string `xml:"AccessKeyLastUsed>Region"`
}

// DenyKeys has IAM deny a user the action: "CreateAccessKey"; "" denies none.
// WithoutMFA denies only who has given no MFA code.
type DenyKeys struct {
	Action     string // "*" is all of them
	WithoutMFA bool
}

// manage does what a user may do about its access keys. Its error is a *refusal.
func (s *Server) manage(v url.Values, p *principal, b Behaviour) (any, error) {
	action := v.Get("Action")
	name := roleName(p.arn)
	if p.temporary() && !p.mfa {
		return nil, refuse(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid")
	}
	if d := b.DenyKeys; (d.Action == action || d.Action == "*") && !(d.WithoutMFA && p.mfa) || v.Get("UserName") != "" && v.Get("UserName") != name {
		return nil, denied("User: %s is not authorized to perform: iam:%s on resource: user %s", p.arn, action, v.Get("UserName"))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch action {
	case "ListAccessKeys":
		list := listKeysXML{UserName: name, IsTruncated: "false"}
		for _, k := range s.keysLocked(p.arn) {
			list.Keys = append(list.Keys, k.xml(name))
		}
		return list, nil
	case "CreateAccessKey":
		return s.createLocked(p, b)
	}
	k := s.longKeys[v.Get("AccessKeyId")]
	if k == nil || k.user != p.arn {
		return nil, refuse(http.StatusNotFound, "NoSuchEntity", "The Access Key with id %s cannot be found.", v.Get("AccessKeyId"))
	}
	switch action {
	case "UpdateAccessKey":
		k.inactive = v.Get("Status") == "Inactive"
		return nil, nil
	case "DeleteAccessKey":
		delete(s.longKeys, k.id)
		delete(s.principals, k.id)
		return nil, nil
	case "GetAccessKeyLastUsed":
		used := lastUsedXML{UserName: name, Service: "N/A", Region: "N/A"}
		if !k.used.IsZero() {
			used.Date, used.Service, used.Region = k.used.Format(time.RFC3339), "sts", "us-east-1"
		}
		return used, nil
	}
	return nil, refuse(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", action, iamVersion)
}

func (s *Server) createLocked(p *principal, b Behaviour) (any, error) {
	if len(s.keysLocked(p.arn)) >= maxKeys {
		return nil, refuse(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: %d", maxKeys)
	}
	next := *p
	for _, k := range s.keysLocked(p.arn) { // a session speaks for its user, whose device its keys have
		next.mfaSerial, next.totpSeed = s.principals[k.id].mfaSerial, s.principals[k.id].totpSeed
	}
	next.keyID, next.secret, next.token, next.mfa = "AKIA"+randomText(16), credential.NewSecret(fill(b.SecretMark, 40)), credential.Secret{}, false
	s.principals[next.keyID] = &next
	k := &longKey{id: next.keyID, user: p.arn, created: b.now(), unknown: b.NewKeysUnknown}
	s.longKeys[k.id] = k
	shown := k.xml(roleName(p.arn))
	shown.SecretAccessKey = next.secret.Reveal()
	return createKeyXML{Key: shown}, nil
}

// keysLocked are the access keys of a user, the oldest first. s.mu must be held.
func (s *Server) keysLocked(user string) []*longKey {
	var all []*longKey
	for _, k := range s.longKeys {
		if k.user == user {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b *longKey) int { return cmp.Or(a.created.Compare(b.created), strings.Compare(a.id, b.id)) })
	return all
}

func (k *longKey) xml(user string) keyXML {
	status := "Active"
	if k.inactive {
		status = "Inactive"
	}
	return keyXML{UserName: user, AccessKeyID: k.id, Status: status, CreateDate: k.created.Format(time.RFC3339)}
}

// use reports whether a long-lived key may sign now, and notes that it did.
func (s *Server) use(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.longKeys[id]
	switch {
	case k == nil:
		return true // a session's
	case k.inactive:
		return false
	case k.unknown > 0:
		k.unknown--
		return false
	}
	k.used = now
	return true
}

// Key is an access key of a user, as its owner sees it.
type Key struct {
	ID     string
	Active bool
}

// Keys returns the access keys of the user with this ARN, the oldest first.
func (s *Server) Keys(user string) []Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Key
	for _, k := range s.keysLocked(user) {
		all = append(all, Key{k.id, !k.inactive})
	}
	return all
}
