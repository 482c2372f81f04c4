package aws

import "time"

// Purpose describes one request in messages.
type Purpose struct {
	What  string // what the request does, such as: assume role "arn:..."
	Owner string // owner of the keys that sign it, such as: profile "dev"
	At    string // file:line of the profile with its parameters
}

// Request is what one call asks STS for.
type Request struct {
	Purpose
	Auth     Auth
	Role     *Role         // to assume; nil for a session of the keys themselves
	Duration time.Duration // of the session, in whole seconds
}

// Role is a role to assume, with the limits of its session. Empty parameters are
// not sent. STS takes fewer of them with a token or an assertion.
type Role struct {
	ARN               string
	SessionName       string
	ExternalID        string
	SourceIdentity    string
	Policy            string // JSON
	PolicyARNs        []string
	Tags              []Tag
	TransitiveTagKeys []string
}

// Tag is a session tag.
type Tag struct{ Key, Value string }
