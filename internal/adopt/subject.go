package adopt

import (
	"iter"
	"slices"
	"strings"

	"understudy/internal/awsconfig"
)

// begin starts the drafts of the config file and of the credentials file.
func begin(f Files) [2]*awsconfig.Draft {
	return [2]*awsconfig.Draft{
		awsconfig.DraftConfig(f.Config, f.ConfigText),
		awsconfig.DraftCredentials(f.Credentials, f.CredentialsText),
	}
}

// subject is one profile, all its sections: those of the config file, then those
// of the credentials file, so that of two pairs with one key the later counts.
type subject struct {
	name  string
	parts []part
}

// part is one section, in one of the two files.
type part struct {
	awsconfig.Part
	file int // 0 the config file, 1 the credentials file
	at   func(line int) string
}

// place is one pair and where it stands.
type place struct {
	awsconfig.Pair
	part *part
}

// At is "file:line".
func (p place) At() string { return p.part.at(p.Line) }

func subjectOf(drafts [2]*awsconfig.Draft, name string) *subject {
	s := &subject{name: name}
	for file, d := range drafts {
		for _, p := range d.Parts(name) {
			s.parts = append(s.parts, part{Part: p, file: file, at: d.At})
		}
	}
	return s
}

// pairs yields every pair, in the order of the parts.
func (s *subject) pairs() iter.Seq[place] {
	return func(yield func(place) bool) {
		for i := range s.parts {
			for _, p := range s.parts[i].Pairs {
				if !yield(place{p, &s.parts[i]}) {
					return
				}
			}
		}
	}
}

// find returns the pair that counts for a key, which is in small letters and
// taken as it is.
func (s *subject) find(key string) (found place, ok bool) {
	for p := range s.pairs() {
		if strings.ToLower(p.Key) == key {
			found, ok = p, true
		}
	}
	return found, ok
}

// value is what find finds, "" for nothing.
func (s *subject) value(key string) string {
	p, _ := s.find(key)
	return p.Value()
}

func (s *subject) has(key string) bool {
	_, ok := s.find(key)
	return ok
}

// remembered is what understudy_adopted says.
type remembered struct {
	kept  []string // keys, with the prefix, that are to stay as they are
	added []string // keys without the prefix whose lines are to go
}

func (s *subject) remembered() (r remembered) {
	for p := range s.pairs() {
		if strings.ToLower(p.Key) != awsconfig.Adopted {
			continue
		}
		for word := range strings.FieldsSeq(strings.ToLower(p.Value())) {
			if key, ok := strings.CutPrefix(word, "+"); ok {
				r.added = append(r.added, key)
			} else {
				r.kept = append(r.kept, word)
			}
		}
	}
	return r
}

// own reports whether a pair is the line by which SDKs ask us for this profile,
// or one that adopt wrote.
func (s *subject) own(p place, r remembered) bool {
	if strings.ToLower(p.Key) != process {
		return false
	}
	o, ok := awsconfig.ParseOwn(p.Value())
	return ok && (o.Profile == s.name || slices.Contains(r.added, process))
}

// plugged returns the line by which SDKs ask us.
func (s *subject) plugged() (line place, ok bool) {
	r := s.remembered()
	for p := range s.pairs() {
		if s.own(p, r) {
			line, ok = p, true
		}
	}
	return line, ok
}

// touched reports whether the profile was moved in before, or has a part of that
// left.
func (s *subject) touched() bool {
	if _, ok := s.plugged(); ok {
		return true
	}
	for p := range s.pairs() {
		if k := strings.ToLower(p.Key); k == awsconfig.Adopted || strings.HasPrefix(k, awsconfig.Was) {
			return true
		}
	}
	return false
}
