package awsconfig

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// Prefix marks a key as understudy's own: every SDK passes over it, and it
// wins over the key without.
const Prefix = "understudy_"

// Value is what one key says and where.
type Value struct {
	Text string // several lines are joined by \n
	Key  string // as it is written
	File string
	Line int // from 1
}

// At is where the value stands, "file:line".
func (v Value) At() string { return at(v.File, v.Line) }

// StaticKeys is a long-lived key, or a session someone wrote into a file.
type StaticKeys struct {
	AccessKeyID     string
	SecretAccessKey credential.Secret
	SessionToken    credential.Secret // empty for a long-lived key
	At              string            // file:line of the access key id
}

// Profile is one profile: its section of the credentials file laid over its
// section of the config file.
type Profile struct {
	Name        string
	at          string
	config      map[string]*entry
	credentials map[string]*entry
}

// At is where the profile's header stands, "file:line": in the config file
// where it has a section there.
func (p *Profile) At() string { return p.at }

// Format keeps the keys out of anything printed.
func (p *Profile) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "profile %q (%s)", p.Name, p.at) }

// Get returns what the profile says for key: understudy_key before key, and
// for each the credentials file before the config file. ok is false when it
// says nothing; a key with an empty value is there, and so an empty
// understudy_key switches key off. Keys are found in any case. The secrets of
// a static key are not to be had here but through Keys.
func (p *Profile) Get(key string) (v Value, ok bool) {
	key = strings.TrimPrefix(strings.ToLower(key), Prefix)
	if key == secretAccessKey || key == sessionToken {
		return Value{}, false
	}
	for _, k := range []string{Prefix + key, key} {
		for _, m := range []map[string]*entry{p.credentials, p.config} {
			if e, ok := m[k]; ok {
				return e.Value, true
			}
		}
	}
	return Value{}, false
}

// All returns everything that the profile says, with our prefix and without, what
// the other file overrides included: in the order of the files' lines, the config
// file first. In place of a static key's secrets it has "[secret]".
func (p *Profile) All() []Value {
	var all []Value
	for _, m := range []map[string]*entry{p.config, p.credentials} {
		from := len(all)
		for k, e := range m {
			v := e.Value
			if (k == secretAccessKey || k == sessionToken) && v.Text != "" {
				v.Text = credential.NewSecret(v.Text).String()
			}
			all = append(all, v)
		}
		slices.SortFunc(all[from:], func(a, b Value) int { return a.Line - b.Line })
	}
	return all
}

// Prefixed returns what the profile says with our prefix, in the order of the
// files' lines, the config file first.
func (p *Profile) Prefixed() []Value {
	var all []Value
	for _, m := range []map[string]*entry{p.config, p.credentials} {
		from := len(all)
		for k, e := range m {
			if strings.HasPrefix(k, Prefix) {
				all = append(all, e.Value)
			}
		}
		slices.SortFunc(all[from:], func(a, b Value) int { return a.Line - b.Line })
	}
	return all
}

const (
	accessKeyID     = "aws_access_key_id"
	secretAccessKey = "aws_secret_access_key"
	sessionToken    = "aws_session_token"
)

// Keys returns the static key of the profile, all parts from one file: the
// credentials file when it has any part, else the config file. ok is false
// when neither has one. Half a pair is a *credential.Failure that names the
// place.
func (p *Profile) Keys() (k StaticKeys, ok bool, err error) {
	for _, m := range []map[string]*entry{p.credentials, p.config} {
		id, secret := said(m, accessKeyID), said(m, secretAccessKey)
		switch {
		case id == nil && secret == nil:
			continue
		case secret == nil:
			return StaticKeys{}, false, p.half(id, accessKeyID, secretAccessKey)
		case id == nil:
			return StaticKeys{}, false, p.half(secret, secretAccessKey, accessKeyID)
		}
		k = StaticKeys{AccessKeyID: id.Text, SecretAccessKey: credential.NewSecret(secret.Text), At: id.At()}
		if token := said(m, sessionToken); token != nil {
			k.SessionToken = credential.NewSecret(token.Text)
		}
		return k, true, nil
	}
	return StaticKeys{}, false, nil
}

// said returns the entry of key, nil when there is none or it is empty.
func said(m map[string]*entry, key string) *entry {
	if e := m[key]; e != nil && e.Text != "" {
		return e
	}
	return nil
}

func (p *Profile) half(e *entry, has, misses string) error {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: fmt.Sprintf("%s: profile %q has %s without %s", e.At(), p.Name, has, misses),
		Hint:   fmt.Sprintf("write both %s and %s into %s, or neither", accessKeyID, secretAccessKey, e.File),
	}
}
