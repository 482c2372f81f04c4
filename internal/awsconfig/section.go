package awsconfig

import (
	"fmt"
	"strings"
)

// Section is a section of the config file that is no profile.
type Section struct {
	Name    string
	at      string
	entries map[string]*entry
}

// At is where the section's header stands, "file:line".
func (s *Section) At() string { return s.at }

// Format prints the section's name and place.
func (s *Section) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "section %q (%s)", s.Name, s.at) }

// Get returns what the section says for key, understudy_key before key.
func (s *Section) Get(key string) (v Value, ok bool) { return get(s.entries, key) }

// Nested returns what the block below a key of the section says for key,
// understudy_key before key:
//
//	sts =
//	  endpoint_url = http://127.0.0.1:4566
func (s *Section) Nested(block, key string) (v Value, ok bool) {
	e, ok := s.entries[strings.ToLower(block)]
	if !ok {
		return Value{}, false
	}
	return get(e.nested, key)
}

func get(m map[string]*entry, key string) (Value, bool) {
	key = strings.TrimPrefix(strings.ToLower(key), Prefix)
	for _, k := range []string{Prefix + key, key} {
		if e, ok := m[k]; ok {
			return e.Value, true
		}
	}
	return Value{}, false
}
