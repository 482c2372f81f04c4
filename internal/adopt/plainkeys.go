package adopt

import (
	"slices"
	"strings"

	"understudy/internal/awsconfig"
)

// Lines that have a profile's key read from the keychain.
const (
	keysKey    = awsconfig.Prefix + "keys"
	inKeychain = keysKey + " = keychain"
)

// Import takes the plain long-lived keys of profiles out of the files: their
// lines go, and one that says where the key is now comes. A profile that is
// nothing but a key also gets the line by which SDKs ask us, since they have
// nothing else of it any more. It returns the keys beside the outcomes; those of
// a profile that is not Moved are empty.
func (m *Mover) Import(f Files, names []string) (*Change, []awsconfig.StaticKeys) {
	drafts, config, names := begin(f), f.Parse(), once(names)
	outcomes, keys := make([]Outcome, len(names)), make([]awsconfig.StaticKeys, len(names))
	var takes []string
	for i, name := range names {
		outcomes[i], keys[i] = importable(config, drafts, name)
		if outcomes[i].State == Moved {
			takes = append(takes, name)
		}
	}
	refused := map[string]error{}
	m.refuse(f, takes, refused)
	for i, name := range names {
		switch why := refused[name]; {
		case why != nil:
			outcomes[i], keys[i] = left(outcomes[i], why), awsconfig.StaticKeys{}
		case outcomes[i].State == Moved:
			outcomes[i].Notes = subjectOf(drafts, name).takeOut(m, drafts)
		}
	}
	return &Change{Config: drafts[0], Credentials: drafts[1], Profiles: outcomes}, keys
}

// importable returns the key of a profile if it is Moved, or why it has none to move.
func importable(config *awsconfig.Config, drafts [2]*awsconfig.Draft, name string) (Outcome, awsconfig.StaticKeys) {
	o := Outcome{Profile: name, State: Moved}
	p, ok := config.Profile(name)
	if !ok {
		return left(o, config.Explain(name)), awsconfig.StaticKeys{}
	}
	s := subjectOf(drafts, name)
	if len(s.staticPairs()) == 0 {
		if s.value(keysKey) == "keychain" {
			o.State = Already
			return o, awsconfig.StaticKeys{}
		}
		return left(o, no("to store a key from somewhere else, run: understudy keys add "+name, "%s: profile %q has no key in plain text", p.At(), name)), awsconfig.StaticKeys{}
	}
	key, why := s.plainKey(p)
	if why != nil {
		return left(o, why), awsconfig.StaticKeys{}
	}
	return o, key
}

// refuse adds to refused the profiles whose key cannot be taken out without changing
// how another line is read. Usually there is none, and one trial is enough. Otherwise
// the profiles are tried in halves, so that not each of them needs a trial.
func (m *Mover) refuse(f Files, names []string, refused map[string]error) {
	if len(names) == 0 {
		return
	}
	trial := begin(f)
	for _, name := range names {
		subjectOf(trial, name).takeOut(m, trial)
	}
	why := unsettled(trial)
	switch half := len(names) / 2; {
	case why == nil:
	case half == 0:
		refused[names[0]] = why
	default:
		m.refuse(f, names[:half], refused)
		m.refuse(f, names[half:], refused)
	}
}

// Mark has a profile's key read from the keychain, where the files have no key
// of it.
func (m *Mover) Mark(f Files, name string) *Change {
	drafts := begin(f)
	o := Outcome{Profile: name, State: Moved}
	s := subjectOf(drafts, name)
	p, ok := f.Parse().Profile(name)
	static := s.staticPairs()
	switch {
	case !ok:
		o = left(o, f.Parse().Explain(name))
	case len(static) > 0:
		o = left(o, no("move that key: understudy keys import "+name, "%s: %s stands here in plain text", static[0].At(), static[0].Key))
	case s.value(keysKey) == "keychain":
		o.State = Already
	case s.has(keysKey):
		o = left(o, no("write "+inKeychain, "%s: profile %q says %s already, and something else", p.At(), name, keysKey))
	default:
		o.Notes = m.point(drafts, s)
		if why := unsettled(drafts); why != nil {
			return &Change{Config: begin(f)[0], Credentials: begin(f)[1], Profiles: []Outcome{left(o, why)}}
		}
	}
	return &Change{Config: drafts[0], Credentials: drafts[1], Profiles: []Outcome{o}}
}

