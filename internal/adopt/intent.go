package adopt

import (
	"slices"
	"strings"

	"understudy/internal/awsconfig"
)

// intent is how one profile is to be moved in. There may be several ways; they
// are tried until one leaves everything else as it is.
type intent struct {
	*subject
	outcome Outcome
	place   int // among the profiles asked for

	renames []rename
	made    translation
	line    place  // where our line is already, in a profile moved in before
	again   bool   // line is to be written anew
	command string // in our line; "" for a profile that only gets keys

	base *intent // the profile below, where that is changed along with this one

	offs  uint  // bits: which renames switch their key off where the prefix would do
	above bool  // the line goes above the first pair, not below the header
	first error // of the first way that was tried
}

// rename is a plain key on its way.
type rename struct {
	place
	name string // in small letters
	off  bool   // it cannot carry the prefix: it is switched off
}

// intend looks at a profile and says how it is to be moved in. Its outcome is
// Moved where there is something to do.
func (m *Mover) intend(f Files, drafts [2]*awsconfig.Draft, name string) *intent {
	in := &intent{subject: subjectOf(drafts, name), outcome: Outcome{Profile: name, State: Moved}}
	if why := m.prepare(f, drafts, in); why != nil {
		in.outcome = left(in.outcome, why)
	}
	return in
}

func (m *Mover) prepare(f Files, drafts [2]*awsconfig.Draft, in *intent) error {
	if len(in.parts) == 0 {
		return f.Parse().Explain(in.name)
	}
	line, plugged := in.plugged()
	if !plugged {
		in.made = translate(drafts, in.subject)
	}
	in.outcome.Notes = in.made.notes
	in.line = line
	in.renames = in.plain()
	in.command = m.command(in.name)
	if in.made.serves != "" {
		in.command, in.outcome.Serves = m.command(in.made.serves), in.made.serves
	}
	in.again = plugged && in.line.Value() != in.command && !runs(in.line.Value())
	_, shadowed := in.static()
	if len(in.renames) == 0 && !shadowed && (plugged && !in.again || in.alias()) {
		in.outcome.State = Already
		return nil
	}
	if why := in.unfit(drafts); why != nil {
		return why
	}
	if in.made.base != "" {
		in.base = &intent{subject: subjectOf(drafts, in.made.base), made: translation{tool: in.made.tool, added: in.made.baseAdded}}
		in.base.outcome = Outcome{Profile: in.made.base, State: Moved}
	}
	return nil
}

// alias reports whether the profile only names another one for us to serve.
func (in *intent) alias() bool {
	o, ok := awsconfig.ParseOwn(in.value(process))
	if ok && o.Profile != "" && o.Profile != in.name && in.made.tool == "" {
		in.outcome.Serves = o.Profile
		return true
	}
	return false
}

// plain lists the pairs that have to change: those without our prefix that an
// SDK acts on.
func (in *intent) plain() (all []rename) {
	r := in.remembered()
	_, plugged := in.plugged()
	foreign := plugged && in.isOwn(in.value(process)) // what it stands beside is not run
	for p := range in.pairs() {
		name := strings.ToLower(p.Key)
		switch {
		case in.own(p, r):
		case slices.Contains(in.made.off, name):
			all = append(all, rename{p, name, true})
		case moves(name):
			off := in.has(awsconfig.Prefix+name) || slices.Contains(r.kept, awsconfig.Prefix+name)
			if name == process {
				off = off || isOurs(p.Value()) || foreign
			}
			all = append(all, rename{p, name, off})
		}
	}
	if len(all) == 1 && all[0].name == process && in.made.tool == "" && !plugged {
		if isOurs(all[0].Value()) {
			return nil // another name for a profile that is served
		}
	}
	return all
}

func (in *intent) isOwn(command string) bool {
	o, ok := awsconfig.ParseOwn(command)
	return ok && o.Profile == in.name
}

// apply makes the intent's changes in the drafts.
func (in *intent) apply(drafts [2]*awsconfig.Draft) {
	soft := 0
	for _, r := range in.renames {
		prefix := awsconfig.Prefix
		if r.off {
			prefix = awsconfig.Was
		} else if r.name != process && r.name != "role_arn" {
			if in.offs>>soft&1 == 1 {
				prefix = awsconfig.Was
			}
			soft++
		}
		drafts[r.part.file].Rename(r.Line, prefix+r.Key)
	}
	if in.again {
		drafts[in.line.part.file].Rewrite(in.line.Line, in.line.Key, in.command)
	}
	in.insert(drafts)
}

// softs counts the renames that can be done in two ways: a key that understudy
// passes over where it is plain, as the SDKs do, may be refused with the prefix.
func (in *intent) softs() (n int) {
	for _, r := range in.renames {
		if !r.off && r.name != process && r.name != "role_arn" {
			n++
		}
	}
	return n
}

// insert puts in our line, what was translated, and what is to be remembered.
func (in *intent) insert(drafts [2]*awsconfig.Draft) {
	p := in.parts[0]
	var lines, notes []string
	if in.line.part == nil && in.command != "" {
		lines = append(lines, process+" = "+in.command)
		if in.outcome.Serves != "" {
			notes = append(notes, "+"+process)
		}
	}
	if !in.touched() {
		for pair := range in.pairs() {
			key := strings.ToLower(pair.Key)
			if name, prefixed := bare(key); prefixed && moves(name) && !slices.Contains(notes, key) {
				notes = append(notes, key)
			}
		}
	}
	for _, a := range in.made.added {
		lines = append(lines, awsconfig.Prefix+a.key+" = "+a.value)
		notes = append(notes, "+"+a.key)
	}
	if len(notes) > 0 {
		lines = append(lines, awsconfig.Adopted+" = "+strings.Join(notes, " "))
	}
	if len(lines) == 0 {
		return
	}
	below, indent := p.Line, p.Indent
	if in.above && len(p.Pairs) > 0 {
		below, indent = p.Pairs[0].Line-1, p.Pairs[0].Indent
	}
	for i := range lines {
		lines[i] = indent + lines[i]
	}
	drafts[p.file].Insert(below, lines...)
}
