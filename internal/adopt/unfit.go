package adopt

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"understudy/internal/awsconfig"
)

// unfit says why a profile cannot be moved in, whatever it asks for.
func (in *intent) unfit(drafts [2]*awsconfig.Draft) error {
	at := in.parts[0].at(in.parts[0].Line)
	if !awsconfig.OneWord(in.name) {
		return no("rename the profile to one word of letters, digits and _ - . / : @ + = ,",
			"%s: the name %q is not read alike by every SDK as the last word of a command", at, in.name)
	}
	if line := drafts[0].BesideDefault(); line > 0 && in.name == "default" {
		return no("keep one of the two", "%s: [default] stands beside [profile default], and not every SDK reads the same of them", drafts[0].At(line))
	}
	if why := in.misread(); why != nil {
		return why
	}
	if p, ok := in.static(); ok {
		hint := "move the key into the keychain: understudy keys import " + in.name
		if in.has("aws_session_token") || in.has("aws_security_token") {
			hint = "it belongs to a session that some tool wrote here: take its lines out, and keep the tool from writing them again"
		}
		return no(hint, "%s: %s is plain here, and an SDK takes it before credential_process", p.At(), p.Key)
	}
	return in.conflict()
}

// misread refuses sections of which some SDK reads another profile than the
// others: two spellings of one name, of which botocore reads the last, and one
// with a header below it that an SDK takes for no header.
func (in *intent) misread() error {
	spelled := map[int]string{}
	for _, p := range in.parts {
		at := p.at(p.Line)
		if before, ok := spelled[p.file]; ok && before != p.Header {
			return no("merge the two", "%s: the profile stands here a second time, spelled another way, and botocore reads the last alone", at)
		}
		spelled[p.file] = p.Header
		for _, k := range p.Spill {
			if name := strings.ToLower(k.Key); moves(name) || isStatic(name) {
				return no("write the header above that line as [profile NAME] alone, and rename a profile with # in its name",
					"%s: some SDK takes the header above this line for none, and %s for a key of %q", p.at(k.Line), k.Key, in.name)
			}
		}
	}
	return nil
}

// static returns the first pair that is part of a plain static key and stays one.
func (in *intent) static() (place, bool) {
	for p := range in.pairs() {
		if !isStatic(strings.ToLower(p.Key)) {
			continue
		}
		if !in.changes(p) {
			return p, true
		}
	}
	return place{}, false
}

func (in *intent) changes(p place) bool {
	for _, r := range in.renames {
		if r.part == p.part && r.Line == p.Line {
			return true
		}
	}
	return false
}

// conflict refuses what could not be told apart on the way out.
func (in *intent) conflict() error {
	first := map[string]rename{}
	added := in.remembered().added
	for _, r := range in.renames {
		if before, ok := first[r.name]; ok && before.part.file != r.part.file {
			return no("keep it in one of the two files", "%s: %s stands in %s too", r.At(), r.Key, before.At())
		}
		first[r.name] = r
		if !in.touched() {
			continue
		}
		if slices.Contains(added, r.name) && !r.off {
			return no("run: understudy release "+in.name+", then this again", "%s: %s was written by hand where adopt had written it", r.At(), r.Key)
		}
		for _, form := range []string{awsconfig.Prefix, awsconfig.Was} {
			if p, ok := in.find(form + r.name); ok && r.name != process {
				return no("take one of the two lines out; where adopt was interrupted, run: understudy release "+in.name,
					"%s: %s stands beside %s", r.At(), r.Key, p.Key)
			}
		}
	}
	return nil
}

// runs reports whether the command line of ours names a program that can be run
// from anywhere.
func runs(command string) bool {
	o, ok := awsconfig.ParseOwn(command)
	if !ok || !filepath.IsAbs(o.Program) {
		return false
	}
	info, err := os.Stat(o.Program)
	return err == nil && info.Mode().IsRegular()
}
