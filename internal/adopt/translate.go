package adopt

import (
	"slices"
	"strings"

	"understudy/internal/awsconfig"
)

// translation is what another tool's keys come to. They stay as they are, so
// that the tool goes on working; lines of ours are added.
type translation struct {
	tool   string // "" where there is nothing to translate
	added  []added
	off    []string // keys that are switched off: the tool's own credential_process, what it wrote
	serves string   // the profile to ask for, where that is another

	base      string // another profile that gets keys
	baseAdded []added

	notes []string
}

// added is a key without our prefix and what it says.
type added struct{ key, value string }

// translate looks for traces of the tools that people come from.
func translate(drafts [2]*awsconfig.Draft, s *subject) translation {
	for _, from := range []func([2]*awsconfig.Draft, *subject) translation{fromGranted, fromVegas, fromAWSMFA, fromVault, fromRunas, fromSAML2AWS} {
		if t := from(drafts, s); t.tool != "" || len(t.notes) > 0 {
			return t
		}
	}
	return translation{}
}

// add adds what the profile says for from as to, unless one of ours or of the
// SDKs' says it already.
func (t *translation) add(s *subject, from, to string) bool {
	p, ok := s.find(from)
	if !ok || p.Value() == "" {
		return false
	}
	return t.set(s, to, p.Value())
}

func (t *translation) set(s *subject, key, value string) bool {
	if s.has(key) || s.has(awsconfig.Prefix+key) {
		return false
	}
	t.added = append(t.added, added{key, value})
	return true
}

// without tells of keys that have no equivalent.
func (t *translation) without(s *subject, what string, keys ...string) {
	for p := range s.pairs() {
		if slices.Contains(keys, strings.ToLower(p.Key)) {
			t.notes = append(t.notes, p.At()+": "+p.Key+" "+what)
		}
	}
}

// program is the base name of the program of a credential_process.
func program(command string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(command), " ")
	word = word[strings.LastIndexAny(word, `/\`)+1:]
	return strings.TrimSuffix(strings.ToLower(word), ".exe")
}
