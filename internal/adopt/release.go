package adopt

import (
	"slices"
	"strconv"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// release moves one profile out in the drafts.
func release(f Files, drafts [2]*awsconfig.Draft, name string) Outcome {
	out := Outcome{Profile: name, State: Moved}
	s := subjectOf(drafts, name)
	switch {
	case len(s.parts) == 0:
		return left(out, f.Parse().Explain(name))
	case !s.touched():
		out.State = Already
		return out
	}
	r := s.remembered()
	steps, why := s.out(r)
	if why != nil {
		return left(out, why)
	}
	for _, step := range steps {
		d := drafts[step.part.file]
		if step.key == "" {
			d.Remove(step.Line, step.Line)
			continue
		}
		d.Rename(step.Line, step.key)
	}
	for _, k := range []string{"policy", "policy_arns", "session_tags", "source_identity"} {
		if p, ok := s.find(awsconfig.Prefix + k); ok {
			out.Notes = append(out.Notes, p.At()+": "+p.Key+" is understudy's alone: no SDK sends it")
		}
	}
	if p, ok := s.find(keysKey); ok && p.Value() == "keychain" {
		out.Notes = append(out.Notes, p.At()+": the key stays in the keychain, where no SDK looks")
	}
	if base := subjectOf(drafts, name+longTerm); base.leansOn(s) {
		more := release(f, drafts, base.name)
		if more.State == Left {
			out.Notes = append(out.Notes, more.Why.Reason)
		}
	}
	return out
}

func left(o Outcome, why error) Outcome {
	o.State, o.Why = Left, credential.AsFailure(why)
	return o
}

// step is one line's way out: another key, or "" for gone.
type step struct {
	place
	key string
}

// out lists the steps that move the profile out, or says why it cannot be.
func (s *subject) out(r remembered) (steps []step, why error) {
	for p := range s.pairs() {
		key := strings.ToLower(p.Key)
		name, prefixed := bare(key)
		gone := s.own(p, r) || key == awsconfig.Adopted || prefixed && slices.Contains(r.added, name)
		switch {
		case gone && p.Last != p.Line:
			return nil, no("take those lines out, or give them a key of their own", "%s: the lines below belong to %s, which would go", p.At(), p.Key)
		case gone:
			steps = append(steps, step{p, ""})
		case strings.HasPrefix(key, awsconfig.Was):
			steps = append(steps, step{p, p.Key[len(awsconfig.Was):]})
		case prefixed && moves(name) && !slices.Contains(r.kept, key):
			steps = append(steps, step{p, p.Key[len(awsconfig.Prefix):]})
		}
	}
	return steps, s.twice(steps, r)
}

// twice refuses steps that would make two keys of a file's section the same that
// were not.
func (s *subject) twice(steps []step, r remembered) error {
	now := map[string]place{} // by file, key and what it was called
	for p := range s.pairs() {
		if key := strings.ToLower(p.Key); moves(key) && !s.own(p, r) {
			now[twin(p, key)] = p
		}
	}
	for _, st := range steps {
		if st.key == "" {
			continue
		}
		k := twin(st.place, strings.ToLower(st.key))
		if p, ok := now[k]; ok && !strings.EqualFold(p.Key, st.Key) {
			return no("take one of the two lines out", "%s: %s stands beside %s", p.At(), p.Key, st.Key)
		}
		now[k] = st.place
	}
	return nil
}

// twin names a key of one of the two files.
func twin(p place, key string) string { return strconv.Itoa(p.part.file) + key }
