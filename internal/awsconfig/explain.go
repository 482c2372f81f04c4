package awsconfig

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// Explain says why Profile does not return name: bad-config with the file and
// line of a header that seems to be the profile's but cannot be read, else
// unknown-profile with the nearest names. It is nil if Profile returns it.
func (c *Config) Explain(name string) *credential.Failure {
	if _, ok := c.Profile(name); ok {
		return nil
	}
	if f := c.misread(name); f != nil {
		return f
	}
	return c.unknown(name)
}

// misread looks for a header that was passed over and seems to be name's.
func (c *Config) misread(name string) *credential.Failure {
	var nameless *credential.Failure
	for _, t := range []*text{c.config, c.credentials} {
		right := fmt.Sprintf("[profile %s]", name)
		if t.grammar == credentialsFile || name == "default" {
			right = fmt.Sprintf("[%s]", name)
		}
		for _, s := range t.astray {
			f := &credential.Failure{
				Code: wire.BadConfig,
				Hint: fmt.Sprintf("write %s there", right),
			}
			place := at(t.path, int(s.line))
			switch {
			case s.name == "" && nameless == nil && s.kind == brokenHead:
				f.Reason = fmt.Sprintf("no profile %q, and the section header at %s cannot be read", name, place)
				nameless = f
			case !strings.EqualFold(s.name, name):
			case s.kind == brokenHead:
				f.Reason = fmt.Sprintf("%s: the header of profile %q cannot be read", place, name)
				return f
			default:
				f.Reason = fmt.Sprintf("%s: the section %q is no profile as it is written", place, s.name)
				return f
			}
		}
	}
	return nameless
}

func (c *Config) unknown(name string) *credential.Failure {
	header := "[profile " + name + "]"
	if name == "default" {
		header = "[default]"
	}
	f := &credential.Failure{
		Code:   wire.UnknownProfile,
		Reason: fmt.Sprintf("no profile %q in %s or %s", name, c.config.path, c.credentials.path),
		Hint:   fmt.Sprintf("run understudy list for those there are; or add %s to %s", header, c.config.path),
	}
	if c.config.src == "" {
		f.Hint = fmt.Sprintf("nothing stands in %s: add %s to it, or have AWS_CONFIG_FILE name another", c.config.path, header)
	}
	if near := c.Nearest(name); len(near) > 0 {
		f.Hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return f
}

const mostNearest = 3

// Nearest returns up to 3 profiles whose names look like name, best first.
func (c *Config) Nearest(name string) []string { return Nearest(name, c.Names()) }

// Nearest returns up to 3 of all that look like name but are not it, best first.
func Nearest(name string, all []string) []string {
	type candidate struct {
		name  string
		score int
	}
	var found []candidate
	want := strings.ToLower(name)
	for _, n := range all {
		if score, ok := unlike(want, strings.ToLower(n)); ok && n != name {
			found = append(found, candidate{n, score})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.score, b.score) })
	var names []string
	for _, f := range found[:min(len(found), mostNearest)] {
		names = append(names, f.name)
	}
	return names
}

// unlike rates how far two names are apart, in typing errors; ok is false when
// they are not alike. A name that starts like the other counts as two errors.
func unlike(a, b string) (score int, ok bool) {
	const longest = 128 // bytes: the work is their product
	if a == b {
		return 0, true
	}
	few := max(1, min(len(a), len(b))/3)
	score, ok = few+1, false
	if len(a) <= longest && len(b) <= longest && max(len(a)-len(b), len(b)-len(a)) <= few {
		score = distance(a, b)
		ok = score <= few
	}
	if a != "" && b != "" && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a)) {
		return min(score, 2), true
	}
	return score, ok
}

// distance counts the bytes to insert, drop, replace, or swap with the next.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
