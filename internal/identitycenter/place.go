package identitycenter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"understudy/internal/aws"
)

// Place is a portal of IAM Identity Center, and the way there.
type Place struct {
	StartURL string
	Region   string
	Scopes   []string // sorted
	Session  string   // name of the [sso-session] section; empty where the profile has the keys itself

	OIDC   string // URL of the service that signs in, without a slash at its end
	Portal string // URL of the service that hands out sessions, likewise
	Call   Call
}

// Call makes one request to a service with do, within a deadline of its own: see
// aws.Clients.IdentityCenter.
type Call func(ctx context.Context, what string, do func(context.Context, *http.Client) error) (aws.Response, error)

// Role is what a person may be at a portal.
type Role struct {
	Account string // 12 digits
	Name    string // of the permission set
	Profile string // that wants it, for people
}

// About is what a person is asked about: prompt.Question's About.
func (p Place) About() string { return "sso:" + p.StartURL }

// key names the sign-in: two places with the same share it, whatever the
// sections that describe them are called.
func (p Place) key() string {
	h := sha256.New()
	for _, v := range append([]string{p.StartURL, p.Region, p.OIDC, p.Portal}, p.Scopes...) {
		fmt.Fprintf(h, "%d:%s\n", len(v), v)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// cliFile is the name of the AWS CLI's file with the token of p.
func (p Place) cliFile() string {
	name := p.StartURL
	if p.Session != "" {
		name = p.Session
	}
	return cliFileName(name)
}
