package doctor

import (
	"path/filepath"
	"slices"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

func unreadable(f *Facts, r *report) {
	if f.Broken != nil {
		r.refused(f.Broken, Error)
	}
}

// lines are those that a reader of the files trips on.
func lines(f *Facts, r *report) {
	for _, p := range f.Config.Problems() {
		if f.Asked != "" && !p.Refused() && p.Profile != "" && !slices.Contains(f.Profiles, p.Profile) {
			continue
		}
		r.profile = p.Profile
		what, why, mend := p.Parts()
		r.in(p.File, p.Line, f.weigh(p), what, why, write(mend))
	}
}

// weigh says how bad a line is: that the SDKs we have seen run refuse the whole
// file for it, or that it is about the helper's command, is the worst.
func (f *Facts) weigh(problem awsconfig.Problem) Severity {
	if problem.Refused() && strings.Contains(problem.Text, "botocore") {
		return Error
	}
	if p, ok := f.profile(problem.Profile); ok && p.adopted() && p.helper.File == problem.File && p.helper.Line == problem.Line {
		return Error
	}
	return Warning
}

// fileModes looks at who else may read or write the files.
func fileModes(f *Facts, r *report) {
	dirs := map[string]bool{}
	for _, path := range []string{f.Files.Config, f.Files.Credentials} {
		st, err := f.Stat(path)
		if err != nil || !st.Mode.IsRegular() {
			continue
		}
		const why = "what stands there decides whom this machine signs requests for, and which programs are run"
		switch {
		case !st.Mine:
			r.in(path, 0, Error, "the file belongs to another user", why, write("make it yours, or name another file"))
		case st.shared():
			r.in(path, 0, st.open(), "others may write to the file", why, run("chmod", "go-w", path))
		case st.Modes && st.Mode&0o044 != 0 && f.holdsKeys(path):
			r.in(path, 0, Warning, "others may read the file, and it holds keys", "a long-lived key opens its account to whoever has read it", run("chmod", "600", path))
		}
		dir := filepath.Dir(path)
		if dirs[dir] {
			continue
		}
		dirs[dir] = true
		if st, err := f.Stat(dir); err == nil && st.shared() {
			r.in(dir, 0, st.open(), "others may write to the folder of the file", "they may put another file in its place", run("chmod", "go-w", dir))
		}
	}
}

// open says how bad it is that others may write: everybody, or a group, which is
// often the user's own.
func (f File) open() Severity {
	if f.Mine && f.Mode&0o002 == 0 {
		return Warning
	}
	return Error
}

func (f *Facts) holdsKeys(path string) bool {
	return slices.ContainsFunc(f.Config.Names(), func(name string) bool {
		p, ok := f.profile(name)
		return ok && slices.ContainsFunc(p.all, func(v awsconfig.Value) bool {
			return v.File == path && strings.EqualFold(v.Key, "aws_secret_access_key")
		})
	})
}

// refused adds a refusal of ours: its place, where its reason begins with one,
// its reason and its hint.
func (r *report) refused(err error, s Severity) {
	failure := credential.AsFailure(err)
	file, line, reason := place(failure.Reason)
	r.in(file, line, s, reason, "", hinted(failure.Hint))
}