// staticPairs lists the pairs that are parts of a plain static key.
func (s *subject) staticPairs() (all []place) {
	for p := range s.pairs() {
		if isStatic(strings.ToLower(p.Key)) {
			all = append(all, p)
		}
	}
	return all
}

// plainKey is the one key of the profile, or why there is not just that one to
// take: another pair would be lost with its lines.
func (s *subject) plainKey(p *awsconfig.Profile) (awsconfig.StaticKeys, error) {
	key, ok, err := p.Keys()
	if err != nil {
		return key, err
	}
	for _, one := range s.staticPairs() {
		var want string
		switch strings.ToLower(one.Key) {
		case "aws_access_key_id":
			want = key.AccessKeyID
		case "aws_secret_access_key":
			want = key.SecretAccessKey.Reveal()
		default:
			if one.Value() == "" {
				continue
			}
			return key, no("only a key that has no end is kept; take the three lines out when it has ended", "%s: %s says that the key is temporary", one.At(), one.Key)
		}
		switch {
		case one.Last != one.Line:
			return key, no("write the value on one line", "%s: there is more below %s", one.At(), one.Key)
		case !ok || one.Value() == "":
			return key, no("write it, or take the line out", "%s: %s is empty", one.At(), one.Key)
		case one.Value() != want:
			return key, no("take out the one that is not used", "%s: %s is another than in the key of %s", one.At(), one.Key, key.At)
		}
	}
	return key, nil
}

// takeOut takes the key's lines out, says where the key is, and returns notes for
// people.
func (s *subject) takeOut(m *Mover, drafts [2]*awsconfig.Draft) []string {
	for _, p := range s.staticPairs() {
		drafts[p.part.file].Remove(p.Line, p.Line)
	}
	notes := m.point(drafts, s)
	for _, p := range s.parts {
		if p.file == 1 {
			drafts[1].RemoveEmpty(p.Line)
		}
	}
	return notes
}

// point writes that the key is in the keychain, and has SDKs ask us where they
// have nothing else of the profile.
func (m *Mover) point(drafts [2]*awsconfig.Draft, s *subject) (notes []string) {
	p := s.parts[0]
	var lines []string
	_, plugged := s.plugged()
	switch {
	case plugged:
	case s.movable():
		notes = append(notes, "an SDK goes by what else the profile says from now on, not by the key; to have understudy serve it, run: understudy adopt "+s.name)
	case !awsconfig.OneWord(s.name):
		notes = append(notes, "no SDK reads the name alike in a command, so that the profile is for source_profile alone")
	default:
		lines = append(lines, p.Indent+process+" = "+m.command(s.name))
	}
	if !s.has(keysKey) {
		lines = append(lines, p.Indent+inKeychain)
	}
	drafts[p.file].Insert(p.Line, lines...)
	return notes
}

// unsettled says which line would be read otherwise; nil when none would.
func unsettled(drafts [2]*awsconfig.Draft) error {
	for _, d := range drafts {
		if line := d.Settled(); line > 0 {
			return no("move that line, or take the white space in front of it away", "%s would be read otherwise without the key above it", d.At(line))
		}
	}
	return nil
}

// PlainKeys returns the profiles that have a long-lived key in plain text.
func PlainKeys(f Files) (names []string) {
	drafts := begin(f)
	for _, name := range f.Parse().Names() {
		s := subjectOf(drafts, name)
		temporary := func(p place) bool { return strings.HasSuffix(strings.ToLower(p.Key), "token") && p.Value() != "" }
		if all := s.staticPairs(); len(all) > 0 && !slices.ContainsFunc(all, temporary) {
			names = append(names, name)
		}
	}
	return names
}
