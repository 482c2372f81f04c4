// Package awsconfig reads profiles from ~/.aws/config and ~/.aws/credentials
// as the SDKs do, and remembers the file and line of every value. Where the
// SDKs differ, docs/config-reading.md has the choice made here.
package awsconfig

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Files names the two files, by absolute paths. A file that is missing, an
// empty name and /dev/null read as empty.
type Files struct{ Config, Credentials string }

// Config is both files as they were read once. It does not change.
type Config struct {
	version     uint64
	config      *text
	credentials *text
	memo        *sync.Map // *Profile by name; nil unless Memoized made it
}

// Memoized returns a copy of c that keeps each profile that it has read, for a program
// that asks for the same profiles again and again.
func (c *Config) Memoized() *Config {
	return &Config{version: c.version, config: c.config, credentials: c.credentials, memo: &sync.Map{}}
}

// Version names the content: a Reader returns the same *Config, with the same
// version, until one of the files says something else, and never a version
// again that it gave to another content.
func (c *Config) Version() uint64 { return c.version }

// Format keeps the files' content out of anything printed.
func (c Config) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "%s and %s", c.config.path, c.credentials.path)
}

func newConfig(config, credentials *text, versions *atomic.Uint64) *Config {
	return &Config{version: versions.Add(1), config: config, credentials: credentials}
}

// Profile returns a profile by its name; ok is false if no file has it: Explain says
// why.
func (c *Config) Profile(name string) (p *Profile, ok bool) {
	if c.memo != nil {
		if p, ok := c.memo.Load(name); ok {
			return p.(*Profile), true
		}
	}
	p = &Profile{Name: name}
	for _, t := range []*text{c.credentials, c.config} {
		first, ok := t.first[profileHead][name]
		if !ok {
			continue
		}
		entries := t.readSection(t.sections[first].kind, name)
		p.at = at(t.path, int(t.sections[first].line))
		if t == c.config {
			p.config = entries
		} else {
			p.credentials = entries
		}
	}
	if ok = p.at != ""; ok && c.memo != nil {
		c.memo.Store(name, p)
	}
	return p, ok
}

// Names returns the profiles in the order of the config file, then those that
// only the credentials file has.
func (c *Config) Names() []string {
	names := c.config.names()
	for _, n := range c.credentials.names() {
		if _, ok := c.config.first[profileHead][n]; !ok {
			names = append(names, n)
		}
	}
	return names
}

// Services returns the section [services name] of the config file.
func (c *Config) Services(name string) (s *Section, ok bool) {
	return c.section(servicesHead, name)
}

// SSOSession returns the section [sso-session name] of the config file.
func (c *Config) SSOSession(name string) (s *Section, ok bool) {
	return c.section(ssoSessionHead, name)
}

// SSOSessions returns the names of the [sso-session] sections, sorted.
func (c *Config) SSOSessions() []string {
	return slices.Sorted(maps.Keys(c.config.first[ssoSessionHead]))
}

func (c *Config) section(k headKind, name string) (*Section, bool) {
	first, ok := c.config.first[k][name]
	if !ok {
		return nil, false
	}
	entries := c.config.readSection(k, name)
	return &Section{Name: name, at: at(c.config.path, int(c.config.sections[first].line)), entries: entries}, true
}

// Problems returns the lines that were passed over and those that another
// reader of the files trips on, by file and line, at most some hundreds.
func (c *Config) Problems() []Problem {
	return append(append([]Problem(nil), c.config.problems...), c.credentials.problems...)
}

// Parse returns what the two files would say with these texts. Its version is 0.
func Parse(f Files, config, credentials string) *Config {
	return &Config{config: newText(f.Config, config, configFile), credentials: newText(f.Credentials, credentials, credentialsFile)}
}
