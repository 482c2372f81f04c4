package doctor

import (
	"io/fs"
	"strings"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/source"
	"understudy/internal/status"
)

// Facts is everything that is judged.
type Facts struct {
	Files  awsconfig.Files
	Config *awsconfig.Config // what the files say; an empty one where they cannot be read
	Broken error             // why they cannot be read; nil when they can

	Profiles []string // those to look at; all of them must be in Config
	Asked    string   // the one that a person asked about; empty for all

	// Plan makes a profile's plan without a call to anyone.
	Plan func(profile string) (*credential.Plan, error)
	// Stat looks at a file, through links; the error is fs.ErrNotExist or another.
	Stat func(path string) (File, error)
	// LookPath finds a program on PATH.
	LookPath func(name string) (string, error)
	// HelperVersion asks the helper at an absolute path for its version; nil
	// where no program may be run.
	HelperVersion func(path string) (string, error)
	Version       string // of this program
	Getenv        func(string) string

	Machine *Machine // nil where only the files are looked at
}

// File is what is known of a file or folder.
type File struct {
	Mode    fs.FileMode
	Mine    bool // this user's, or root's; always on systems without owners
	Modes   bool // the permission bits mean what they say
	Changed time.Time
}

// runs reports whether it is a program that this user may start.
func (f File) runs() bool { return f.Mode.IsRegular() && (!f.Modes || f.Mode&0o111 != 0) }

// shared reports whether somebody else may change it.
func (f File) shared() bool { return !f.Mine || f.Modes && f.Mode&0o022 != 0 }

// Machine is what is around the configuration.
type Machine struct {
	Settings error  // why the settings cannot be used
	Socket   string // its path; empty where it has none
	Place    error  // why its folder may not be used; nil for one that is not there yet
	State    string // the state folder; empty where there is none

	Unreached error          // why what listens there cannot be used
	Daemon    *status.Daemon // nil where none runs
	Sessions  []status.Session
	Untrusted error // why the daemon refuses the files that the environment names

	Keychain Keychain
	STS      []source.Clock
}

// Keychain is what came of asking the keychain, without a prompt.
type Keychain struct {
	Mode    string // the setting: auto, keychain, memory; with memory it was not asked
	Absent  bool
	Locked  bool
	Reason  string           // for people, where it is absent or locked
	Reading time.Duration    // how long one read took; 0 where none was made
	NoKeys  map[string]error // why the keys of a profile cannot be had that says they are kept there
}

// profile is one profile as the checks see it.
type profile struct {
	*awsconfig.Profile
	all     []awsconfig.Value
	helper  awsconfig.Value // the credential_process that runs understudy; zero when none does
	program string          // its first word
}

func (f *Facts) profile(name string) (profile, bool) {
	section, ok := f.Config.Profile(name)
	if !ok {
		return profile{}, false
	}
	p := profile{Profile: section, all: section.All()}
	for _, look := range []func(string) (awsconfig.Value, bool){p.plain, p.first} {
		if v, ok := look("credential_process"); ok {
			if own, ours := awsconfig.ParseOwn(bare(v.Text)); ours {
				p.helper, p.program = v, own.Program
				break
			}
		}
	}
	return p, true
}

// bare takes the quotes off a command line that is in quotes as a whole, so that
// it is known for what was meant.
func bare(line string) string {
	if line = strings.TrimSpace(line); wholeInQuotes(line) {
		return line[1 : len(line)-1]
	}
	return line
}

// adopted reports whether SDKs are led to understudy by the profile.
func (p profile) adopted() bool { return p.helper.Text != "" }

// plain returns what the SDKs read for key: without our prefix, the credentials
// file before the config file.
func (p profile) plain(key string) (v awsconfig.Value, ok bool) {
	for _, one := range p.all {
		if strings.EqualFold(one.Key, key) {
			v, ok = one, true
		}
	}
	return v, ok && v.Text != ""
}

// first is plain with the config file before the credentials file.
func (p profile) first(key string) (awsconfig.Value, bool) {
	for _, one := range p.all {
		if strings.EqualFold(one.Key, key) {
			return one, one.Text != ""
		}
	}
	return awsconfig.Value{}, false
}

// prefixed returns what is said for key with our prefix.
func (p profile) prefixed(key string) (awsconfig.Value, bool) {
	return p.plain(awsconfig.Prefix + key)
}

// asks is the profile whose session the helper's command line asks for; ok is
// false when it names none, or several.
func (p profile) asks() (name string, ok bool) {
	words := strings.Fields(bare(p.helper.Text))
	if len(words) > 0 {
		words = words[1:]
	}
	if len(words) > 0 && words[0] == "get" {
		words = words[1:]
	}
	if len(words) > 0 && words[0] == "--profile" {
		words = words[1:]
	} else if len(words) > 0 {
		words[0] = strings.TrimPrefix(words[0], "--profile=")
	}
	if len(words) != 1 {
		return "", false
	}
	return words[0], true
}

// planOf is the plan of what SDKs are served as p.
func (f *Facts) planOf(p profile) (*credential.Plan, bool) {
	name := p.Name
	if asked, ok := p.asks(); ok {
		name = asked
	}
	if _, ok := f.Config.Profile(name); !ok {
		return nil, false
	}
	plan, err := f.Plan(name)
	return plan, err == nil
}
