// Package doctor says why a profile does not reach understudy, what in the
// files some SDK trips on, and what is wrong around it: one finding each, with
// the place, the reason and what mends it.
//
// It judges and gathers nothing: what it is to judge comes in as Facts. What it
// says of the AWS CLI, boto3, the Go SDK and the JavaScript SDK is seen running
// in e2e; what it says of others is read in their sources, and worded so.
package doctor

import (
	"cmp"
	"slices"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/text"
)

// Severity says what a finding costs.
type Severity string

const (
	Error   Severity = "error"   // a profile is not served as it is written, or could be another's
	Warning Severity = "warning" // it is served, but not to every program, not safely, or not for long
	Note    Severity = "note"    // good to know, and nothing is wrong
)

func (s Severity) rank() int { return slices.Index([]Severity{Error, Warning, Note}, s) }

// Finding is one thing that a person should know. It holds no secret. Its JSON
// is what `understudy doctor --json` prints: fields are added, never renamed.
type Finding struct {
	Severity Severity `json:"severity"`
	Check    string   `json:"check"`   // which check found it, one word with dashes
	Profile  string   `json:"profile"` // empty when it is about the files or the machine
	File     string   `json:"file"`    // absolute; empty when it stands in none
	Line     int      `json:"line"`    // from 1; 0 for the file as a whole
	What     string   `json:"what"`
	Why      string   `json:"why"`
	Mend     string   `json:"mend"` // a command as it can be run, or what to write, in words
	Run      bool     `json:"run"`  // it is a command
}

// Sick reports whether a finding asks for something to be done.
func Sick(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity != Note })
}

// check is one question that is asked of the facts.
type check struct {
	name string
	run  func(*Facts, *report)
}

// profileCheck is one question that is asked of each profile.
type profileCheck struct {
	name string
	run  func(*Facts, profile, *report)
}

// files are the checks of the configuration, files and all.
func files() []check {
	return []check{
		{"unreadable", unreadable},
		{"line", lines},
		{"file-mode", fileModes},
	}
}

// surroundings are the checks of what is around the configuration.
func surroundings() []check {
	return []check{
		{"env-keys", environmentKeys},
		{"env-web-identity", environmentToken},
		{"env-profile", environmentProfile},
		{"settings", settingsFile},
		{"socket", socket},
		{"state-folder", stateFolder},
		{"daemon", daemonReached},
		{"daemon-version", daemonVersion},
		{"untrusted", untrusted},
		{"store", store},
		{"keychain", keychainAnswers},
		{"clock", clock},
	}
}

// profiles are the checks of one profile.
func profiles() []profileCheck {
	return []profileCheck{
		{"role-beside", roleBeside},
		{"signer-beside", signerBeside},
		{"web-identity-beside", tokenBeside},
		{"sso-beside", ssoBeside},
		{"login-beside", loginBeside},
		{"keys-beside", keysBeside},
		{"process-beside", processBeside},
		{"net-refuses", netRefuses},
		{"command-line", commandLine},
		{"helper-profile", helperProfile},
		{"helper-missing", helperMissing},
		{"helper-version", helperVersion},
		{"config", planned},
		{"not-plugged-in", notPluggedIn},
		{"plain-keys", plainKeys},
		{"kept-keys", keptKeys},
		{"mfa-unused", mfaUnused},
		{"one-hour", oneHour},
		{"role-limit", roleLimit},
		{"last-answer", lastAnswer},
	}
}

// Examine asks every check: what is wrong with the files and the machine first,
// then each profile in the order of the files, the worst first.
func Examine(f *Facts) []Finding {
	r := &report{}
	for _, c := range files() {
		r.check, r.profile = c.name, ""
		c.run(f, r)
	}
	if f.Machine != nil {
		for _, c := range surroundings() {
			r.check, r.profile = c.name, ""
			c.run(f, r)
		}
	}
	for _, name := range f.Profiles {
		p, ok := f.profile(name)
		if !ok {
			continue
		}
		for _, c := range profiles() {
			r.check, r.profile = c.name, name
			c.run(f, p, r)
		}
	}
	order := map[string]int{"": -1}
	for i, name := range f.Config.Names() {
		order[name] = i
	}
	slices.SortStableFunc(r.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(order[a.Profile], order[b.Profile]), cmp.Compare(a.Severity.rank(), b.Severity.rank()))
	})
	return r.found
}

// report collects findings for the check that is being run.
type report struct {
	check, profile string
	found          []Finding
}

// at adds a finding about one value of the configuration.
func (r *report) at(v awsconfig.Value, s Severity, what, why string, m mend) {
	r.in(v.File, v.Line, s, what, why, m)
}

// in adds a finding about a line of a file, 0 for all of it; no file where it
// stands in none.
func (r *report) in(file string, line int, s Severity, what, why string, m mend) {
	r.found = append(r.found, Finding{
		Severity: s, Check: r.check, Profile: r.profile, File: file, Line: line, What: what, Why: why, Mend: m.text, Run: m.run,
	})
}

// mend is what makes a finding go away.
type mend struct {
	text string
	run  bool
}

// run is a command of these words.
func run(words ...string) mend {
	for i, w := range words {
		words[i] = text.Quote(w)
	}
	return mend{strings.Join(words, " "), true}
}

// write is what to change, in words.
func write(text string) mend { return mend{text, false} }

// hinted makes a mend of a hint of ours: where it names one command, that stands
// at its end. One that helps under a condition alone is told with it.
func hinted(hint string) mend {
	if strings.HasPrefix(hint, "where ") {
		return write(hint)
	}
	if i := strings.LastIndex(hint, ": understudy "); i >= 0 && !strings.Contains(hint[i:], "; ") {
		return mend{hint[i+len(": "):], true}
	}
	return write(hint)
}
