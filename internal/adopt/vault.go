package adopt

import (
	"slices"
	"strings"

	"understudy/internal/awsconfig"
)

// maxIncludes is how many profiles may include one another.
const maxIncludes = 16

// fromVault translates aws-vault's include_profile (parent_profile in its older
// versions): what the profile does not say it takes from another. mfa_process,
// session_tags, transitive_session_tags and source_identity are ours as well. A
// credential_process that runs aws-vault stays what is run, since the key lies in
// a keychain that is aws-vault's.
func fromVault(drafts [2]*awsconfig.Draft, s *subject) (t translation) {
	includes := func(s *subject) string { return s.value("include_profile") + s.value("parent_profile") }
	seen := []string{s.name}
	for from := includes(s); from != "" && len(seen) < maxIncludes && !slices.Contains(seen, from); {
		seen = append(seen, from)
		other := subjectOf(drafts, from)
		for p := range other.pairs() {
			key, _ := bare(p.Key)
			if included(key) && !(key == process && (program(p.Value()) == "aws-vault" || isOurs(p.Value()))) && last(other, p) {
				t.set(s, key, p.Value())
			}
		}
		from = includes(other)
	}
	if len(t.added) > 0 {
		t.tool = "aws-vault"
		t.notes = append(t.notes, "takes from "+strings.Join(seen[1:], ", ")+" what include_profile gave it; change it here from now on")
	}
	if program(s.value(process)) == "aws-vault" {
		t.notes = append(t.notes, "aws-vault is run as before, behind the cache; to do without: understudy keys add "+s.name)
	}
	return t
}

// included reports whether aws-vault takes a key from an included profile, of
// those that understudy acts on.
func included(key string) bool {
	return moves(key) || slices.Contains([]string{
		"region", "mfa_process", "source_identity", "session_tags", "transitive_session_tags", "sts_regional_endpoints",
		"web_identity_token_process", "endpoint_url",
	}, key)
}

// last reports whether p is the pair that counts for its key.
func last(s *subject, p place) bool {
	found, ok := s.find(strings.ToLower(p.Key))
	return ok && found.part == p.part && found.Line == p.Line
}
