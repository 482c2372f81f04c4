package doctor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/status"
)

// duration is what p asks for, in seconds.
func (p profile) duration() (v awsconfig.Value, seconds int, ok bool) {
	v, ok = p.Get("duration_seconds")
	if !ok {
		return v, 0, false
	}
	seconds, err := strconv.Atoi(v.Text)
	return v, seconds, err == nil
}

// slack is how much shorter than asked for a session may be for other reasons:
// the way to STS and back, and a clock that is read in seconds.
const slack = time.Minute

// roleLimit is about a role whose MaxSessionDuration is under what the profile
// asks for. IAM is not asked, since a role seldom may: STS refused, and what it
// gave in place is what the daemon's session says.
func roleLimit(f *Facts, p profile, r *report) {
	v, seconds, ok := p.duration()
	plan, planned := f.planOf(p)
	if !ok || !planned || seconds <= hour || plan.RoleARN == "" || plan.Base != nil || f.Machine == nil {
		return
	}
	asked := time.Duration(seconds) * time.Second
	show := run("aws", "iam", "get-role", "--role-name", plan.RoleARN[strings.LastIndexByte(plan.RoleARN, '/')+1:], "--query", "Role.MaxSessionDuration")
	s, ok := f.newest(p.Name, plan.RoleARN)
	if file, err := f.Stat(v.File); !ok || err != nil || file.Changed.Truncate(time.Second).After(s.IssuedAt.Time) { // it may be an answer to what stood there before
		r.at(v, Note, fmt.Sprintf("whether the role allows %d seconds is not known yet", seconds), "STS says so with the first session; where it refuses, understudy asks for an hour", show)
		return
	}
	given := s.ExpiresAt.Sub(s.IssuedAt.Time)
	if given < asked-slack {
		r.at(v, Warning, fmt.Sprintf("%s = %d is more than the role allows", v.Key, seconds),
			fmt.Sprintf("STS refused it and gave %d seconds: the role's MaxSessionDuration is less", int(given.Round(time.Minute).Seconds())),
			write("write what the role allows, or have its MaxSessionDuration raised"))
	}
}

// newest is the session of a profile and role that was issued last.
func (f *Facts) newest(name, role string) (last status.Session, ok bool) {
	for _, s := range f.Machine.Sessions {
		if s.RoleARN == role && slices.Contains(s.Profiles, name) && s.IssuedAt.After(last.IssuedAt.Time) {
			last, ok = s, true
		}
	}
	return last, ok
}

// lastAnswer is what the daemon was told when it last asked for the profile.
func lastAnswer(f *Facts, p profile, r *report) {
	if f.Machine == nil {
		return
	}
	name := p.Name
	if asked, ok := p.asks(); ok {
		name = asked
	}
	for _, s := range f.Machine.Sessions {
		if !slices.Contains(s.Profiles, name) || s.LastError == nil || f.outdated(p, name, s) {
			continue
		}
		again := run("understudy", "get", name)
		switch s.State {
		case status.LoginNeeded:
			r.in("", 0, Warning, "a person is needed: "+s.LastError.Message, "no program is served before", run("understudy", "login", name))
		case status.Refused:
			r.in("", 0, Error, s.LastError.Message, "the last answer was no; asked again it says what to do", again)
		default:
			r.in("", 0, Warning, s.LastError.Message, "the last try came to nothing; what is kept is served meanwhile", again)
		}
	}
}

// outdated reports whether s is of what the profile asked for before it was
// changed: of another role, or of one that has been given since, by another way.
func (f *Facts) outdated(p profile, name string, s status.Session) bool {
	if plan, ok := f.planOf(p); ok && plan.RoleARN != s.RoleARN {
		return true
	}
	last, ok := f.newest(name, s.RoleARN)
	return ok && last.IssuedAt.After(s.LastError.At.Time)
}
