package adopt

import (
	"context"
	"math/bits"
	"strings"

	"understudy/internal/awsconfig"
)

// settle makes the changes of all intents together and holds the new text
// against what was promised: every other line is read as before, each profile
// asks for the same as before, and moving out gives back what was there. An
// intent that breaks one of these goes its next way, or is left.
func (m *Mover) settle(ctx context.Context, f Files, intents []*intent) [2]*awsconfig.Draft {
	for {
		going, drafts := apply(f, intents, func(*intent) bool { return true })
		if len(going) == 0 || m.holds(ctx, f, drafts, going) {
			return drafts
		}
		for _, in := range intents {
			if in.base != nil && in.base.outcome.State == Left {
				in.outcome = left(in.outcome, in.base.outcome.Why)
			}
		}
	}
}

// apply makes the changes of those intents that are not given up and that which
// takes.
func apply(f Files, intents []*intent, which func(*intent) bool) (going []*intent, drafts [2]*awsconfig.Draft) {
	drafts = begin(f)
	for _, in := range intents {
		if in.outcome.State == Moved && which(in) {
			in.apply(drafts)
			going = append(going, in)
		}
	}
	return going, drafts
}

func (m *Mover) holds(ctx context.Context, f Files, drafts [2]*awsconfig.Draft, going []*intent) bool {
	for file, d := range drafts {
		if line := d.Settled(); line > 0 {
			blame(going, file, line).nextPlace(d.At(line))
			return false
		}
	}
	to := textsOf(f, drafts)
	return m.asksTheSame(ctx, f, to.Parse(), going) && returns(f, to, going)
}

func textsOf(f Files, drafts [2]*awsconfig.Draft) Files {
	return Files{f.Files, drafts[0].Text(), drafts[1].Text()}
}

// asksTheSame compares each profile's plan with the one of before. Where another
// tool's keys are translated it is meant to be another, for that profile and for
// those that stand on it.
func (m *Mover) asksTheSame(ctx context.Context, f Files, is *awsconfig.Config, going []*intent) bool {
	_, translated := apply(f, going, func(in *intent) bool { return in.made.tool != "" })
	was := textsOf(f, translated).Parse()
	same := true
	for _, in := range going {
		before, err := m.Resolve(ctx, was, in.serves())
		if err != nil {
			in.outcome, same = left(in.outcome, err), false
			continue
		}
		after, err := m.Resolve(ctx, is, in.serves())
		if err != nil || after.ID != before.ID {
			in.nextKeys(err)
			same = false
		}
	}
	return same
}

// serves is the profile whose plan counts.
func (in *intent) serves() string {
	if in.outcome.Serves != "" {
		return in.outcome.Serves
	}
	return in.name
}

// returns moves everything out again and looks for the first byte that differs.
func returns(f, to Files, going []*intent) bool {
	names := make([]string, len(going))
	for i, in := range going {
		names[i] = in.name
	}
	was, is := Release(f, names), Release(to, names)
	for i, o := range is.Profiles {
		if o.State == Left {
			going[i].outcome = left(going[i].outcome, o.Why)
			return false
		}
	}
	good := true
	for file, pair := range [2][2]string{
		{was.Config.Text(), is.Config.Text()},
		{was.Credentials.Text(), is.Credentials.Text()},
	} {
		if line := differs(pair[0], pair[1]); line > 0 {
			good = false
			in := blame(going, file, line)
			in.outcome = left(in.outcome, no("write the line anew, or rename the keys by hand: docs/configuration.md says which",
				"%s: release could not give the line back as it is", begin(f)[file].At(line)))
		}
	}
	return good
}

// differs returns the number of the first line that is not the same, 0 for none.
func differs(a, b string) int {
	if a == b {
		return 0
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return 1 + strings.Count(a[:i], "\n")
}

// blame returns the intent whose section a line is in.
func blame(going []*intent, file, line int) *intent {
	found, at := going[0], 0
	for _, in := range going {
		for _, p := range in.parts {
			if p.file == file && p.Line <= line && p.Line > at {
				found, at = in, p.Line
			}
		}
	}
	return found
}

// nextPlace puts the new lines elsewhere, or gives up.
func (in *intent) nextPlace(at string) {
	if !in.above && len(in.parts[0].Pairs) > 0 {
		in.above = true
		return
	}
	in.outcome = left(in.outcome, no("start the keys of the section in the first column",
		"%s: a line put into the section would change how this one is read", at))
}

// nextKeys switches other keys off, or gives up because of why.
func (in *intent) nextKeys(why error) {
	if in.first == nil {
		in.first = why
	}
	if n := in.softs(); n <= maxSofts && in.made.tool == "" {
		for in.offs++; in.offs < 1<<n; in.offs++ {
			if bits.OnesCount(in.offs) <= maxOff {
				return
			}
		}
	}
	if in.first == nil {
		in.first = no("rename the keys by hand: docs/configuration.md says which", "%s: with the prefix the profile would ask for something else", in.parts[0].at(in.parts[0].Line))
	}
	in.outcome = left(in.outcome, in.first)
}

// maxSofts and maxOff bound the ways that are tried: keys that may be switched
// off, and how many of them at once.
const (
	maxSofts = 10
	maxOff   = 2
)
